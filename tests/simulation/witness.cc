// The witness's side of requests and of time: what must come, and until when.

#include "tests/simulation/witness.h"

#include <algorithm>
#include <utility>

namespace streamhub::simulation {
namespace {

constexpr int64_t kSlowTickNs = 250 * kMillisecond;

}  // namespace

Witness::Witness(Oracle& oracle, const SessionLimits& limits, Tokens& tokens,
                 Verdict& verdict, const Pace& pace, Envelope envelope,
                 int64_t mono_ns)
    : oracle_(oracle),
      limits_(limits),
      tokens_(tokens),
      verdict_(verdict),
      pace_(pace),
      envelope_(envelope),
      epoch_(oracle.epoch),
      last_sent_ns_(mono_ns) {}

bool Witness::Expect(bool holds, Rule rule, std::string_view what) {
  return verdict_.Expect(holds, rule, what);
}

// --- requests ---

bool Witness::OnAsk(const Ask& ask) {
  switch (ask.type) {
    case Request::Type::kSubscribe:
      return OnSubscribe(ask);
    case Request::Type::kChange:
      return OnChange(ask);
    case Request::Type::kUnsubscribe:
      return OnUnsubscribe(ask);
    case Request::Type::kPing:
      Owe(Answer::Kind::kPong, ask.id);
      return true;
    case Request::Type::kPublish:
      break;  // nobody here does
  }
  return false;
}

void Witness::OnNonsense(std::string id, std::string code, std::string key) {
  Answer& error = Owe(Answer::Kind::kError, std::move(id));
  error.code = std::move(code);
  error.key = std::move(key);
}

Witness::Answer& Witness::Owe(Answer::Kind kind, std::string id) {
  Answer& answer = answers_.emplace_back();
  answer.kind = kind;
  answer.id = std::move(id);
  return answer;
}

bool Witness::Refuse(const Ask& ask, std::string code, std::string key) {
  OnNonsense(ask.id, std::move(code), std::move(key));
  return false;
}

uint64_t Witness::HonouredVersion(const Ask& ask, const OracleSymbol& symbol,
                                  uint64_t version) const {
  const auto token = tokens_.meaning.find(ask.at);
  if (token == tokens_.meaning.end()) return 0;
  if (token->second.epoch != oracle_.epoch) return 0;
  if (token->second.fields != FieldsName(ask.has_fields, ask.fields)) return 0;
  if (symbol.writer_inside) return 0;  // it could not look; 0 is always right
  return version <= symbol.now().version ? version : 0;
}

void Witness::Add(OracleSymbol& symbol, const Ask& ask, uint64_t cursor) {
  Subscription s;
  s.symbol = &symbol;
  s.fields = Oracle::Effective(symbol, !ask.has_fields, ask.fields);
  s.rate = ask.rate;
  s.cursor = cursor;
  s.request = ask.id;
  subscriptions_.insert_or_assign(symbol.info.code, std::move(s));
  // Whose turn it is may be another now.
  for (auto& [code, other] : subscriptions_) other.overtook.clear();
}

bool Witness::OnSubscribe(const Ask& ask) {
  size_t after = subscriptions_.size() + awaited_.size();
  for (const RequestSymbol& wanted : ask.symbols) {
    after += subscribed(wanted.name) ? 0 : 1;
  }
  if (after > limits_.subscriptions_max) {
    return Refuse(ask, "too_many_subscriptions", "symbols");
  }
  Answer ack;
  ack.id = ask.id;
  ack.rate = ask.rate;
  ack.fields = FieldsName(ask.has_fields, ask.fields);
  ack.epoch = oracle_.epoch;
  std::vector<std::string> unknown;
  for (const RequestSymbol& wanted : ask.symbols) {
    OracleSymbol* const symbol = oracle_.Known(wanted.name);
    if (symbol == nullptr) {
      awaited_.insert_or_assign(
          wanted.name, Awaited{ask.id, ask.rate, ask.has_fields, ask.fields});
      unknown.push_back(wanted.name);
      continue;
    }
    Add(*symbol, ask, HonouredVersion(ask, *symbol, wanted.version));
    ack.symbols.push_back(wanted.name);
  }
  ack.known = ack.symbols.size();
  ack.symbols.insert(ack.symbols.end(), unknown.begin(), unknown.end());
  answers_.push_back(std::move(ack));
  initials_.emplace(ask.id, false);
  return true;
}

bool Witness::OnChange(const Ask& ask) {
  Answer ack;
  ack.id = ask.id;
  ack.rate = ask.rate;
  std::vector<std::string> unknown;
  for (const RequestSymbol& wanted : ask.symbols) {
    if (awaited_.contains(wanted.name)) {
      unknown.push_back(wanted.name);
    } else if (subscriptions_.contains(wanted.name)) {
      ack.symbols.push_back(wanted.name);
    } else {
      return Refuse(ask, "not_subscribed", wanted.name);
    }
  }
  if (ask.has_fields) {
    ack.fields = FieldsName(true, ask.fields);
    ack.epoch = oracle_.epoch;
  }
  for (const std::string& code : unknown) {
    Awaited& awaited = awaited_.at(code);
    if (ask.rate != nullptr) awaited.rate = ask.rate;
    if (ask.has_fields) {
      awaited.has_fields = true;
      awaited.fields = ask.fields;
    }
  }
  for (const std::string& code : ack.symbols) {
    Subscription& s = subscriptions_.at(code);
    Ask effective = ask;
    if (effective.rate == nullptr) effective.rate = s.rate;
    const FieldSet fields =
        ask.has_fields ? Oracle::Effective(*s.symbol, false, ask.fields)
                       : s.fields;
    if (fields != s.fields) {
      Add(*s.symbol, effective, 0);
    } else if (effective.rate->period_ns != s.rate->period_ns) {
      s.rate = effective.rate;
      s.owed = true;
      s.behind_since_ns = -1;
    }
  }
  ack.known = ack.symbols.size();
  ack.symbols.insert(ack.symbols.end(), unknown.begin(), unknown.end());
  answers_.push_back(std::move(ack));
  initials_.emplace(ask.id, false);
  return true;
}

bool Witness::OnUnsubscribe(const Ask& ask) {
  for (const RequestSymbol& wanted : ask.symbols) {
    if (!subscribed(wanted.name)) {
      return Refuse(ask, "not_subscribed", wanted.name);
    }
  }
  for (const RequestSymbol& wanted : ask.symbols) {
    subscriptions_.erase(wanted.name);
    awaited_.erase(wanted.name);
  }
  Owe(Answer::Kind::kDone, ask.id);
  return true;
}

std::vector<std::string> Witness::Codes() const {
  std::vector<std::string> codes;
  for (const auto& [code, s] : subscriptions_) codes.push_back(code);
  return codes;
}

// --- time ---

void Witness::OnTurn(bool blocked) {
  blocked_ = blocked;
  // The server is not always at rest before the writer enters again.
  for (auto& [code, s] : subscriptions_) {
    if (s.symbol->writer_inside) s.behind_since_ns = -1;
  }
  for (size_t i = 0; i < oracle_.symbols_known; ++i) {
    OracleSymbol& symbol = oracle_.symbols[i];
    const auto found = awaited_.find(symbol.info.code);
    if (found == awaited_.end()) continue;
    const Awaited waiting = std::move(found->second);
    awaited_.erase(found);
    Ask ask;
    ask.rate = waiting.rate;
    ask.has_fields = waiting.has_fields;
    ask.fields = waiting.fields;
    Add(symbol, ask, 0);
    Answer ack;
    ack.id = waiting.id;
    ack.rate = waiting.rate;
    ack.fields = FieldsName(waiting.has_fields, waiting.fields);
    ack.epoch = oracle_.epoch;
    ack.symbols.push_back(symbol.info.code);
    ack.known = 1;
    answers_.push_back(std::move(ack));
  }
  for (auto& [code, s] : subscriptions_) {
    if (blocked || s.symbol->writer_inside) s.hindered = true;
    s.due = s.cursor == 0 ||
            (s.rate->period_ns == 0 &&
             s.symbol->now().ChangedSince(s.cursor, s.fields) != 0);
    if (s.symbol->writer_inside) {
      s.due = false;
      s.overtook.clear();
    }
  }
  if (blocked) feeds_may_repeat_ = true;
}

void Witness::Hinder() {
  feeds_may_repeat_ = true;
  for (auto& [code, s] : subscriptions_) s.hindered = true;
}

void Witness::OnSent(int64_t mono_ns) {
  free_since_ns_ = mono_ns;
  for (auto& [code, s] : subscriptions_) {
    s.hindered = true;
    s.behind_since_ns = -1;
  }
}

// A batch that is full goes on where it ended: no symbol is sent twice while
// another waits.
void Witness::CheckFairness(const Item& item) {
  for (const Expectation& sent : item.expected) {
    Subscription& s = subscriptions_.at(sent.code);
    Expect(!s.symbol->writer_inside, Rule::kCursor,
           "half a write: " + sent.code);
    s.due = false;
    s.overtook.clear();
  }
  for (auto& [code, s] : subscriptions_) {
    if (!s.due) continue;
    for (const Expectation& sent : item.expected) {
      Expect(s.overtook.insert(sent.code).second, Rule::kBounds,
             sent.code + " was sent twice while there waited " + code);
    }
  }
}

bool Witness::Behind(const Subscription& s, int64_t wall_ns) const {
  return s.cursor == 0 ||
         s.symbol->now().ChangedSince(s.cursor, s.fields) != 0 ||
         s.quiet_told != (oracle_.Quiet(*s.symbol, wall_ns) ? 1 : 0);
}

void Witness::AtRest(int64_t mono_ns, int64_t wall_ns) {
  if (blocked_ || closing_ || closing_told_) return;
  Expect(greeted_, Rule::kAnswers, "no hello");
  bool all_readable = true;
  for (auto& [code, s] : subscriptions_) {
    if (s.symbol->writer_inside || !Behind(s, wall_ns)) {
      all_readable = all_readable && !s.symbol->writer_inside;
      s.behind_since_ns = -1;
      continue;
    }
    if (s.behind_since_ns < 0) s.behind_since_ns = mono_ns;
    const bool values = s.symbol->now().ChangedSince(s.cursor, s.fields) != 0;
    Expect(s.cursor != 0, Rule::kInitial, "no initial update of " + code);
    Expect(!values || s.rate->period_ns != 0, Rule::kCursor,
           "an immediate update of " + code + " did not come");
    const int64_t allowed_ns =
        2 * (s.rate->period_ns + pace_.lateness_ns + kSlowTickNs);
    Expect(mono_ns - s.behind_since_ns <= allowed_ns, Rule::kCursor,
           "a change of " + code + " was skipped");
  }
  Expect(answers_.empty(), Rule::kAnswers, "a request is not answered");
  Expect(initials_.empty() || !all_readable, Rule::kInitial,
         "a request is not synced");
  Expect(mono_ns - std::max(last_sent_ns_, free_since_ns_) <=
             limits_.heartbeat_ns + kSlowTickNs + 2 * pace_.lateness_ns,
         Rule::kState, "no heartbeat");
  CheckFeedsAtRest(mono_ns);
}

// A status that lasts shorter than a slow tick may go untold.
void Witness::CheckFeedsAtRest(int64_t mono_ns) {
  for (size_t i = 0; i < feeds_told_.size(); ++i) {
    const OracleFeed& feed = oracle_.feeds[i];
    const int64_t since_ns = std::max(feed.Since(mono_ns), free_since_ns_);
    Expect(feeds_told_[i] == FeedStatusName(feed.At(mono_ns)) ||
               mono_ns - since_ns <= kSlowTickNs + 2 * pace_.lateness_ns,
           Rule::kState, "a feed's status was not told");
  }
}

}  // namespace streamhub::simulation
