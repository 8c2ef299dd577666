// Polls: what a client that keeps all state itself is owed, and its answer.
//
// A poll is a session that sends one batch. Its requests are subscriptions like
// any other, from the cursors that the client brought, and any change answers
// at once; what keeps to a rate is the moment at which they begin, a period
// after the client last got updates.

#include <absl/hash/hash.h>

#include <algorithm>
#include <bit>
#include <utility>
#include <variant>

#include "gateway/codec/at_token.h"
#include "gateway/session/poll.h"
#include "gateway/session/session.h"

namespace streamhub {
namespace {

constexpr size_t kPollSymbolsMax = 1000;

}  // namespace

bool Session::OnPoll(std::span<const ParsedRequest> requests) {
  const size_t symbols_max =
      std::min(kPollSymbolsMax, fanout_.limits_.subscriptions_max);
  poll_ = std::make_unique<Poll>();
  size_t symbols = 0;
  for (const ParsedRequest& parsed : requests) {
    if (const auto* error = std::get_if<RequestError>(&parsed)) {
      Error(*error);
      continue;
    }
    const auto& request = std::get<Request>(parsed);
    fanout_.counters_.Add(Metric::kRequests);
    if (poll_->session == 0) poll_->session = ParseAt(request.at).session;
    const auto step = RateFor(request);
    if (!step.has_value()) continue;
    if (symbols + request.symbols.size() > symbols_max) {
      Error({request.id, "too_many_subscriptions",
             "a poll may ask for " + std::to_string(symbols_max) + " symbols",
             "symbols"});
      continue;
    }
    symbols += request.symbols.size();
    PollRequest& polled = poll_->requests.emplace_back();
    polled.request = request;
    polled.at_fields = AtFields(request.all_fields, request.fields);
    polled.step = *step;
  }
  if (poll_->session == 0) {
    poll_->session =
        MakeSessionId(fanout_.numbers_->shard, number_ + 1, /*poll=*/true);
  }
  StartPoll();
  return !poll_->requests.empty();
}

// Also when the epoch changes under it, or what is withdrawn: then nothing of
// what the client holds counts any more.
void Session::StartPoll() {
  LetGoOfHeld();
  RemoveAll();
  epoch_ = fanout_.epoch_;
  poll_->generation = fanout_.withdrawn_.generation();
  poll_->greet = false;
  poll_->feeds_told = fanout_.FeedsHash();
  const int64_t wall_ns = fanout_.clock_.WallNs();
  for (size_t i = 0; i < poll_->requests.size(); ++i) {
    PollRequest& polled = poll_->requests[i];
    const ParsedAt at = ParseAt(polled.request.at);
    const std::string now = AtToken(polled.at_fields);
    polled.cursors_hold = at.cursors == now;
    polled.issued_ms = polled.cursors_hold
                           ? std::min(at.issued_ms, wall_ns / kMillisecond)
                           : 0;
    if (at.epoch != ParseAt(now).epoch) poll_->greet = true;
    if (at.feeds != poll_->feeds_told) poll_->feeds_told.reset();
    const int64_t wait_ns =
        polled.issued_ms * kMillisecond + kPeriods[polled.step] - wall_ns;
    if (polled.issued_ms > 0 && wait_ns > 0) {
      polled.held_until_ns = fanout_.clock_.MonoNs() + wait_ns;
      fanout_.CallAt(polled.held_until_ns, this);
    } else {
      StartPolled(static_cast<uint8_t>(i));
    }
  }
}

void Session::OnTime() {
  if (poll_ == nullptr) return EndRest();
  for (size_t i = 0; i < poll_->requests.size(); ++i) {
    int64_t& until_ns = poll_->requests[i].held_until_ns;
    if (until_ns == 0 || until_ns > fanout_.mono_ns_) continue;
    fanout_.ForgetCall(until_ns, this);
    until_ns = 0;
    StartPolled(static_cast<uint8_t>(i));
  }
}

void Session::LetGoOfHeld() {
  for (PollRequest& polled : poll_->requests) {
    if (polled.held_until_ns == 0) continue;
    fanout_.ForgetCall(polled.held_until_ns, this);
    polled.held_until_ns = 0;
  }
}

// `number` is that of one of the poll's requests, from 0.
void Session::StartPolled(uint8_t number) {
  PollRequest& polled = poll_->requests[number];
  const Request& request = polled.request;
  polled.symbols.clear();
  polled.unknown.clear();
  polled.fresh = false;
  std::optional<uint64_t> terms;
  for (const RequestSymbol& wanted : request.symbols) {
    const auto id = fanout_.market_.symbols().Find(wanted.name);
    if (id.has_value() && *id < fanout_.symbols_seen_) {
      AddPolled(*id, wanted, number);
      continue;
    }
    if (!terms.has_value()) {
      Terms of_poll;
      of_poll.poll_request = number;
      terms = AddTerms(std::move(of_poll));
    }
    Await(wanted.name, *terms, wanted.version);
    if (!polled.cursors_hold || !wanted.told) {
      polled.unknown.push_back(wanted.name);
      polled.fresh = true;
    }
  }
}

void Session::AddPolled(SymbolId symbol, const RequestSymbol& wanted,
                        uint8_t number) {
  PollRequest& polled = poll_->requests[number];
  const FieldMask fields =
      FieldsOf(symbol, polled.request.all_fields, polled.request.fields);
  const uint64_t claimed = polled.cursors_hold ? wanted.version : 0;
  if (const auto old = index_.find(symbol); old != index_.end()) {
    Remove(old->second);
  }
  std::erase(polled.unknown, wanted.name);  // it has appeared
  uint64_t cursor = 0;
  if (fields != 0) {
    cursor = HeldVersion(symbol, claimed);
  } else if (wanted.told && wanted.version == 0) {
    cursor = AppearedTopicCursor(symbol, 0);  // it was not there at first
  } else {
    cursor = TopicCursor(symbol, wanted.version, polled.request.history);
  }
  Add(symbol, fields, kImmediate, 0, cursor, 0);
  Subscription& s = subscriptions_[index_.at(symbol)];
  s.poll_request = number;
  // What a client holds under this very token it was told, the blank, too.
  const bool told_blank =
      polled.cursors_hold &&
      (wanted.withdrawn ||
       (wanted.version > 0 && fanout_.withdrawn_.Has(symbol)));
  // A topic of which it holds messages of another run it knows from there.
  if (claimed == 0 || (fields == 0 && cursor > kTopicSeqMask)) {
    polled.symbols.push_back(symbol);
    if (!polled.cursors_hold || !wanted.told) polled.fresh = true;
  } else {
    s.quiet_told = wanted.quiet ? QuietNote::kQuiet : QuietNote::kNotQuiet;
  }
  if (told_blank || (fields == 0 && wanted.withdrawn)) {
    s.quiet_told = QuietNote::kWithdrawn;
  }
}

bool Session::FlushPoll() {
  if (epoch_ != fanout_.epoch_ ||
      poll_->generation != fanout_.withdrawn_.generation()) {
    StartPoll();
  }
  if (fanout_.watches_ != nullptr) [[unlikely]]
    NoteWatched();
  MessageWriter& out = fanout_.WriterFor(envelope_);
  const bool all_read = WeighPoll(out);
  const bool refused = poll_->requests.empty() && !closing_;
  const bool feeds_differ =
      !refused && poll_->feeds_told != fanout_.FeedsHash();
  bool news = poll_->greet || feeds_differ || replies_done_ < replies_.size() ||
              heartbeat_due_ || closing_;
  bool updated = false;
  for (const PollRequest& polled : poll_->requests) {
    updated = updated || polled.updated;
    news = news || polled.fresh;
  }
  if (!news && !updated) return all_read;

  if (poll_->greet) {
    BuildHello(out);
  } else if (feeds_differ) {
    BuildFeeds(out);
  }
  BuildReplies(out);
  for (const PollRequest& polled : poll_->requests) BuildPollAck(polled, out);
  poll_->room = fanout_.limits_.batch_bytes_max;
  if (!subscriptions_.empty()) {
    // Nobody remembers where the last answer ended: a topic that has much to
    // tell all the time is not to come first always.
    owed_from_ =
        static_cast<uint32_t>(absl::HashOf(number_) % subscriptions_.size());
  }
  BuildUpdates(out);
  for (const PollRequest& polled : poll_->requests) {
    const bool tells =
        !polled.symbols.empty() || !polled.unknown.empty() || polled.messages;
    if (tells && !polled.busy) out.Synced(polled.request.id);
  }
  if (!updated && !refused) out.Heartbeat(fanout_.wall_ns_);
  if (closing_) BuildClosing(out);
  Send(out);
  // A client that takes its answer slowly is not to cost a tick anything.
  LetGoOfHeld();
  RemoveAll();
  return true;
}

// Which requests get updates: acks, which say so, come before them. False if
// something could not be read. Within a turn the frame cache answers alike.
bool Session::WeighPoll(MessageWriter& out) {
  bool all_read = true;
  size_t messages = 0;  // of topics, in bytes
  const size_t messages_max = fanout_.limits_.batch_bytes_max;
  for (PollRequest& polled : poll_->requests) {
    polled.updated = polled.busy = polled.behind = polled.messages = false;
  }
  for (size_t word = 0; word < owed_.size(); ++word) {
    for (uint64_t bits = owed_[word]; bits != 0; bits &= bits - 1) {
      const size_t index = word * 64 + std::countr_zero(bits);
      const Subscription& s = subscriptions_[index];
      PollRequest& polled = poll_->requests[s.poll_request];
      if (s.of_topic()) {
        if (OwesMessages(s)) {
          polled.updated = polled.messages = true;
          if (fanout_.withdrawn_.Has(s.symbol)) continue;
          messages += fanout_.market_.topic(s.symbol)->BytesSince(
              s.cursor & kTopicSeqMask, messages_max);
        } else {
          owed_[word] &= ~(uint64_t{1} << (index % 64));
        }
        continue;
      }
      FrameCache::Frame frame;
      switch (fanout_.frames_.UpdateSince(s.symbol, s.cursor, s.fields,
                                          s.quiet_told, out, &frame)) {
        case FrameCache::Result::kBusy:
          polled.busy = true;
          all_read = false;
          break;
        case FrameCache::Result::kNothing:
          owed_[word] &= ~(uint64_t{1} << (index % 64));
          break;
        case FrameCache::Result::kFrame:
          polled.updated = true;
          break;
      }
    }
  }
  for (PollRequest& polled : poll_->requests) {
    polled.behind = polled.messages && messages > messages_max;
    polled.messages = false;
  }
  return all_read;
}

void Session::BuildPollAck(const PollRequest& polled, MessageWriter& out) {
  // A request that gets nothing now is not to wait longer for it.
  int64_t issued_ms = polled.issued_ms;
  if (polled.updated) issued_ms = fanout_.wall_ns_ / kMillisecond;
  if (polled.busy || polled.behind) issued_ms = 0;
  std::string at = AtToken(polled.at_fields);
  AppendPollParts(fanout_.FeedsHash(), issued_ms, poll_->session, &at);
  out.BeginAck(polled.request.id, at, RateOf(polled.step));
  for (const SymbolId symbol : polled.symbols) out.AckSymbol(symbol);
  for (const std::string& code : polled.unknown) out.AckUnknown(code);
  out.EndAck(/*more=*/false);
}

}  // namespace streamhub
