#include "gateway/server/config_file.h"

#include <absl/strings/str_cat.h>
#include <toml++/toml.h>

#include <array>
#include <fstream>
#include <sstream>
#include <string_view>

#include "gateway/base/strings.h"
#include "gateway/server/config_table.h"

namespace streamhub {
namespace {

class FileReader {
 public:
  FileReader(const std::string& path, Config* config,
             std::vector<std::string>* origins)
      : path_(path), config_(config), origins_(origins) {}

  absl::Status ReadSections(const toml::table& root);

 private:
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

std::string_view TypeOf(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a fraction";
    case toml::node_type::boolean:
      return "a boolean";
    default:
      return "a date or time";
  }
}

// What stands there, for an error: short values themselves, else their type.
std::string Found(const toml::node& node) {
  if (node.is_table() || node.is_array()) return std::string(TypeOf(node));
  std::ostringstream text;
  node.visit([&](const auto& value) { text << value; });
  constexpr size_t kFoundMax = 40;
  if (text.str().size() > kFoundMax) return std::string(TypeOf(node));
  return absl::StrCat(ToAbsl(TypeOf(node)), ", ", text.str());
}

absl::Status FileReader::ReadSections(const toml::table& root) {
  for (const auto& [name, node] : root) {
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
