#include "gateway/server/build_info.h"

namespace streamhub {

// The definitions come from CMakeLists.txt.
const BuildInfo& GetBuildInfo() {
  static constexpr BuildInfo kInfo = {STREAMHUB_VERSION, STREAMHUB_COMPILER,
                                      STREAMHUB_BUILD};
  return kInfo;
}

}  // namespace streamhub
