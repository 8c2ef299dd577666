// What an operator says of a derived symbol, and the text that says it. Pure.
//
//   EUR/GBP = cross(EUR/USD, GBP/USD) decimals=5 currency=GBP
//   BUND/OAT = basket(2*FGBL, -1.5*FOAT) rounding=half-up name="Bund over OAT"
//
//   definition := symbol "=" kind "(" input { "," input } ")" { option }
//   kind       := "mid" | "spread" | "cross" | "basket"
//   input      := [ decimal "*" ] symbol
//   option     := name "=" value
//   name       := "decimals" | "rounding" | "operation" | "divisor" |
//                 "name" | "currency"
//
// A symbol or value is a word without spaces, quotes and any of , ( ) = * ; or
// stands in quotes, where \" and \\ are a quote and a backslash. Spaces and
// tabs may be between all that.

#ifndef STREAMHUB_FEEDS_DERIVED_DEFINITION_H_
#define STREAMHUB_FEEDS_DERIVED_DEFINITION_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/derived/exact.h"

namespace streamhub::derived {

enum class Kind : uint8_t {
  kMid,     // of one symbol: the middle of bid and ask
  kSpread,  // of one symbol: ask - bid; of two: the first less the second
  kCross,   // of two: their quotient or product; of one: its reciprocal
  kBasket,  // of 1 to kInputsMax: the sum of weight * price, over `divisor`
};

enum class Operation : uint8_t { kDivide, kMultiply };

// Of one derived symbol.
inline constexpr size_t kInputsMax = 64;

struct Input {
  std::string symbol;
  Decimal weight;  // 1, unless it is a basket's; never 0

  bool operator==(const Input&) const = default;
};

struct Definition {
  std::string symbol;
  Kind kind = Kind::kMid;
  std::vector<Input> inputs;
  Operation operation = Operation::kDivide;  // of a cross of two
  Decimal divisor;                           // of a basket; above 0
  // None: as many as the input that has the most; of a mid one more.
  std::optional<int> decimals;
  Rounding rounding = Rounding::kHalfEven;
  std::string name;      // empty: the formula itself
  std::string currency;  // empty: that of the inputs if it is the same, unless
                         // it is a cross

  bool operator==(const Definition&) const = default;
};

// By the words that operators write.
std::optional<Kind> FindKind(std::string_view word);
std::optional<Operation> FindOperation(std::string_view word);
std::optional<Rounding> FindRounding(std::string_view word);

// Digits with a sign and a point or without: at most kDecimalsMax decimals, and
// 18 digits in all.
std::optional<Decimal> ParseDecimal(std::string_view text);
std::string FormatDecimal(const Decimal& decimal);

// Makes a definition of the text. InvalidArgument: "at byte N: what", counted
// from 1, or what CheckDefinition says.
absl::StatusOr<Definition> ParseDefinition(std::string_view text);

// InvalidArgument if it is none that can be computed: names that are no
// symbols, too few or too many inputs, one that is there twice, options of
// another kind, numbers out of their range, text that is not UTF-8.
absl::Status CheckDefinition(const Definition& definition);

// The text that reads back to the same definition, which CheckDefinition
// approves of.
std::string FormatDefinition(const Definition& definition);

// "cross(EUR/USD,GBP/USD)"
std::string FormatFormula(const Definition& definition);

}  // namespace streamhub::derived

#endif  // STREAMHUB_FEEDS_DERIVED_DEFINITION_H_
