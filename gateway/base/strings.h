// Bridges to Debian's Abseil, whose absl::string_view is a class of its own:
// there is no implicit conversion to or from std::string_view.

#ifndef STREAMHUB_GATEWAY_BASE_STRINGS_H_
#define STREAMHUB_GATEWAY_BASE_STRINGS_H_

#include <absl/strings/string_view.h>

#include <string_view>

namespace streamhub {

inline absl::string_view ToAbsl(std::string_view s) {
  return {s.data(), s.size()};
}

inline std::string_view FromAbsl(absl::string_view s) {
  return {s.data(), s.size()};
}

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_BASE_STRINGS_H_
