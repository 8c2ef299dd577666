#include "gateway/server/config_file.h"

#include <absl/strings/str_cat.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <utility>

#include "feeds/derived/plan.h"
#include "gateway/base/strings.h"
#include "gateway/server/config_table.h"
#include "gateway/server/derived_table.h"

namespace streamhub {
namespace {

constexpr std::string_view kDerived = "derived";

class FileReader {
 public:
  FileReader(const std::string& path, Config* config,
             std::vector<std::string>* origins)
      : path_(path), config_(config), origins_(origins) {}

  absl::Status ReadSections(const toml::table& root);

 private:
  absl::Status ReadDerived(const toml::node& node);
  absl::Status ReadSection(std::string_view section, const toml::table& table);
  absl::Status ReadKey(const ConfigKey& key, const toml::node& value);
  bool Set(const ConfigKey& key, const toml::node& value);
  bool SetList(const ConfigKey& key, const toml::array& list);

  std::string At(const toml::source_region& source) const {
    return absl::StrCat(path_, ":", source.begin.line, ":",
                        source.begin.column);
  }
  absl::Status Wrong(const toml::source_region& source,
                     std::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrCat(At(source), ": ", ToAbsl(what)));
  }

  const std::string& path_;
  Config* const config_;
  std::vector<std::string>* const origins_;
};

bool IsSection(std::string_view name) {
  for (const ConfigKey& key : ConfigTable()) {
    if (key.section == name) return true;
  }
  return false;
}

bool HasTable(const toml::node& node) {
  const toml::array* array = node.as_array();
  return array != nullptr &&
         std::any_of(array->begin(), array->end(),
                     [](const toml::node& one) { return one.is_table(); });
}

absl::Status FileReader::ReadSections(const toml::table& root) {
  const toml::node* tables = nullptr;
  for (const auto& [name, node] : root) {
    if (name.str() == kDerived && (node.is_table() || HasTable(node))) {
      tables = &node;
      continue;
    }
    const toml::table* table = node.as_table();
    const ConfigKey* key = FindConfigKey(name.str());
    if (table == nullptr && key != nullptr) {
      return Wrong(name.source(),
                   absl::StrCat("the key ", ToAbsl(key->name),
                                " belongs below [", ToAbsl(key->section), "]"));
    }
    if (table == nullptr || !IsSection(name.str())) {
      return Wrong(name.source(),
                   absl::StrCat("unknown ", table ? "section" : "key", " ",
                                ToAbsl(name.str())));
    }
    const absl::Status read = ReadSection(name.str(), *table);
    if (!read.ok()) return read;
  }
  // Last, for a list of the same key replaces what it had.
  return tables == nullptr ? absl::OkStatus() : ReadDerived(*tables);
}

// Tables [[derived]], each one element of the key `derived`.
absl::Status FileReader::ReadDerived(const toml::node& node) {
  const toml::array* tables = node.as_array();
  if (tables == nullptr) {
    return Wrong(node.source(),
                 "derived: expected [[derived]], a table for each symbol");
  }
  std::vector<derived::Definition> definitions;
  for (const toml::node& element : *tables) {
    const toml::table* table = element.as_table();
    if (table == nullptr) {
      return Wrong(element.source(), absl::StrCat("derived: expected a table, "
                                                  "found ",
                                                  Found(element)));
    }
    DerivedTable reader(*table);
    if (!reader.Read()) return Wrong(reader.where(), reader.fault());
    definitions.push_back(reader.definition());
    config_->derived.push_back(derived::FormatDefinition(definitions.back()));
  }
  // Here and not only later: here it is known where they stand.
  size_t at = 0;
  const auto plan = derived::MakePlan(std::move(definitions), &at);
  if (!plan.ok()) {
    return Wrong(tables->get(at)->source(),
                 absl::StrCat("derived: ", plan.status().message()));
  }
  const auto index =
      static_cast<size_t>(FindConfigKey(kDerived) - ConfigTable().data());
  (*origins_)[index] = At(tables->source());
  return absl::OkStatus();
}

absl::Status FileReader::ReadSection(std::string_view section,
                                     const toml::table& table) {
  for (const auto& [name, node] : table) {
    const ConfigKey* key = FindConfigKey(name.str());
    if (key == nullptr) {
      return Wrong(name.source(), absl::StrCat("unknown key ", ToAbsl(section),
                                               ".", ToAbsl(name.str())));
    }
    if (key->section != section) {
      return Wrong(name.source(),
                   absl::StrCat("the key ", ToAbsl(key->name),
                                " belongs below [", ToAbsl(key->section), "]"));
    }
    const absl::Status read = ReadKey(*key, node);
    if (!read.ok()) return read;
    const auto index = static_cast<size_t>(key - ConfigTable().data());
    (*origins_)[index] = At(name.source());
  }
  return absl::OkStatus();
}

absl::Status FileReader::ReadKey(const ConfigKey& key,
                                 const toml::node& value) {
  if (Set(key, value)) return absl::OkStatus();
  return Wrong(
      value.source(),
      absl::StrCat(ToAbsl(key.section), ".", ToAbsl(key.name), ": expected ",
                   key.Expected(), ", found ", Found(value)));
}

bool FileReader::Set(const ConfigKey& key, const toml::node& value) {
  if (const auto* list = value.as_array()) return SetList(key, *list);
  if (key.IsList()) return false;
  if (const auto* whole = value.as_integer()) {
    return key.SetInteger(whole->get(), config_);
  }
  if (const auto* number = value.as_floating_point()) {
    return key.SetNumber(number->get(), config_);
  }
  if (const auto* flag = value.as_boolean()) {
    return key.SetSwitch(flag->get(), config_);
  }
  // A string is a text, or the word that a number may be instead.
  const auto* text = value.as_string();
  return text != nullptr &&
         (std::holds_alternative<std::string Config::*>(key.member) ||
          (!key.infinite.empty() && text->get() == key.infinite)) &&
         key.SetText(text->get(), config_);
}

bool FileReader::SetList(const ConfigKey& key, const toml::array& list) {
  if (!key.IsList()) return false;
  key.ClearList(config_);
  for (const toml::node& element : list) {
    const auto* text = element.as_string();
    if (text == nullptr || !key.SetText(text->get(), config_)) return false;
  }
  return true;
}

}  // namespace

absl::Status ReadConfigFile(const std::string& path, Config* config,
                            std::vector<std::string>* origins) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::array<char, 4096> piece;
  do {
    // Unlike an iterator it does not throw, of a folder for example.
    file.read(piece.data(), piece.size());
    text.append(piece.data(), static_cast<size_t>(file.gcount()));
  } while (file.good());
  if (!file.is_open() || file.bad()) {
    return absl::NotFoundError(
        absl::StrCat("--config: cannot read the file ", path));
  }
  // The one thing here that reports by throwing.
  try {
    const toml::table root = toml::parse(text, path);
    return FileReader(path, config, origins).ReadSections(root);
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ":", error.source().begin.line, ":", error.source().begin.column,
        ": ", ToAbsl(error.description())));
  }
}

}  // namespace streamhub
