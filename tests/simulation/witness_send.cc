// The witness's side of what is sent: every object of every batch.

#include <algorithm>
#include <utility>

#include "tests/simulation/wire_value.h"
#include "tests/simulation/witness.h"

namespace streamhub::simulation {
namespace {

constexpr size_t kObjectBytesMax = 8 * 1024;

// Cuts `text` at the first `separator` and moves behind it.
std::string_view Cut(std::string_view* text, std::string_view separator) {
  const size_t end = text->find(separator);
  const std::string_view part = text->substr(0, end);
  text->remove_prefix(end == text->npos ? text->size()
                                        : end + separator.size());
  return part;
}

std::string_view Literal(const std::string& id) {
  std::string_view text = id;
  if (text.size() >= 2 && text.front() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

}  // namespace

std::deque<Item> Witness::OnSend(std::string_view message, size_t bytes,
                                 int64_t mono_ns, bool blocked) {
  now_ns_ = mono_ns;
  Expect(!blocked, Rule::kOneInFlight, "sent while a write was outstanding");
  Expect(!closing_told_, Rule::kAnswers, "sent after closing");
  Expect(bytes <= limits_.batch_bytes_max + kObjectBytesMax, Rule::kBounds,
         "a batch of too many bytes");
  if (epoch_ != oracle_.epoch) {
    epoch_ = oracle_.epoch;
    for (auto& [code, s] : subscriptions_) {
      s.cursor = 0;
      s.owed = true;
    }
  }
  std::deque<Item> items;
  std::string_view rest = message;
  if (envelope_ != Envelope::kSse) {
    while (!rest.empty()) {
      const auto object = JsonReader(Cut(&rest, "\n")).Read();
      if (!Expect(object.has_value(), Rule::kAnswers, "not JSON")) break;
      items.emplace_back().object = *object;
    }
  } else {
    Expect(message.ends_with("\n\n"), Rule::kAnswers, "an event without end");
    while (!rest.empty()) {
      std::string_view event = Cut(&rest, "\n\n");
      Item& item = items.emplace_back();
      while (!event.empty()) {
        std::string_view line = Cut(&event, "\n");
        if (line.starts_with("id: ")) {
          item.event_id = line.substr(4);
        } else if (line.starts_with("data: ")) {
          const auto object = JsonReader(line.substr(6)).Read();
          if (Expect(object.has_value(), Rule::kAnswers, "not JSON")) {
            item.object = *object;
          }
        } else {
          Expect(line.starts_with(":") || line.starts_with("retry: "),
                 Rule::kAnswers, "not a line of an event");
        }
      }
    }
  }
  for (Item& item : items) {
    if (!item.event_id.empty()) CheckEventId(item.event_id);
    if (item.object.kind == JsonValue::Kind::kObject) {
      if (item.object.Text("type") == "heartbeat") {
        Expect(
            items.size() == 1 && mono_ns - last_sent_ns_ + pace_.lateness_ns >=
                                     limits_.heartbeat_ns,
            Rule::kState, "a heartbeat that nobody needs");
      }
      CheckObject(item.object, &item);
    }
  }
  Expect(!items.empty(), Rule::kAnswers, "an empty message");
  if (bytes >= limits_.batch_bytes_max) Hinder();
  last_sent_ns_ = mono_ns;
  return items;
}

void Witness::CheckObject(const JsonValue& object, Item* item) {
  const std::string_view type = object.Text("type");
  Expect(!closing_told_, Rule::kAnswers, "an object after closing");
  if (const JsonValue* const time = object.Find("time")) {
    const int64_t us = object.Int("time");
    Expect(us <= oracle_.turn_wall_ns / 1000 && us >= 0, Rule::kState,
           "a time that is not now: " + time->text);
    if (type != "pong") {
      Expect(us == oracle_.turn_wall_ns / 1000 && us >= time_told_us_,
             Rule::kState, "a time that is not the turn's");
      time_told_us_ = us;
    }
  }
  if (type == "hello") return CheckHello(object);
  Expect(greeted_, Rule::kAnswers, "hello does not come first");
  if (type == "feed") {
    Expect(object.Find("time") != nullptr, Rule::kState, "feed without time");
    return CheckFeeds(object);
  }
  if (type == "update") return CheckUpdate(object, item);
  if (type == "synced") return CheckSynced(object);
  if (type == "heartbeat") return;
  if (type == "error") return CheckAnswer(object, Answer::Kind::kError);
  if (type == "pong") return CheckAnswer(object, Answer::Kind::kPong);
  if (type == "ack") {
    const bool lists = object.Find("symbols") != nullptr;
    return CheckAnswer(object,
                       lists ? Answer::Kind::kAck : Answer::Kind::kDone);
  }
  if (Expect(type == "closing", Rule::kAnswers, "an object of unknown type")) {
    Expect(closing_, Rule::kAnswers, "closing, and nobody wants it");
    closing_told_ = true;
  }
}

void Witness::CheckHello(const JsonValue& object) {
  Expect(!greeted_, Rule::kAnswers, "hello twice");
  greeted_ = true;
  Expect(object.Text("epoch") == epoch_, Rule::kValidity, "hello's epoch");
  Expect(
      object.Int("version") == 1 && object.Text("market") == "live" &&
          object.Int("heartbeat_ms") == limits_.heartbeat_ns / kMillisecond &&
          object.Find("time") != nullptr,
      Rule::kAnswers, "hello is not as promised");
  CheckFeeds(object);
}

void Witness::CheckFeeds(const JsonValue& object) {
  std::vector<std::string> told;
  const JsonValue* const feeds = object.Find("feeds");
  if (!Expect(feeds != nullptr && feeds->members.size() == oracle_.feeds.size(),
              Rule::kState, "the feeds are not told")) {
    return;
  }
  for (size_t i = 0; i < oracle_.feeds.size(); ++i) {
    const auto& [name, feed] = feeds->members[i];
    const FeedInfo& info = oracle_.feeds[i].info;
    Expect(
        name == info.name && feed.Text("source") == SourceName(info.source) &&
            feed.Int("stale_after_ms") == info.stale_after_ns / kMillisecond &&
            feed.Int("quiet_after_ms") == info.quiet_after_ns / kMillisecond,
        Rule::kState, "a feed is not described as it is");
    told.emplace_back(feed.Text("status"));
  }
  Expect(feeds_may_repeat_ || told != feeds_told_, Rule::kState,
         "the feeds' states are told twice");
  feeds_told_ = std::move(told);
  feeds_may_repeat_ = false;
}

// --- answers ---

void Witness::CheckAnswer(const JsonValue& object, Answer::Kind kind) {
  if (!Expect(!answers_.empty() && answers_.front().kind == kind &&
                  object.Text("id") == Literal(answers_.front().id),
              Rule::kAnswers, "an answer that is not the next one")) {
    return;
  }
  Answer& answer = answers_.front();
  if (kind == Answer::Kind::kError) {
    Expect(object.Text("code") == answer.code &&
               object.Text("key") == answer.key &&
               !object.Text("reason").empty(),
           Rule::kAnswers, "another error than " + answer.code);
  }
  if (kind == Answer::Kind::kAck) {
    CheckAck(object, answer);
    answer.done += object.Find("symbols")->members.size();
    const bool more = object.Find("more") != nullptr;
    Expect(more == (answer.done < answer.symbols.size()), Rule::kAnswers,
           "an ack says more without need, or not where needed");
    if (more) return;
    const auto initial = initials_.find(answer.id);
    if (initial != initials_.end()) initial->second = true;
  }
  answers_.pop_front();
}

void Witness::CheckAck(const JsonValue& object, const Answer& answer) {
  if (answer.rate == nullptr) {
    Expect(object.Find("max_rate") == nullptr, Rule::kRate, "a rate in an ack");
  } else {
    Expect(object.Text("max_rate") == answer.rate->told, Rule::kRate,
           "another rate than promised");
  }
  if (answer.fields.empty()) {
    Expect(object.Find("at") == nullptr, Rule::kValidity, "a token in an ack");
  } else {
    CheckToken(object, answer);
  }
  size_t i = answer.done;
  for (const auto& [code, member] : object.Find("symbols")->members) {
    if (!Expect(i < answer.symbols.size() && answer.symbols[i] == code,
                Rule::kAnswers, "an ack of another symbol")) {
      return;
    }
    CheckDescription(code, member, i < answer.known);
    ++i;
  }
}

// A token stands for one epoch and one set of fields, and they for it.
void Witness::CheckToken(const JsonValue& object, const Answer& answer) {
  const std::string token(object.Text("at"));
  const auto [known, fresh] =
      tokens_.meaning.try_emplace(token, answer.epoch, answer.fields);
  if (!fresh) {
    Expect(known->second.epoch == answer.epoch &&
               known->second.fields == answer.fields,
           Rule::kValidity, "a token with two meanings");
    return;
  }
  Expect(token.starts_with(answer.epoch + '.'), Rule::kValidity,
         "a token of another epoch");
  for (const auto& [other, meaning] : tokens_.meaning) {
    Expect(other == token || meaning.epoch != answer.epoch ||
               meaning.fields != answer.fields,
           Rule::kValidity, "two tokens of one meaning");
  }
}

void Witness::CheckDescription(const std::string& code, const JsonValue& member,
                               bool known) {
  if (!known) {
    Expect(member.Text("unknown") == "true", Rule::kAnswers,
           "no word that a symbol is unknown");
    return;
  }
  const OracleSymbol* const symbol = oracle_.Known(code);
  if (!Expect(symbol != nullptr, Rule::kAnswers, "an unknown description")) {
    return;
  }
  const SymbolInfo& info = symbol->info;
  Expect(member.Int("decimals") == info.price_decimals &&
             member.Int("quantity_decimals") == info.quantity_decimals &&
             member.Text("currency") == info.currency &&
             member.Text("name") == info.name &&
             member.Text("feed") == oracle_.feeds[info.feed].info.name,
         Rule::kAnswers, "a wrong description");
  const auto s = subscriptions_.find(code);
  if (s != subscriptions_.end()) s->second.described = true;
}

void Witness::CheckSynced(const JsonValue& object) {
  const std::string id(object.Text("id"));
  const auto initial = initials_.find(id);
  if (!Expect(initial != initials_.end(), Rule::kInitial,
              "synced twice, or of nothing")) {
    return;
  }
  Expect(initial->second, Rule::kInitial, "synced before its ack");
  for (const auto& [code, s] : subscriptions_) {
    Expect(s.request != id, Rule::kInitial, "synced before " + code);
  }
  initials_.erase(initial);
}

// --- updates ---

void Witness::CheckUpdate(const JsonValue& object, Item* item) {
  Expect(object.Text("epoch") == epoch_, Rule::kValidity, "update's epoch");
  const JsonValue* const quotes = object.Find("quotes");
  if (!Expect(quotes != nullptr && !quotes->members.empty() &&
                  object.Find("time") != nullptr,
              Rule::kCursor, "an update of nothing")) {
    return;
  }
  for (const auto& [code, quote] : quotes->members)
    CheckQuote(code, quote, item);
  CheckFairness(*item);
}

void Witness::CheckQuote(const std::string& code, const JsonValue& quote,
                         Item* item) {
  const auto found = subscriptions_.find(code);
  if (!Expect(found != subscriptions_.end(), Rule::kCursor,
              "an update that nobody asked for: " + code)) {
    return;
  }
  Subscription& s = found->second;
  Expect(s.described, Rule::kAnswers, "values before the description: " + code);
  const QuoteState* const state =
      s.symbol->After(static_cast<uint64_t>(quote.Int("n")));
  if (!Expect(state != nullptr, Rule::kCounting,
              "ticks are not those of now: " + code)) {
    return;
  }
  Expect(quote.Int("v") == static_cast<int64_t>(state->version),
         Rule::kCounting, "the version is not the market's: " + code);
  Expect(quote.Int("t") == state->received_ns / 1000 &&
             quote.Int("e") ==
                 (state->event_ns == 0 ? -1 : state->event_ns / 1000),
         Rule::kState, "a time of the tick is wrong: " + code);
  const bool snapshot = s.cursor == 0;
  Expect((quote.Text("snapshot") == "true") == snapshot,
         snapshot ? Rule::kValidity : Rule::kInitial,
         "snapshot is said wrongly of " + code);
  const bool quiet = oracle_.Quiet(*s.symbol, *state, oracle_.turn_wall_ns);
  const bool quiet_news = snapshot || s.quiet_told != (quiet ? 1 : 0);
  Expect(quote.Text("quiet") == (!quiet_news ? ""
                                 : quiet     ? "true"
                                             : "false"),
         Rule::kState, "quiet is said wrongly of " + code);
  const FieldSet fields =
      snapshot ? s.fields : state->ChangedSince(s.cursor, s.fields);
  Expect(fields != 0 || quiet_news, Rule::kCursor,
         "an update without a change: " + code);
  CheckValues(s, *state, fields, quote);
  CheckRate(s);
  s.cursor = state->version;
  s.quiet_told = quiet ? 1 : 0;
  s.request.clear();
  s.behind_since_ns = -1;
  item->expected.push_back(
      {code, s.fields, state->version, quiet, snapshot, state->value});
}

void Witness::CheckValues(const Subscription& s, const QuoteState& state,
                          FieldSet fields, const JsonValue& quote) {
  FieldSet found = 0;
  for (const auto& [name, value] : quote.members) {
    if (name == "v" || name == "snapshot" || name == "n" || name == "t" ||
        name == "e" || name == "quiet") {
      continue;
    }
    const auto field = FindField(name);
    if (!Expect(field.has_value(), Rule::kCursor, "an unknown member")) return;
    found |= Bit(*field);
    const auto told = WireValue(*field, value, s.symbol->info.price_decimals,
                                s.symbol->info.quantity_decimals);
    Expect(told == state.value[static_cast<size_t>(*field)], Rule::kCursor,
           "a wrong value of " + s.symbol->info.code + ' ' + name);
  }
  Expect((fields & ~found) == 0, Rule::kCursor,
         "a change is missing: " + s.symbol->info.code);
  Expect((found & ~fields) == 0, Rule::kCursor,
         "a field that did not change: " + s.symbol->info.code);
}

// What comes on a beat comes a period after what came on a beat. What was held
// up came later than its beat, so what follows may come sooner after it.
void Witness::CheckRate(Subscription& s) {
  if (std::exchange(s.owed, false)) {
    s.hindered = false;
    s.last_beat_ns = -1;
    return;
  }
  const bool held_up = std::exchange(s.hindered, false);
  Expect(!pace_.exact || held_up || s.last_beat_ns < 0 ||
             now_ns_ - s.last_beat_ns >= s.rate->period_ns,
         Rule::kRate, "sooner than the rate allows: " + s.symbol->info.code);
  s.last_beat_ns = held_up ? -1 : now_ns_;
}

// An id claims no more than what was sent before it.
void Witness::CheckEventId(std::string_view id) {
  std::string_view rest = id;
  const std::string token(Cut(&rest, ";"));
  const auto meaning = tokens_.meaning.find(token);
  Expect(token.starts_with(epoch_ + '.'), Rule::kValidity,
         "an event id of another epoch");
  if (meaning == tokens_.meaning.end()) {
    // The ack's token with the epoch of today.
    const std::string tail = token.substr(token.find('.'));
    std::string fields;
    for (const auto& [other, known] : tokens_.meaning) {
      if (other.ends_with(tail)) fields = known.fields;
    }
    if (Expect(!fields.empty(), Rule::kValidity, "a token out of thin air")) {
      tokens_.meaning.try_emplace(token, epoch_, fields);
    }
  }
  while (!rest.empty()) {
    std::string_view entry = Cut(&rest, ",");
    const std::string code(Cut(&entry, "@"));
    const auto s = subscriptions_.find(code);
    if (!Expect(s != subscriptions_.end(), Rule::kHonestResume,
                "an event id of another symbol")) {
      return;
    }
    Expect(std::to_string(s->second.cursor) == entry, Rule::kHonestResume,
           "an event id with another version than was sent: " + code);
  }
}

}  // namespace streamhub::simulation
