// A table [[derived]] of the configuration file, read into a definition, and
// what stands in a TOML document, for errors. A part of config_file.cc; nobody
// else should have to compile TOML. Main thread, at start.

#ifndef STREAMHUB_GATEWAY_SERVER_DERIVED_TABLE_H_
#define STREAMHUB_GATEWAY_SERVER_DERIVED_TABLE_H_

#include <toml++/toml.h>

#include <optional>
#include <string>
#include <string_view>

#include "feeds/derived/definition.h"

namespace streamhub {

// What stands there: short values themselves, else their type.
std::string Found(const toml::node& node);

class DerivedTable {
 public:
  // `table` outlives it.
  explicit DerivedTable(const toml::table& table) : table_(table) {}

  // False if fault() says what is wrong at where().
  bool Read();

  const derived::Definition& definition() const { return definition_; }
  const toml::source_region& where() const { return where_; }
  const std::string& fault() const { return fault_; }

 private:
  bool ReadKey(std::string_view key, const toml::node& value);
  bool ReadText(const toml::node& value, std::string* text);
  bool ReadInputs(const toml::node& value);
  bool ReadWeights();
  bool ReadDecimal(const toml::node& value, derived::Decimal* decimal);
  template <typename T>
  bool ReadWord(const toml::node& value, std::optional<T> found, T* word,
                std::string_view expected);

  bool Wrong(const toml::source_region& where, std::string_view fault);
  bool Expected(std::string_view expected, const toml::node& found);

  const toml::table& table_;
  derived::Definition definition_;
  std::string key_;  // at hand
  toml::source_region where_;
  std::string fault_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_DERIVED_TABLE_H_
