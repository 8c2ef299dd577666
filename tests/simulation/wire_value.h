// Reads a field's value back from the wire, without a look at how the product
// writes it.

#ifndef STREAMHUB_TESTS_SIMULATION_WIRE_VALUE_H_
#define STREAMHUB_TESTS_SIMULATION_WIRE_VALUE_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/market/field.h"
#include "tests/support/json_value.h"

namespace streamhub::simulation {

// "-1.50" with two decimals is -150. nullopt if the number of digits after the
// point is another one, or the number does not fit.
std::optional<int64_t> Scaled(std::string_view text, int decimals);

std::optional<int64_t> WireValue(FieldId field, const JsonValue& json,
                                 int price_decimals, int quantity_decimals);

}  // namespace streamhub::simulation

#endif  // STREAMHUB_TESTS_SIMULATION_WIRE_VALUE_H_
