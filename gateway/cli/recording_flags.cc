#include "gateway/cli/recording_flags.h"

#include <CLI/CLI.hpp>
#include <string_view>
#include <utility>

#include "gateway/base/check.h"
#include "gateway/server/config_table.h"

namespace streamhub {
namespace {

// Of [replay]; the others are about its pace and its end.
constexpr std::string_view kKeys[] = {"format",       "date",        "timezone",
                                      "session_roll", "csv_columns", "csv_time",
                                      "csv_decimals", "symbol"};

}  // namespace

RecordingFlags::RecordingFlags(CLI::App& app) {
  for (const std::string_view name : kKeys) {
    const ConfigKey* const key = FindConfigKey(name);
    STREAMHUB_CHECK(key != nullptr);
    const auto give = [this, key](std::vector<std::string> values) {
      given_.push_back({key, std::move(values), key->Flag()});
    };
    CLI::Option* option = nullptr;
    if (key->IsList()) {
      option = app.add_option_function<std::vector<std::string>>(
                      key->Flag(), give, std::string(key->help))
                   ->allow_extra_args(false)
                   ->delimiter(key->separator);
    } else {
      option = app.add_option_function<std::string>(
          key->Flag(), [give](const std::string& value) { give({value}); },
          std::string(key->help));
    }
    option->type_name("TEXT")->group("Recordings");
  }
}

absl::StatusOr<ReplayOptions> RecordingFlags::Options() const {
  ConfigInputs inputs;
  inputs.flags = given_;
  const auto loaded = LoadConfig(inputs);
  if (!loaded.ok()) return loaded.status();
  const Config& config = loaded->config;
  ReplayOptions options;
  options.date = config.date;
  options.timezone = config.timezone;
  options.session_roll = config.session_roll;
  options.format = config.format;
  options.csv_columns = config.csv_columns;
  options.csv_time = config.csv_time;
  options.csv_decimals = config.csv_decimals;
  options.symbol = config.symbol;
  return options;
}

}  // namespace streamhub
