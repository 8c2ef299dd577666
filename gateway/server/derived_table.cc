#include "gateway/server/derived_table.h"

#include <absl/strings/str_cat.h>

#include <sstream>

#include "gateway/base/strings.h"
#include "gateway/market/symbol.h"

namespace streamhub {
namespace {

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

// The value as a text, empty if it is none.
std::string_view TextOf(const toml::node& value) {
  const auto* text = value.as_string();
  return text == nullptr ? std::string_view() : std::string_view(text->get());
}

}  // namespace

std::string Found(const toml::node& node) {
  if (node.is_table() || node.is_array()) return std::string(TypeOf(node));
  std::ostringstream text;
  node.visit([&](const auto& value) { text << value; });
  constexpr size_t kFoundMax = 40;
  if (text.str().size() > kFoundMax) return std::string(TypeOf(node));
  return absl::StrCat(ToAbsl(TypeOf(node)), ", ", text.str());
}

bool DerivedTable::Wrong(const toml::source_region& where,
                         std::string_view fault) {
  where_ = where;
  fault_ = absl::StrCat("derived", key_.empty() ? "" : ".", key_, ": ",
                        ToAbsl(fault));
  return false;
}

bool DerivedTable::Expected(std::string_view expected,
                            const toml::node& found) {
  return Wrong(found.source(), absl::StrCat("expected ", ToAbsl(expected),
                                            ", found ", Found(found)));
}

bool DerivedTable::Read() {
  for (const auto& [name, value] : table_) {
    key_ = name.str();
    // Behind what they weigh.
    if (key_ == "weights") continue;
    if (!ReadKey(key_, value)) {
      // It is the key itself that nobody knows.
      if (fault_.empty()) Wrong(name.source(), "unknown key");
      return false;
    }
  }
  if (!ReadWeights()) return false;
  key_.clear();
  for (const char* needed : {"symbol", "kind", "of"}) {
    if (!table_.contains(needed)) {
      return Wrong(table_.source(),
                   absl::StrCat("the key ", needed, " is missing"));
    }
  }
  const absl::Status status = derived::CheckDefinition(definition_);
  return status.ok() || Wrong(table_.source(), FromAbsl(status.message()));
}

template <typename T>
bool DerivedTable::ReadWord(const toml::node& value, std::optional<T> found,
                            T* word, std::string_view expected) {
  if (!found.has_value()) return Expected(expected, value);
  *word = *found;
  return true;
}

bool DerivedTable::ReadKey(std::string_view key, const toml::node& value) {
  using derived::FindKind, derived::FindOperation, derived::FindRounding;
  if (key == "symbol") return ReadText(value, &definition_.symbol);
  if (key == "name") return ReadText(value, &definition_.name);
  if (key == "currency") return ReadText(value, &definition_.currency);
  if (key == "of") return ReadInputs(value);
  if (key == "kind") {
    return ReadWord(value, FindKind(TextOf(value)), &definition_.kind,
                    "mid, spread, cross or basket");
  }
  if (key == "operation") {
    return ReadWord(value, FindOperation(TextOf(value)), &definition_.operation,
                    "divide or multiply");
  }
  if (key == "rounding") {
    return ReadWord(value, FindRounding(TextOf(value)), &definition_.rounding,
                    "half-even, half-up, down or up");
  }
  if (key == "divisor") return ReadDecimal(value, &definition_.divisor);
  if (key == "decimals") {
    const auto* whole = value.as_integer();
    if (whole == nullptr || whole->get() < 0 || whole->get() > kDecimalsMax) {
      return Expected(absl::StrCat("an integer from 0 to ", kDecimalsMax),
                      value);
    }
    definition_.decimals = static_cast<int>(whole->get());
    return true;
  }
  return false;
}

bool DerivedTable::ReadText(const toml::node& value, std::string* text) {
  if (!value.is_string()) return Expected("a text", value);
  *text = TextOf(value);
  return true;
}

bool DerivedTable::ReadInputs(const toml::node& value) {
  const toml::array* list = value.as_array();
  if (list == nullptr) return Expected("a list of symbols", value);
  for (const toml::node& element : *list) {
    if (!element.is_string()) return Expected("a symbol", element);
    definition_.inputs.push_back({std::string(TextOf(element)), {}});
  }
  return true;
}

bool DerivedTable::ReadWeights() {
  key_ = "weights";
  const toml::node* value = table_.get(key_);
  if (value == nullptr) return true;
  const toml::array* list = value->as_array();
  if (list == nullptr) return Expected("a list of numbers", *value);
  if (list->size() != definition_.inputs.size()) {
    return Wrong(
        value->source(),
        absl::StrCat("expected a weight for each symbol, ",
                     definition_.inputs.size(), ", found ", list->size()));
  }
  for (size_t i = 0; i < list->size(); ++i) {
    if (!ReadDecimal(*list->get(i), &definition_.inputs[i].weight))
      return false;
  }
  return true;
}

bool DerivedTable::ReadDecimal(const toml::node& value,
                               derived::Decimal* decimal) {
  const auto* whole = value.as_integer();
  const auto read =
      derived::ParseDecimal(whole != nullptr ? absl::StrCat(whole->get())
                                             : std::string(TextOf(value)));
  if (!read.has_value()) {
    return Expected(
        "an integer, or a number in quotes, such as \"0.25\", so that it is "
        "exact: up to 18 digits, 12 of them decimals",
        value);
  }
  *decimal = *read;
  return true;
}

}  // namespace streamhub
