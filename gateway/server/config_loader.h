// Puts the configuration together: flag before environment before file before
// default. Main thread, at start.

#ifndef STREAMHUB_GATEWAY_SERVER_CONFIG_LOADER_H_
#define STREAMHUB_GATEWAY_SERVER_CONFIG_LOADER_H_

#include <absl/status/statusor.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/server/config.h"
#include "gateway/server/config_table.h"

namespace streamhub {

// Something said on the command line. It replaces a list as a whole.
struct ConfigFlag {
  const ConfigKey* key = nullptr;
  std::vector<std::string> values;  // of a list any number, else one
  std::string origin;               // for messages: "--port"
};

struct ConfigInputs {
  std::string file = {};  // path of a TOML 1.0 file; empty: none
  // Variables by name. Those that do not begin with STREAMHUB_ are passed
  // over; STREAMHUB_CONFIG is `file`, if that is empty. A list is written with
  // its separator between the elements.
  std::map<std::string, std::string> environment = {};
  std::vector<ConfigFlag> flags = {};
};

struct EffectiveConfig {
  Config config;
  std::string file;  // that was read; empty: none
  // Where each value of ConfigTable() is from, in its order: "default",
  // "streamhub.toml:3:8", "STREAMHUB_PORT", "--port".
  std::vector<std::string> origins;
  // One line each: what was set and will not be used.
  std::vector<std::string> warnings;
};

// NotFound if the file cannot be read. InvalidArgument, in one line: what is
// wrong and where, by flag, by variable, or by file:line:column and key, and
// what was expected there.
absl::StatusOr<EffectiveConfig> LoadConfig(const ConfigInputs& inputs);

// A file with every key at its default and its help in a comment.
std::string GenerateConfig();

// The same with the values of `effective`, and where each is from in the
// comment. Reads back as it was printed.
std::string PrintConfig(const EffectiveConfig& effective);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_CONFIG_LOADER_H_
