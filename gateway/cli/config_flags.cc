#include "gateway/cli/config_flags.h"

#include <absl/strings/str_cat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "gateway/base/log.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

std::string TypeName(const ConfigKey& key) {
  if (key.IsList()) return "TEXT";
  if (!key.infinite.empty()) {
    return absl::StrCat("NUMBER|", ToAbsl(key.infinite));
  }
  if (std::holds_alternative<std::string Config::*>(key.member)) return "TEXT";
  return "NUMBER";
}

std::string Help(const ConfigKey& key) {
  const std::string normal = key.ToToml(Config());
  return absl::StrCat(ToAbsl(key.help), " [", normal, "]");
}

LogLevel LevelOf(std::string_view name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warning") return LogLevel::kWarning;
  return name == "error" ? LogLevel::kError : LogLevel::kInfo;
}

std::map<std::string, std::string> OurEnvironment() {
  std::map<std::string, std::string> variables;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view variable = *at;
    const size_t equals = variable.find('=');
    if (!variable.starts_with("STREAMHUB_") || equals == variable.npos) {
      continue;
    }
    variables.emplace(variable.substr(0, equals), variable.substr(equals + 1));
  }
  return variables;
}

}  // namespace

ConfigFlags::ConfigFlags(CLI::App& app,
                         std::initializer_list<std::string_view> without) {
  app.add_option("--config", file_,
                 "TOML file with any of these settings (see gen-config)")
      ->type_name("FILE");
  for (const ConfigKey& key : ConfigTable()) {
    if (std::find(without.begin(), without.end(), key.name) != without.end()) {
      continue;
    }
    const auto give = [this, &key](std::vector<std::string> values) {
      given_.push_back({&key, std::move(values), key.Flag()});
    };
    CLI::Option* option = nullptr;
    if (key.IsSwitch()) {
      // Not CLI11's flag, which throws at --loop=maybe.
      option = app.add_option(
                      key.Flag(),
                      [give](const CLI::results_t& values) {
                        give({values.back()});
                        return true;
                      },
                      Help(key), false)
                   ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
                   ->expected(0);
    } else if (key.IsList()) {
      option = app.add_option_function<std::vector<std::string>>(
                      key.Flag(), give, Help(key))
                   ->allow_extra_args(false)
                   ->type_name(TypeName(key));
      // Names of files may hold the separator that variables use.
      if (key.separator == ',') option->delimiter(',');
    } else {
      option =
          app.add_option_function<std::string>(
                 key.Flag(),
                 [give](const std::string& value) { give({value}); }, Help(key))
              ->type_name(TypeName(key));
    }
    option->group("[" + std::string(key.section) + "]");
  }
}

absl::StatusOr<EffectiveConfig> ConfigFlags::Load(
    const std::vector<ConfigFlag>& further) const {
  ConfigInputs inputs;
  inputs.file = file_;
  inputs.environment = OurEnvironment();
  inputs.flags = given_;
  inputs.flags.insert(inputs.flags.end(), further.begin(), further.end());
  return LoadConfig(inputs);
}

void ApplyLogLevel(const Config& config) {
  SetLogLevel(LevelOf(config.log_level));
}

void BeginLog(const EffectiveConfig& effective) {
  ApplyLogLevel(effective.config);
  SetLogFormat(effective.config.log_format == "json" ? LogFormat::kJson
                                                     : LogFormat::kText);
  for (const std::string& warning : effective.warnings) LogWarning(warning);
}

}  // namespace streamhub
