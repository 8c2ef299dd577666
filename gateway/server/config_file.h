// Reads a TOML file (TOML 1.0) into a Config. Main thread, at start.

#ifndef STREAMHUB_GATEWAY_SERVER_CONFIG_FILE_H_
#define STREAMHUB_GATEWAY_SERVER_CONFIG_FILE_H_

#include <absl/status/status.h>

#include <string>
#include <vector>

#include "gateway/server/config.h"

namespace streamhub {

// Sets in `*config` what the file at `path` says and notes in `*origins`, for
// each such key of ConfigTable(), "path:line:column"; tables [[derived]] are
// added to the key `derived`, as texts. NotFound if it cannot be
// read; InvalidArgument, as "path:line:column: what", for bad TOML, an unknown
// key or section, a value of the wrong type or out of its range.
absl::Status ReadConfigFile(const std::string& path, Config* config,
                            std::vector<std::string>* origins);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_CONFIG_FILE_H_
