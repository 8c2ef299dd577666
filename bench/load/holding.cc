#include "bench/load/holding.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "gateway/base/check.h"
#include "gateway/base/strings.h"
#include "gateway/codec/json.h"

namespace streamhub::load {
namespace {

// What stands behind a name: "", "@0", "@12", "@12q".
std::string CursorOf(const Holding& holding, const Held& held) {
  if (holding.at().empty() || (held.version == 0 && !held.told)) return {};
  return absl::StrCat("@", held.version, held.quiet ? "q" : "");
}

// Names are short, so that most are one word.
size_t HashOf(std::string_view name) {
  constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;
  uint64_t hash = name.size();
  while (!name.empty()) {
    uint64_t word = 0;
    const size_t size = std::min(name.size(), sizeof word);
    std::memcpy(&word, name.data(), size);
    hash = (hash ^ word) * kOdd;
    hash ^= hash >> 32;
    name.remove_prefix(size);
  }
  return hash;
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
  STREAMHUB_CHECK(symbols.size() < std::numeric_limits<uint16_t>::max());
  held_.reserve(symbols.size());
  index_.resize(std::bit_ceil(2 * symbols.size() + 1));
  for (const uint32_t symbol : symbols) {
    held_.emplace_back().symbol = symbol;
    size_t at = HashOf(wanted.names[symbol]);
    while (index_[at & (index_.size() - 1)] != 0) ++at;
    index_[at & (index_.size() - 1)] = static_cast<uint16_t>(held_.size());
  }
}

void Holding::Forget() {
  at_.clear();
  for (Held& held : held_) {
    const uint32_t symbol = held.symbol;
    held = Held();
    held.symbol = symbol;
  }
}

Held* Holding::Find(std::string_view name) {
  for (size_t at = HashOf(name);; ++at) {
    const uint16_t found = index_[at & (index_.size() - 1)];
    if (found == 0) return nullptr;
    Held& held = held_[found - 1u];
    if (wanted_.names[held.symbol] == name) return &held;
  }
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
