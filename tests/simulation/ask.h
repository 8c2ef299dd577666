// A request as a simulated client means it, and as it is written on the wire.

#ifndef STREAMHUB_TESTS_SIMULATION_ASK_H_
#define STREAMHUB_TESTS_SIMULATION_ASK_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/codec/request.h"

namespace streamhub::simulation {

// A rate as asked for, and what the documentation makes of it.
struct Rate {
  std::string_view asked;  // empty: left out
  int64_t period_ns;
  std::string_view told;
};

// The whole ladder, and rates between its steps; quick ones first.
inline constexpr auto kRates = std::to_array<Rate>({
    {"\"unlimited\"", 0, "unlimited"},
    {"100", 10'000'000, "100"},
    {"99.9", 20'000'000, "50"},
    {"21", 50'000'000, "20"},
    {"", 100'000'000, "10"},
    {"7.5", 200'000'000, "5"},
    {"4", 250'000'000, "4"},
    {"2", 500'000'000, "2"},
    {"1", 1'000'000'000, "1"},
    {"0.5", 2'000'000'000, "0.5"},
    {"0.25", 5'000'000'000, "0.2"},
    {"0.1", 10'000'000'000, "0.1"},
    {"0.033333", 30'000'000'000, "0.033333"},
    {"0.03", 60'000'000'000, "0.016667"},
});

struct Ask {
  Request::Type type = Request::Type::kSubscribe;
  std::string id;
  std::vector<RequestSymbol> symbols;
  std::string at;
  bool has_fields = false;
  std::vector<FieldId> fields;  // if has_fields, else all of them
  const Rate* rate = nullptr;   // null: left out

  // As one object of JSON.
  std::string Json() const;

  // As the query of a GET, percent-encoded.
  std::string Query() const;
};

// The set of fields that was asked for, as a name.
std::string FieldsName(bool has_fields, const std::vector<FieldId>& fields);

}  // namespace streamhub::simulation

#endif  // STREAMHUB_TESTS_SIMULATION_ASK_H_
