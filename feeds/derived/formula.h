// The formula of a derived symbol, ready to be computed: prices in, prices out.
// Pure; no allocation once made.
//
// A quote that is made of quotes tells what one could get: its bid is made of
// the sides at which one sells, its ask of those at which one buys.
//
//   mid(A)            last = (bid + ask) / 2
//   spread(A)         last = ask - bid
//   spread(A,B)       bid = A.bid - B.ask   ask = A.ask - B.bid
//                     last = A.last - B.last
//   cross(A,B)        bid = A.bid / B.ask   ask = A.ask / B.bid
//                     last = A.last / B.last
//   ... multiply      bid = A.bid * B.bid   ask = A.ask * B.ask
//                     last = A.last * B.last
//   cross(A)          bid = 1 / A.ask       ask = 1 / A.bid     last = 1 / last
//   basket(W*A,...)   the sum of W * A over the divisor, of each; where W is
//                     below 0 bid is made of A.ask and ask of A.bid
//
// Of a cross the second is a rate (of one symbol, that one): bid and ask are
// empty where it is not above 0; where a price of the first is below 0 the
// other side of the rate is the worse one, and taken. What is made of something
// empty is empty, and so is a quotient by 0. So is, and counted, what does not
// fit: 64 bits, or 128 in between.

#ifndef STREAMHUB_FEEDS_DERIVED_FORMULA_H_
#define STREAMHUB_FEEDS_DERIVED_FORMULA_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "feeds/derived/definition.h"
#include "feeds/derived/exact.h"
#include "gateway/market/field.h"

namespace streamhub::derived {

// Scaled by the decimals of the symbol; kEmpty: there is none.
struct Prices {
  int64_t bid = kEmpty;
  int64_t ask = kEmpty;
  int64_t last = kEmpty;

  bool operator==(const Prices&) const = default;
};

class Formula {
 public:
  // `definition` is one that CheckDefinition approves of. The decimals, 0 to
  // kDecimalsMax, of the inputs in its order, and of the result.
  // InvalidArgument if weights and decimals together need more than 128 bits.
  static absl::StatusOr<Formula> Make(const Definition& definition,
                                      std::span<const int> input_decimals,
                                      int decimals);

  // Whether the result has bid and ask, or `last` alone.
  bool has_quote() const { return has_quote_; }

  // `inputs`: of each input, in the definition's order. `*too_big` grows by the
  // number of prices that are empty because they do not fit.
  Prices Compute(std::span<const Prices> inputs, int64_t* too_big) const;

 private:
  enum class Form { kMid, kWidth, kSum, kQuotient, kReciprocal, kProduct };
  enum class Side { kBid, kAsk, kLast };

  // False if the result does not fit. `*price` is set otherwise; to kEmpty if
  // an input is missing.
  bool ComputeOne(std::span<const Prices> inputs, Side side,
                  int64_t* price) const;
  bool Sum(std::span<const Prices> inputs, Side side, int64_t* price) const;
  bool Quotient(int64_t over, int64_t under, int64_t* price) const;
  bool Product(int64_t first, int64_t second, int64_t* price) const;
  // n * multiplier / divisor, rounded.
  bool Finish(Int128 n, int64_t* price) const;

  // 10^exponent as a multiplier, or its reciprocal as a divisor. False if that
  // does not fit.
  bool Shift(int exponent, Int128 divisor);

  Form form_ = Form::kMid;
  bool has_quote_ = false;
  Rounding rounding_ = Rounding::kHalfEven;
  std::vector<Int128> weights_;  // of a sum; scaled alike
  Int128 multiplier_ = 1;
  Int128 divisor_ = 1;
};

}  // namespace streamhub::derived

#endif  // STREAMHUB_FEEDS_DERIVED_FORMULA_H_
