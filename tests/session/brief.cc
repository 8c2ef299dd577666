#include "tests/session/brief.h"

#include <algorithm>
#include <set>
#include <vector>

#include "tests/support/json_value.h"

namespace streamhub {
namespace {

bool IsLeftOut(std::string_view key) {
  static const std::set<std::string_view> kLeftOut = {
      "type", "time", "epoch", "session", "t", "at",
      // of a symbol's description
      "decimals", "quantity_decimals", "currency", "pip", "name", "feed",
      // of a feed's
      "source", "delay_s", "stale_after_ms", "quiet_after_ms"};
  return kLeftOut.contains(key);
}

bool IsList(std::string_view key) {
  return key == "quotes" || key == "symbols" || key == "feeds";
}

void AppendMembers(const JsonValue& object, std::string_view separator,
                   std::string* out) {
  for (const auto& [key, value] : object.members) {
    if (IsLeftOut(key)) continue;
    if (IsList(key)) {
      AppendMembers(value, separator, out);
      continue;
    }
    if (!out->empty() && out->back() != '{') *out += separator;
    *out += key;
    if (value.kind == JsonValue::Kind::kObject) {
      const size_t before = out->size();
      *out += '{';
      AppendMembers(value, separator, out);
      *out += '}';
      if (out->size() == before + 2) out->resize(before);
    } else {
      *out += '=';
      *out += value.kind == JsonValue::Kind::kNull ? "null" : value.text;
    }
  }
}

std::vector<std::string_view> LinesOf(std::string_view message) {
  std::vector<std::string_view> lines;
  while (!message.empty()) {
    lines.push_back(message.substr(0, message.find('\n')));
    message.remove_prefix(std::min(message.size(), lines.back().size() + 1));
  }
  return lines;
}

}  // namespace

std::string Brief(std::string_view message) {
  std::string brief;
  for (const std::string_view line : LinesOf(message)) {
    if (!brief.empty()) brief += '\n';
    const auto object = JsonReader(line).Read();
    if (!object.has_value() || object->kind != JsonValue::Kind::kObject) {
      brief += "no JSON object: ";
      brief += line;
      continue;
    }
    std::string said(object->Text("type"));
    AppendMembers(*object, " ", &said);
    brief += said;
  }
  return brief;
}

std::string LastText(std::string_view message, std::string_view key) {
  std::string text;
  for (const std::string_view line : LinesOf(message)) {
    const auto object = JsonReader(line).Read();
    if (!object.has_value()) continue;
    if (const JsonValue* const found = object->Find(key)) text = found->text;
  }
  return text;
}

}  // namespace streamhub
