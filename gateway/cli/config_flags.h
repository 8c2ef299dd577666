// The configuration's keys as flags of a subcommand. Main thread.

#ifndef STREAMHUB_GATEWAY_CLI_CONFIG_FLAGS_H_
#define STREAMHUB_GATEWAY_CLI_CONFIG_FLAGS_H_

#include <absl/status/statusor.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/server/config_loader.h"

namespace CLI {
class App;
}  // namespace CLI

namespace streamhub {

class ConfigFlags {
 public:
  // Adds --config and a flag for each key of the table that is not in
  // `without`. Has to outlive `app`'s parsing, in its place.
  ConfigFlags(CLI::App& app, std::initializer_list<std::string_view> without);

  ConfigFlags(const ConfigFlags&) = delete;
  ConfigFlags& operator=(const ConfigFlags&) = delete;

  // The configuration by what was parsed, `further` flags, the environment of
  // the process and the file. Errors as LoadConfig().
  absl::StatusOr<EffectiveConfig> Load(
      const std::vector<ConfigFlag>& further) const;

 private:
  std::string file_;
  std::vector<ConfigFlag> given_;
};

// Sets what is logged. Any thread.
void ApplyLogLevel(const Config& config);

// Sets what is logged, and logs what was found in the configuration.
void BeginLog(const EffectiveConfig& effective);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_CONFIG_FLAGS_H_
