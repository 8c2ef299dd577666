// What this binary is.

#ifndef STREAMHUB_GATEWAY_SERVER_BUILD_INFO_H_
#define STREAMHUB_GATEWAY_SERVER_BUILD_INFO_H_

#include <string_view>

namespace streamhub {

struct BuildInfo {
  std::string_view version;   // "0.1.0"
  std::string_view compiler;  // "GNU 12.2.0"
  std::string_view build;     // "Release"; with its sanitizers, if any
};

const BuildInfo& GetBuildInfo();

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_BUILD_INFO_H_
