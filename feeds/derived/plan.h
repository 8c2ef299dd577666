// All derived symbols of a market together: whether they can be, and in which
// order they are computed. Pure.

#ifndef STREAMHUB_FEEDS_DERIVED_PLAN_H_
#define STREAMHUB_FEEDS_DERIVED_PLAN_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "feeds/derived/definition.h"

namespace streamhub::derived {

// Of one market.
inline constexpr size_t kDefinitionsMax = 10'000;

// A derived symbol stands behind those that it is made of.
struct Plan {
  std::vector<Definition> definitions;
};

// InvalidArgument if two have the same symbol, one needs itself, also by way of
// others, or there are too many. `*at`, if it is given, is then the index of
// the definition that is wrong.
absl::StatusOr<Plan> MakePlan(std::vector<Definition> definitions,
                              size_t* at = nullptr);

// Of the texts that ParseDefinition reads. An error begins with the text.
absl::StatusOr<Plan> MakePlan(std::span<const std::string> texts);

}  // namespace streamhub::derived

#endif  // STREAMHUB_FEEDS_DERIVED_PLAN_H_
