// The poller's side of what is sent: every answer, as it is sent.

#include <bit>
#include <utility>

#include "tests/simulation/poller.h"
#include "tests/simulation/wire_value.h"

namespace streamhub::simulation {
namespace {

constexpr int64_t kSlowTickNs = 250 * kMillisecond;

}  // namespace

bool Poller::Send(std::string& batch) {
  std::string_view lines = std::string_view(batch).substr(kBatchHeadroom);
  verdict_.Trace(lines);
  Expect(!answered_, Rule::kOneInFlight, "a second answer");
  answered_ = true;
  size_t acks = 0;
  std::vector<std::string> tokens;
  bool hello = false, news = false, updates = false, heartbeat = false;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    const auto object = JsonReader(line).Read();
    if (!Expect(object.has_value(), Rule::kAnswers, "not JSON")) return true;
    const std::string_view type = object->Text("type");
    hello = hello || type == "hello";
    heartbeat = heartbeat || type == "heartbeat";
    news = news || type == "hello" || type == "feed" || type == "closing";
    if (type == "ack") {
      if (!Expect(acks < parts_.size(), Rule::kAnswers, "an ack too many")) {
        return true;
      }
      news = news || !SymbolsOf(*object).members.empty();
      tokens.emplace_back(object->Text("at"));
      CheckAck(*object, parts_[acks++]);
    }
    if (type == "update") {
      Expect(!updates && acks == parts_.size(), Rule::kAnswers,
             "an update out of order");
      Expect(object->Text("epoch") == server_->oracle.epoch, Rule::kValidity,
             "the update's epoch");
      updates = news = true;
      for (const auto& [code, quote] : object->Find("quotes")->members) {
        CheckQuote(code, quote);
      }
    }
    objects_.push_back(*object);
  }
  Expect(acks == parts_.size(), Rule::kAnswers, "an ack is missing");
  Expect(heartbeat == !updates, Rule::kState, "a heartbeat, or none");
  bool knows_epoch = true;
  for (const Part& part : parts_) {
    knows_epoch =
        knows_epoch && Before(part.ask.at, 1) == server_->oracle.epoch;
  }
  Expect(hello == !knows_epoch, Rule::kAnswers, "a hello, or none");
  Expect(news || clock_->MonoNs() - began_ns_ + kSlowTickNs +
                         2 * pace_.lateness_ns >=
                     limits_.heartbeat_ns,
         Rule::kState, "an answer of nothing");
  CheckWhole();
  for (size_t i = 0; i < tokens.size(); ++i) CheckIssued(parts_[i], tokens[i]);
  return true;
}

void Poller::CheckAck(const JsonValue& ack, const Part& part) {
  Expect(ack.Text("id") == part.ask.id &&
             ack.Text("max_rate") == part.ask.rate->told,
         Rule::kAnswers, "another ack");
  const std::string fields = FieldsName(part.ask.has_fields, part.ask.fields);
  const std::string token(ack.Text("at"));
  const auto [known, fresh] = tokens_.meaning.try_emplace(
      Before(token, 3), server_->oracle.epoch, fields);
  Expect(known->second.epoch == server_->oracle.epoch &&
             known->second.fields == fields,
         Rule::kValidity, "a token with two meanings");
  Expect(IssuedMs(token) <= clock_->WallNs() / kMillisecond, Rule::kRate,
         "a token of the future");
  std::map<std::string, bool> told;
  for (const auto& [code, member] : SymbolsOf(ack).members) {
    const bool unknown = member.Find("unknown") != nullptr;
    const OracleSymbol* const symbol = server_->oracle.Known(code);
    Expect(told.try_emplace(code, true).second && PartOf(code) == &part &&
               unknown == (symbol == nullptr),
           Rule::kAnswers, "an ack of another symbol: " + code);
    Expect(Cursor(part, code) == 0, Rule::kAnswers,
           "told again of what it holds: " + code);
  }
  if (MayBeHeldBack(part)) return;
  for (const std::string& code : part.codes) {
    const bool known_now = server_->oracle.Known(code) != nullptr;
    const bool was_told = Honoured(part) && claims_.at(code).told;
    if (Cursor(part, code) == 0 && (known_now || !was_told)) {
      Expect(told.contains(code), Rule::kAnswers, "not told of " + code);
    }
  }
}

