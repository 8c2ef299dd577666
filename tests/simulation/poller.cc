#include "tests/simulation/poller.h"

#include <bit>
#include <cstdlib>

#include "tests/simulation/wire_value.h"

namespace streamhub::simulation {
namespace {

constexpr int64_t kSlowTickNs = 250 * kMillisecond;

}  // namespace

std::string Before(const std::string& token, int count) {
  size_t dot = std::string::npos;
  for (int i = 0; i < count; ++i) {
    dot = token.find('.', i == 0 ? 0 : dot + 1);
    if (dot == token.npos) return token;
  }
  return token.substr(0, dot);
}

const JsonValue& SymbolsOf(const JsonValue& ack) {
  static const JsonValue kNone;
  const JsonValue* const symbols = ack.Find("symbols");
  return symbols == nullptr ? kNone : *symbols;
}

int64_t IssuedMs(const std::string& token) {
  const size_t dot = Before(token, 4).size();
  return dot == token.size()
             ? 0
             : std::strtoll(token.c_str() + dot + 1, nullptr, 16);
}

// --- what it asks ---

void Poller::Start(Server& server, const Clock& clock, uint64_t* next_id) {
  server_ = &server;
  clock_ = &clock;
  claims_.clear();
  hindered_.clear();
  objects_.clear();
  sent_.clear();
  answered_ = false;
  began_ns_ = clock.MonoNs();
  std::string json = "[";
  for (Part& part : parts_) {
    part.ask.id = std::to_string((*next_id)++);
    part.ask.at = part.at;
    part.ask.symbols.clear();
    for (const std::string& code : part.codes) {
      RequestSymbol symbol{code};
      const Held& held = held_[code];
      if (!part.at.empty() && held.cursors == Before(part.at, 3)) {
        symbol.told = held.told;
        symbol.version = held.version;
        symbol.quiet = held.version != 0 && held.quiet;
      }
      claims_[code] = symbol;
      part.ask.symbols.push_back(std::move(symbol));
    }
    if (json.size() > 1) json += ',';
    json += part.ask.Json();
  }
  json += ']';
  verdict_.Trace("poll " + json);
  session_ = server.fanout->Open(this);
  OnTurn();
  session_->OnPoll(ParseRequests(json));
}

bool Poller::Honoured(const Part& part) const {
  const auto token = tokens_.meaning.find(Before(part.ask.at, 3));
  return token != tokens_.meaning.end() &&
         token->second.epoch == server_->oracle.epoch &&
         token->second.fields ==
             FieldsName(part.ask.has_fields, part.ask.fields);
}

bool Poller::HeldBack(const Part& part, int64_t wall_ns) const {
  const int64_t issued_ns = IssuedMs(part.ask.at) * kMillisecond;
  return issued_ns > 0 && Honoured(part) &&
         wall_ns < issued_ns + part.ask.rate->period_ns;
}

// Where turns come late or take time it may be released late.
bool Poller::MayBeHeldBack(const Part& part) const {
  return HeldBack(part, server_->oracle.turn_wall_ns - 2 * pace_.lateness_ns);
}

const Poller::Part* Poller::PartOf(const std::string& code) const {
  for (const Part& part : parts_) {
    for (const std::string& own : part.codes) {
      if (own == code) return &part;
    }
  }
  return nullptr;
}

FieldSet Poller::FieldsOf(const Part& part, const OracleSymbol& symbol) const {
  return Oracle::Effective(symbol, !part.ask.has_fields, part.ask.fields);
}

uint64_t Poller::Cursor(const Part& part, const std::string& code) const {
  return Honoured(part) ? claims_.at(code).version : 0;
}

void Poller::OnTurn() {
  if (idle()) return;
  for (const auto& [code, claim] : claims_) {
    const OracleSymbol* const symbol = server_->oracle.Known(code);
    if (symbol != nullptr && symbol->writer_inside) hindered_[code] = true;
  }
}

// --- time ---

void Poller::AtRest() {
  if (!waits()) return;
  const int64_t mono_ns = clock_->MonoNs(), wall_ns = clock_->WallNs();
  Expect(mono_ns - began_ns_ <=
             limits_.heartbeat_ns + 2 * kSlowTickNs + 2 * pace_.lateness_ns,
         Rule::kState, "no heartbeat");
  for (const Part& part : parts_) {
    Expect(Before(part.ask.at, 1) == server_->oracle.epoch, Rule::kValidity,
           "a new epoch was not told");
    if (HeldBack(part, wall_ns - 2 * pace_.lateness_ns)) continue;
    for (const std::string& code : part.codes) {
      const OracleSymbol* const symbol = server_->oracle.Known(code);
      if (symbol == nullptr) {
        Expect(claims_.at(code).told && Honoured(part), Rule::kAnswers,
               "not told that there is no " + code);
        continue;
      }
      if (symbol->writer_inside) continue;
      const uint64_t cursor = Cursor(part, code);
      Expect(cursor != 0 && symbol->now().ChangedSince(
                                cursor, FieldsOf(part, *symbol)) == 0,
             Rule::kCursor, "waits, though there is news of " + code);
    }
  }
  for (size_t i = 0; i < feeds_.size(); ++i) {
    const OracleFeed& feed = server_->oracle.feeds[i];
    Expect(feeds_[i] == FeedStatusName(feed.At(mono_ns)) ||
               mono_ns - feed.Since(mono_ns) <=
                   kSlowTickNs + 2 * pace_.lateness_ns,
           Rule::kState, "a feed's status was not told");
  }
}

// --- what arrives ---

void Poller::End(bool arrives) {
  if (session_ == nullptr) return;
  std::exchange(session_, nullptr)->OnClosed();
  if (!arrives) return;
  acks_received_ = 0;
  for (const JsonValue& object : objects_) Receive(object);
}

void Poller::Receive(const JsonValue& object) {
  if (const JsonValue* const feeds = object.Find("feeds")) {
    feeds_.clear();
    for (const auto& [name, feed] : feeds->members) {
      feeds_.emplace_back(feed.Text("status"));
    }
  }
  if (object.Text("type") == "ack") {
    Part& part = parts_.at(acks_received_++);
    part.at = object.Text("at");
    for (const auto& [code, member] : SymbolsOf(object).members) {
      Held& held = held_[code] = Held{};
      held.told = true;
      held.cursors = Before(part.at, 3);
      held.price_decimals = static_cast<int>(member.Int("decimals"));
      held.quantity_decimals =
          static_cast<int>(member.Int("quantity_decimals"));
    }
  }
  if (object.Text("type") == "update") {
    for (const auto& [code, quote] : object.Find("quotes")->members) {
      Apply(code, quote);
    }
  }
}

void Poller::Apply(const std::string& code, const JsonValue& quote) {
  const auto sent = sent_.find(code);
  if (sent == sent_.end()) return;  // told when it was sent
  Held& held = held_[code];
  Expect(held.told, Rule::kAnswers, "values before description");
  if (quote.Find("snapshot") != nullptr) {
    held.fields = 0;
  } else {
    Expect(held.version != 0, Rule::kInitial, "nothing to merge with");
  }
  held.version = static_cast<uint64_t>(quote.Int("v"));
  if (const JsonValue* const quiet = quote.Find("quiet")) {
    held.quiet = quiet->text == "true";
  }
  for (const auto& [name, member] : quote.members) {
    const auto field = FindField(name);
    if (!field.has_value()) continue;
    const auto value =
        WireValue(*field, member, held.price_decimals, held.quantity_decimals);
    if (!Expect(value.has_value(), Rule::kCursor, "an odd value")) return;
    held.fields |= Bit(*field);
    held.value[static_cast<size_t>(*field)] = *value;
  }
  Expect(held.fields == sent->second.fields, Rule::kHonestResume,
         "holds other fields than it wants: " + code);
  for (FieldSet rest = held.fields; rest != 0; rest &= rest - 1) {
    const auto i = static_cast<size_t>(std::countr_zero(rest));
    Expect(held.value[i] == sent->second.state.value[i], Rule::kHonestResume,
           "holds an old value: " + code);
  }
}

void Poller::ExpectHoldsAll() {
  for (const Part& part : parts_) {
    for (const std::string& code : part.codes) {
      const OracleSymbol* const symbol = server_->oracle.Known(code);
      if (symbol == nullptr) continue;
      const Held& held = held_[code];
      Expect(held.version != 0 && held.fields == FieldsOf(part, *symbol),
             Rule::kConvergence, code + " is missing");
      Expect(held.quiet == server_->oracle.Quiet(*symbol, clock_->WallNs()),
             Rule::kConvergence, "quiet is wrong in the end: " + code);
      for (FieldSet rest = held.fields; rest != 0; rest &= rest - 1) {
        const auto i = static_cast<size_t>(std::countr_zero(rest));
        Expect(held.value[i] == symbol->now().value[i], Rule::kConvergence,
               "an old value in the end: " + code);
      }
    }
  }
}

}  // namespace streamhub::simulation
