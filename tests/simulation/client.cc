#include "tests/simulation/client.h"

#include <bit>
#include <tuple>
#include <utility>

#include "gateway/codec/event_id.h"
#include "tests/simulation/wire_value.h"

namespace streamhub::simulation {

void Client::Receive(const Item& item) {
  const std::string_view type = item.object.Text("type");
  if (type == "ack") OnAck(item.object);
  if (type == "update") OnUpdate(item.object, item);
  if (!item.event_id.empty() && event_source_) {
    last_event_id = item.event_id;
    ExpectNoMoreThanHeld();
  }
}

void Client::OnAck(const JsonValue& ack) {
  const JsonValue* const symbols = ack.Find("symbols");
  if (symbols == nullptr) {
    const auto done = unsubscribing_.find(std::string(ack.Text("id")));
    if (!Expect(done != unsubscribing_.end(), Rule::kAnswers, "an odd ack")) {
      return;
    }
    for (const std::string& code : done->second) held_.erase(code);
    unsubscribing_.erase(done);
    return;
  }
  for (const auto& [code, member] : symbols->members) {
    if (member.Find("unknown") != nullptr) continue;
    Held& held = held_[code];
    held.unknown = false;
    held.price_decimals = static_cast<int>(member.Int("decimals"));
    held.quantity_decimals = static_cast<int>(member.Int("quantity_decimals"));
    if (ack.Find("at") != nullptr) held.next_token = ack.Text("at");
  }
}

void Client::OnUpdate(const JsonValue& update, const Item& item) {
  const auto& quotes = update.Find("quotes")->members;
  if (quotes.size() != item.expected.size()) return;  // told by the witness
  for (size_t i = 0; i < quotes.size(); ++i) {
    Apply(quotes[i].second, item.expected[i]);
  }
}

void Client::Apply(const JsonValue& quote, const Expectation& expected) {
  Held& held = held_[expected.code];
  if (!Expect(!held.unknown, Rule::kAnswers, "values before description")) {
    return;
  }
  if (quote.Find("snapshot") != nullptr) {
    held.fields = 0;
    held.quiet = -1;
  } else {
    Expect(held.version != 0, Rule::kInitial, "nothing to merge with");
  }
  held.version = static_cast<uint64_t>(quote.Int("v"));
  held.token = held.next_token;
  for (const auto& [name, member] : quote.members) {
    if (name == "quiet") held.quiet = member.text == "true" ? 1 : 0;
    const auto field = FindField(name);
    if (!field.has_value()) continue;
    const auto value =
        WireValue(*field, member, held.price_decimals, held.quantity_decimals);
    if (!Expect(value.has_value(), Rule::kCursor, "an odd value")) return;
    held.fields |= Bit(*field);
    held.value[static_cast<size_t>(*field)] = *value;
  }
  Expect(held.fields == expected.fields, Rule::kHonestResume,
         "holds other fields than it wants: " + expected.code);
  Expect(held.quiet == (expected.quiet ? 1 : 0), Rule::kState,
         "quiet is wrong: " + expected.code);
  for (FieldSet rest = held.fields & expected.fields; rest != 0;
       rest &= rest - 1) {
    const auto i = static_cast<size_t>(std::countr_zero(rest));
    Expect(held.value[i] == expected.value[i], Rule::kHonestResume,
           "holds an old value: " + expected.code + ' ' +
               std::string(FieldName(static_cast<FieldId>(i))));
  }
}

std::vector<Ask> Client::Resume(uint64_t* next_id) {
  std::vector<Ask> asks;
  std::map<std::tuple<std::string, std::string_view, std::string>, size_t>
      groups;
  for (const auto& [code, want] : wants) {
    const auto found = held_.find(code);
    const bool holds = found != held_.end() && found->second.version != 0;
    // An EventSource always asks with the query of its address.
    const std::string token =
        holds && !event_source_ ? found->second.token : "";
    const auto [group, fresh] = groups.try_emplace(
        {FieldsName(want.has_fields, want.fields), want.rate->asked, token},
        asks.size());
    if (fresh) {
      Ask& ask = asks.emplace_back();
      ask.id = std::to_string((*next_id)++);
      ask.at = token;
      ask.has_fields = want.has_fields;
      ask.fields = want.fields;
      ask.rate = want.rate;
    }
    asks[group->second].symbols.push_back(
        {code, token.empty() ? 0 : found->second.version});
  }
  std::erase_if(held_, [this](const auto& entry) {
    return !wants.contains(entry.first);
  });
  return asks;
}

bool Client::Claim(const std::string& code, uint64_t* version,
                   std::string* token) const {
  for (const auto& [id, codes] : unsubscribing_) {
    for (const std::string& gone : codes) {
      if (gone == code) return false;
    }
  }
  const auto found = held_.find(code);
  if (found == held_.end() || found->second.version == 0) return false;
  *version = found->second.version;
  *token = found->second.token;
  return true;
}

void Client::NoteUnsubscribe(const Ask& ask) {
  auto& codes = unsubscribing_[ask.id];
  for (const RequestSymbol& symbol : ask.symbols) codes.push_back(symbol.name);
}

void Client::Disconnected() { unsubscribing_.clear(); }

// Its id may not claim versions that it never got.
void Client::ExpectNoMoreThanHeld() {
  Request request;
  for (const auto& [code, held] : held_) request.symbols.push_back({code, 0});
  ApplyEventId(last_event_id, &request);
  for (const RequestSymbol& symbol : request.symbols) {
    Expect(symbol.version <= held_.at(symbol.name).version, Rule::kHonestResume,
           "an id claims too much: " + symbol.name);
  }
}

void Client::ExpectHolds(const OracleSymbol& symbol, FieldSet fields,
                         bool quiet) {
  const std::string& code = symbol.info.code;
  const auto found = held_.find(code);
  if (!Expect(found != held_.end(), Rule::kConvergence, code + " is missing")) {
    return;
  }
  const Held& held = found->second;
  Expect(held.fields == fields, Rule::kConvergence, "other fields of " + code);
  Expect(held.quiet == (quiet ? 1 : 0), Rule::kConvergence,
         "quiet is wrong in the end: " + code);
  for (FieldSet rest = held.fields; rest != 0; rest &= rest - 1) {
    const auto i = static_cast<size_t>(std::countr_zero(rest));
    Expect(held.value[i] == symbol.now().value[i], Rule::kConvergence,
           "an old value in the end: " + code);
  }
}

}  // namespace streamhub::simulation