void Poller::CheckQuote(const std::string& code, const JsonValue& quote) {
  const Part* const part = PartOf(code);
  const OracleSymbol* const symbol = server_->oracle.Known(code);
  if (!Expect(part != nullptr && symbol != nullptr, Rule::kCursor,
              "an update that nobody asked for: " + code)) {
    return;
  }
  const int64_t wall_ns = server_->oracle.turn_wall_ns;
  Expect(!HeldBack(*part, wall_ns + 2 * pace_.lateness_ns), Rule::kRate,
         "sooner than the rate allows: " + code);
  Expect(!symbol->writer_inside, Rule::kCursor, "half a write: " + code);
  const QuoteState* const state =
      symbol->After(static_cast<uint64_t>(quote.Int("n")));
  if (!Expect(state != nullptr, Rule::kCounting,
              "ticks are not those of now: " + code)) {
    return;
  }
  Expect(quote.Int("v") == static_cast<int64_t>(state->version),
         Rule::kCounting, "the version is not the market's: " + code);
  uint64_t cursor = Cursor(*part, code);
  const bool snapshot = quote.Find("snapshot") != nullptr;
  if (snapshot && hindered_[code]) cursor = 0;  // which is always right
  Expect(snapshot == (cursor == 0), Rule::kValidity,
         "snapshot is said wrongly of " + code);
  const bool quiet = server_->oracle.Quiet(*symbol, *state, wall_ns);
  const bool quiet_news = snapshot || claims_.at(code).quiet != quiet;
  Expect(quote.Text("quiet") == (!quiet_news ? ""
                                 : quiet     ? "true"
                                             : "false"),
         Rule::kState, "quiet is said wrongly of " + code);
  const FieldSet all = FieldsOf(*part, *symbol);
  const FieldSet due = snapshot ? all : state->ChangedSince(cursor, all);
  Expect(due != 0 || quiet_news, Rule::kCursor,
         "an update without a change: " + code);
  FieldSet found = 0;
  for (const auto& [name, value] : quote.members) {
    const auto field = FindField(name);
    if (!field.has_value()) continue;
    found |= Bit(*field);
    Expect(WireValue(*field, value, symbol->info.price_decimals,
                     symbol->info.quantity_decimals) ==
               state->value[static_cast<size_t>(*field)],
           Rule::kCursor, "a wrong value of " + code + ' ' + name);
  }
  Expect(found == due, Rule::kCursor, "other fields than changed: " + code);
  sent_.insert_or_assign(code, Sent{all, *state});
}

// A token says when its request last got updates.
void Poller::CheckIssued(const Part& part, const std::string& token) {
  bool updated = false, hindered = false;
  for (const std::string& code : part.codes) {
    updated = updated || sent_.contains(code);
    hindered = hindered || hindered_[code];
  }
  const int64_t before_ms = Honoured(part) ? IssuedMs(part.ask.at) : 0;
  const int64_t issued_ms = IssuedMs(token);
  Expect(issued_ms == (updated ? server_->oracle.turn_wall_ns / kMillisecond
                               : before_ms) ||
             (hindered && issued_ms == 0),
         Rule::kRate, "a token of another time");
}

// An answer leaves out nothing that was owed when its turn began.
void Poller::CheckWhole() {
  for (const Part& part : parts_) {
    if (MayBeHeldBack(part)) continue;
    for (const std::string& code : part.codes) {
      const OracleSymbol* const symbol = server_->oracle.Known(code);
      if (symbol == nullptr || hindered_[code] || sent_.contains(code)) {
        continue;
      }
      const uint64_t cursor = Cursor(part, code);
      const FieldSet fields = FieldsOf(part, *symbol);
      Expect(pace_.lateness_ns > 0 ||
                 (cursor != 0 &&
                  symbol->recent.front().ChangedSince(cursor, fields) == 0),
             Rule::kCursor, "left out of an answer: " + code);
    }
  }
}

}  // namespace streamhub::simulation
