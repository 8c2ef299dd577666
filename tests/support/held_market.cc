#include "tests/support/held_market.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace streamhub {
namespace {

bool IsField(std::string_view name) {
  static const std::set<std::string_view> kOthers = {
      "v", "snapshot", "n", "t", "e", "quiet", "withdrawn", "state", "source"};
  return !kOthers.contains(name);
}

void ApplyQuote(const JsonValue& quote, HeldQuote* held) {
  const bool snapshot = quote.Text("snapshot") == "true";
  if (snapshot) held->fields.clear();
  held->withdrawn = quote.Text("withdrawn") == "true";
  held->version = quote.Int("v");
  held->ticks = quote.Int("n");
  held->updates += 1;
  held->snapshots += snapshot;
  held->last_was_snapshot = snapshot;
  held->last_fields.clear();
  for (const auto& [name, value] : FieldsOf(quote)) {
    held->fields[name] = value;
    held->last_fields.push_back(name);
  }
}

}  // namespace

std::map<std::string, std::string> FieldsOf(const JsonValue& quote) {
  std::map<std::string, std::string> fields;
  for (const auto& [name, value] : quote.members) {
    if (!IsField(name)) continue;
    fields[name] = value.kind == JsonValue::Kind::kNull ? "null" : value.text;
  }
  return fields;
}

void HeldMarket::Apply(const JsonValue& object) {
  time = std::max(time, object.Int("time"));
  if (const JsonValue* const all = object.Find("feeds")) {
    for (const auto& [name, feed] : all->members) {
      feeds[name] = feed.Text("status");
    }
  }
  const std::string_view type = object.Text("type");
  if (type == "ack" && object.Find("at") != nullptr) at = object.Text("at");
  if (type == "hello") market = object.Text("market");
  if (type == "hello" || type == "update") epoch = object.Text("epoch");
  if (const JsonValue* const all = object.Find("quotes")) {
    for (const auto& [name, quote] : all->members) {
      ApplyQuote(quote, &quotes[name]);
      order.push_back(name);
    }
  }
}

HeldMarket FromDocument(const JsonValue& document) {
  HeldMarket held;
  held.Apply(document);
  held.epoch = document.Text("epoch");
  return held;
}

}  // namespace streamhub
