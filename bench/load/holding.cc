#include "bench/load/holding.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>

#include "gateway/base/strings.h"
#include "gateway/codec/json.h"

namespace streamhub::load {
namespace {

// What stands behind a name: "", "@0", "@12", "@12q".
std::string CursorOf(const Holding& holding, const Held& held) {
  if (holding.at().empty() || (held.version == 0 && !held.told)) return {};
  return absl::StrCat("@", held.version, held.quiet ? "q" : "");
}

}  // namespace

bool MergeFields(std::string_view fields, Values* values) {
  while (!fields.empty()) {
    std::string_view name, value;
    if (!NextField(&fields, &name, &value)) return false;
    const auto field = FindField(name);
    if (!field.has_value()) return false;
    const auto at = std::lower_bound(
        values->begin(), values->end(), *field,
        [](const auto& entry, FieldId id) { return entry.first < id; });
    if (at != values->end() && at->first == *field) {
      at->second = value;
    } else {
      values->emplace(at, *field, value);
    }
  }
  return true;
}

Holding::Holding(const Wanted& wanted, const std::vector<uint32_t>& symbols)
    : wanted_(wanted) {
  held_.reserve(symbols.size());
  for (const uint32_t symbol : symbols) held_.emplace_back().symbol = symbol;
}

Held* Holding::Find(std::string_view name) {
  for (size_t i = 0; i < held_.size(); ++i) {
    const size_t at = hint_;
    hint_ = hint_ + 1 == held_.size() ? 0 : hint_ + 1;
    if (wanted_.names[held_[at].symbol] == name) return &held_[at];
  }
  return nullptr;
}

const Held* Holding::Apply(const Quote& quote, int64_t now_us) {
  Held* held = Find(quote.name);
  if (held == nullptr) return nullptr;
  held->version = quote.version;
  held->last_us = now_us;
  held->told = true;
  if (quote.quiet >= 0) held->quiet = quote.quiet == 1;
  if (quote.snapshot) {
    held->first_ticks = quote.ticks;
    held->first_us = now_us;
    held->updates = 0;
    held->values.clear();
  } else if (quote.ticks > held->ticks) {
    ++held->updates;
  }
  held->ticks = quote.ticks;
  if (wanted_.keep_values && !MergeFields(quote.fields, &held->values)) {
    return nullptr;
  }
  return held;
}

void Holding::OnAck(std::string_view object) {
  const std::string_view at = TextOf(object, "at");
  if (!at.empty()) at_ = at;
  SymbolScanner symbols(object);
  std::string_view name, description;
  while (symbols.Next(&name, &description)) {
    if (Held* held = Find(name)) held->told = true;
  }
}

std::string PercentEncode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) ||
        std::string_view("-._~").find(c) != std::string_view::npos) {
      out += c;
    } else {
      absl::StrAppend(&out, "%", absl::Hex(byte, absl::kZeroPad2));
    }
  }
  return out;
}

std::string ToQuery(const Holding& holding) {
  const Wanted& wanted = holding.wanted();
  std::string query = "symbols=";
  for (const Held& held : holding.held()) {
    if (query.back() != '=') query += ',';
    absl::StrAppend(&query, PercentEncode(wanted.plain[held.symbol]),
                    CursorOf(holding, held));
  }
  if (!wanted.fields.empty()) {
    absl::StrAppend(&query, "&fields=", absl::StrJoin(wanted.fields, ","));
  }
  if (!wanted.max_rate.empty()) {
    absl::StrAppend(&query, "&max_rate=", wanted.max_rate);
  }
  if (!holding.at().empty()) absl::StrAppend(&query, "&at=", holding.at());
  return query;
}

std::string ToJson(const Holding& holding) {
  const Wanted& wanted = holding.wanted();
  std::string json = "{\"type\":\"subscribe\",\"id\":1,\"symbols\":[";
  const char* comma = "";
  for (const Held& held : holding.held()) {
    absl::StrAppend(&json, comma, "\"", wanted.names[held.symbol],
                    CursorOf(holding, held), "\"");
    comma = ",";
  }
  json += ']';
  if (!wanted.fields.empty()) {
    json += ",\"fields\":[";
    comma = "";
    for (const std::string& field : wanted.fields) {
      json += comma;
      AppendString(field, &json);
      comma = ",";
    }
    json += ']';
  }
  if (wanted.max_rate == "unlimited") {
    json += ",\"max_rate\":\"unlimited\"";
  } else if (!wanted.max_rate.empty()) {
    absl::StrAppend(&json, ",\"max_rate\":", wanted.max_rate);
  }
  if (!holding.at().empty())
    absl::StrAppend(&json, ",\"at\":\"", holding.at(), "\"");
  return json + '}';
}

}  // namespace streamhub::load
