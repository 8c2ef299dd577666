// The one table of all that can be configured. Each row makes a key of the
// file (`[server] admin_port = 8081`), a flag (`--admin-port 8081`), a variable
// (`STREAMHUB_ADMIN_PORT=8081`) and its line of the generated file. Immutable;
// any thread.

#ifndef STREAMHUB_GATEWAY_SERVER_CONFIG_TABLE_H_
#define STREAMHUB_GATEWAY_SERVER_CONFIG_TABLE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/server/config.h"

namespace streamhub {

struct ConfigKey {
  using Member =
      std::variant<std::string Config::*, int Config::*, int64_t Config::*,
                   double Config::*, bool Config::*,
                   std::vector<std::string> Config::*>;

  std::string_view section;  // of the file
  std::string_view name;     // unique in the whole table: flags have no section
  Member member;
  std::string_view help;  // one line

  // Of numbers, both inclusive.
  double min = 0;
  double max = 0;
  // The word for "no limit" that a number may be instead; none if empty.
  std::string_view infinite = {};

  // What is between the elements of a list that is one text: no origin, topic
  // or symbol has a comma in it, names of files are as in PATH, and formulas
  // have commas.
  char separator = ',';

  // Of texts: which ones are good, and what they are called in an error.
  bool (*valid)(std::string_view) = nullptr;
  std::string_view expected = {};

  // Whether a reload changes it; if not, it waits for a restart.
  bool live = false;

  std::string Flag() const;      // "--admin-port"
  std::string Variable() const;  // "STREAMHUB_ADMIN_PORT"
  bool IsSwitch() const {
    return std::holds_alternative<bool Config::*>(member);
  }
  bool IsList() const {
    return std::holds_alternative<std::vector<std::string> Config::*>(member);
  }

  // "an integer from 0 to 65535": what an error says it wanted.
  std::string Expected() const;

  // Each sets the member if `value` is of its type and in its range, and
  // returns whether it was. Texts are what flags and variables hold: numbers
  // in decimal, switches as true or false, of a list one more element.
  bool SetText(std::string_view value, Config* config) const;
  bool SetInteger(int64_t value, Config* config) const;
  bool SetNumber(double value, Config* config) const;
  bool SetSwitch(bool value, Config* config) const;

  // Empties a list; leaves anything else as it is.
  void ClearList(Config* config) const;

  // The member's value as the file has it: `8081`, `"127.0.0.1"`, `["a"]`.
  std::string ToToml(const Config& config) const;
};

// Grouped by section, in the order in which they are told.
std::span<const ConfigKey> ConfigTable();

// Null if there is none.
const ConfigKey* FindConfigKey(std::string_view name);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_CONFIG_TABLE_H_
