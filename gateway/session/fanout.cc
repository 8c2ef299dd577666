#include "gateway/session/fanout.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "gateway/market/quiet.h"
#include "gateway/session/session.h"

namespace streamhub {
namespace {

// While symbols are made all the time; the next turn looks again.
constexpr int kLooksMax = 8;

}  // namespace

Fanout::Fanout(const Market& market, ShardWake& wake, Counters& counters,
               const Clock& clock, const SessionLimits& limits)
    : market_(market),
      wake_(wake),
      counters_(counters),
      clock_(clock),
      limits_(limits),
      latency_(market.feeds().size()),
      governor_(limits.storm_lag_ns_max),
      frames_(market, counters, &latency_, &withdrawn_),
      json_(market),
      flat_(market),
      numbers_(limits.numbers != nullptr ? limits.numbers : &own_numbers_) {
  mono_ns_ = clock_.MonoNs();
  wall_ns_ = clock_.WallNs();
  LookAtMarket();
}

Fanout::~Fanout() = default;

Session* Fanout::Open(Transport* transport) {
  // A poll is of a client that is in already, as a rule.
  if (transport->kind() != TransportKind::kPoll) {
    if (const int wait_ms = governor_.Admit(clock_.MonoNs()); wait_ms > 0) {
      return Refuse(Limit::kStorm, {CloseReason::kBusy, wait_ms});
    }
  }
  Quota::Slot slot;
  if (limits_.sessions != nullptr) {
    slot = limits_.sessions->Take();
    if (!slot) {
      // Many may be told so at once: not to come back at once.
      const int after_ms = InfoOf(CloseReason::kTooManySessions).after_ms;
      const auto refused =
          static_cast<uint64_t>(counters_.Get(Metric::kSessionsRefused));
      const auto spread = static_cast<int>(refused * 617 % 1024);
      return Refuse(Limit::kSessions, {CloseReason::kTooManySessions,
                                       after_ms + after_ms * spread / 1024});
    }
  }
  const uint64_t number = numbers_->next++;
  auto session =
      std::make_unique<Session>(*this, transport, number, std::move(slot));
  Session* const raw = session.get();
  sessions_.emplace(number, std::move(session));
  if (again_.capacity() < sessions_.size()) {
    // Now, not when many of them have something to wait for.
    again_.reserve(2 * sessions_.size());
    queue_.reserve(again_.capacity());
  }
  counters_.Add(Metric::kSessionsOpened);
  counters_.Add(Metric::kSessions);
  Enqueue(raw);
  return raw;
}

Session* Fanout::Refuse(Limit limit, const Refusal& refusal) {
  counters_.Add(Metric::kSessionsRefused);
  Note(limit);
  refusal_ = refusal;
  return nullptr;
}

void Fanout::Note(Limit limit) {
  if (limits_.refusals != nullptr) {
    limits_.refusals->Note(limit, clock_.MonoNs());
  }
}

bool Fanout::Turn() {
  mono_ns_ = clock_.MonoNs();
  wall_ns_ = clock_.WallNs();
  counters_.Add(Metric::kTurns);
  wake_.BeginTurn();
  // Until it stood still: an epoch goes with the states that came with it.
  for (int i = 0; i < kLooksMax; ++i) {
    if (control_seen_ == market_.control_version()) break;
    LookAtMarket();
  }
  latency_.BeginTurn(mono_ns_);
  frames_.BeginTurn(wall_ns_);
  // When ticks came that waited in a doze is not known: before its end. So the
  // beat that ended it is not taken for one that was missed.
  const int64_t ticks_ns = std::min(
      mono_ns_,
      std::exchange(dozes_until_ns_, std::numeric_limits<int64_t>::max()));
  wake_.Take(symbols_seen_, [this, ticks_ns](size_t word, uint64_t bits) {
    for (BeatClass* c : active_) c->MarkWord(word, bits, ticks_ns);
    // If it is quiet again by the next slow tick, that is news.
    quiet_[word] &= ~bits;
  });
  if (mono_ns_ >= next_slow_ns_) SlowTick();
  MakeCalls();
  ServeClasses();
  const bool work_left = FlushQueue();
  Reap();
  EndTurn();
  return work_left;
}

void Fanout::EndTurn() {
  constexpr int64_t kHalfNs = 30 * kSecond;
  const int64_t ended_ns = clock_.MonoNs();
  const int64_t took_ns = ended_ns - mono_ns_;
  governor_.OnTurn(ended_ns, served_, queue_.size());
  counters_.Max(Metric::kTurnNsMax, took_ns);
  counters_.Add(Metric::kTurnNs, took_ns);
  counters_.Max(Metric::kTurnedNs, ended_ns);
  auto& longest_ns = numbers_->longest_ns;
  if (ended_ns - numbers_->longest_since_ns > kHalfNs) {
    numbers_->longest_since_ns = ended_ns;
    longest_ns = {0, longest_ns[0]};
  }
  longest_ns[0] = std::max(longest_ns[0], took_ns);
  counters_.Set(Metric::kTurnNsLately, std::max(longest_ns[0], longest_ns[1]));
}

int64_t Fanout::NextDeadline() const {
  if (queue_head_ != queue_.size()) return mono_ns_;
  int64_t deadline = next_slow_ns_;
  if (!calls_.empty()) deadline = std::min(deadline, calls_.begin()->first);
  for (const BeatClass* c : active_) deadline = std::min(deadline, c->due_ns());
  // From then on ticks ring again.
  const int64_t ticks_ns = TicksWaitUntil();
  return ticks_ns > mono_ns_ ? std::min(deadline, ticks_ns) : deadline;
}

bool Fanout::TrySleep() {
  const int64_t ticks_ns = TicksWaitUntil();
  if (ticks_ns <= mono_ns_) return wake_.TrySleep();
  if (!wake_.TryDoze()) return false;
  dozes_until_ns_ = ticks_ns;
  return true;
}

int64_t Fanout::TicksWaitUntil() const {
  int64_t until_ns = std::numeric_limits<int64_t>::max();
  for (const BeatClass* c : active_) {
    until_ns = std::min(until_ns, c->ticks_wait_until_ns());
  }
  return until_ns;
}

void Fanout::CloseAll(CloseReason reason) {
  for (const auto& [number, session] : sessions_) session->Close(reason);
}

size_t Fanout::CloseNext(size_t max, CloseReason reason,
                         const std::function<int()>& after_ms) {
  size_t closed = 0;
  for (auto at = sessions_.lower_bound(close_from_);
       closed < max && at != sessions_.end(); ++at, ++closed) {
    close_from_ = at->first + 1;
    at->second->Close(reason, after_ms());
  }
  return closed;
}

void Fanout::Relimit(const SessionLimits& limits) {
  limits_.default_rate = limits.default_rate;
  limits_.subscriptions_max = limits.subscriptions_max;
  limits_.write_stall_ns_max = limits.write_stall_ns_max;
}

void Fanout::Withdraw(std::shared_ptr<const Withdrawals> now) {
  const auto changed =
      withdrawn_.Set(std::move(now), market_.symbols(), symbols_seen_);
  for (const SymbolId id : changed) {
    for (BeatClass* c : active_) {
      c->ForEachOf(
          id, [](const SubscriptionRef& ref) { ref.session->Owe(ref.index); });
    }
  }
}

BeatClass& Fanout::ClassOf(RateStep step, uint64_t session_number) {
  auto& phases = classes_[step];
  if (phases.empty()) phases.resize(static_cast<size_t>(PhasesOf(step)));
  auto& slot = phases[session_number % phases.size()];
  if (slot == nullptr) {
    slot = std::make_unique<BeatClass>(
        step, static_cast<int>(session_number % phases.size()));
    active_.push_back(slot.get());
  }
  return *slot;
}

void Fanout::Enqueue(Session* session) {
  if (session->queued_) return;
  session->queued_ = true;
  queue_.push_back(session);
}

void Fanout::EnqueueAll() {
  for (const auto& [number, session] : sessions_) Enqueue(session.get());
}

MessageWriter& Fanout::WriterFor(Envelope envelope) {
  MessageWriter* writer = &json_;
  if (EncodingOf(envelope) == Encoding::kFlat) writer = &flat_;
  writer->Begin(envelope);
  return *writer;
}

void Fanout::AwaitSymbol(const std::string& code, Session* session) {
  awaited_[code].emplace(session->number_, session);
}

void Fanout::ForgetSymbol(const std::string& code, Session* session) {
  const auto found = awaited_.find(code);
  if (found == awaited_.end()) return;
  found->second.erase(session->number_);
  if (found->second.empty()) awaited_.erase(found);
}

void Fanout::CallAt(int64_t mono_ns, Session* session) {
  calls_.emplace(mono_ns, session->number_);
}

void Fanout::ForgetCall(int64_t mono_ns, Session* session) {
  calls_.erase({mono_ns, session->number_});
}

uint64_t Fanout::FeedsHash() const {
  uint64_t hash = 0xCBF29CE484222325;  // FNV-1a
  for (const FeedStatus status : feed_status_) {
    hash = (hash ^ static_cast<uint64_t>(status)) * 0x100000001B3;
  }
  return hash;
}

void Fanout::LookAtMarket() {
  control_seen_ = market_.control_version();
  const uint64_t epoch = market_.epoch();
  if (epoch != epoch_) {
    epoch_ = epoch;
    EnqueueAll();
  }
  // New symbols last: what is taken from the dirty bits below symbols_seen_
  // must be known to the sessions that wait for it.
  const size_t symbols = market_.symbols().size();
  for (; symbols_seen_ < symbols; ++symbols_seen_) {
    const auto id = static_cast<SymbolId>(symbols_seen_);
    withdrawn_.Look(id, market_.symbols().Get(id).code);
    const auto found = awaited_.find(market_.symbols().Get(id).code);
    if (found == awaited_.end()) continue;
    const auto waiting = std::move(found->second);
    awaited_.erase(found);
    for (const auto& [number, session] : waiting) session->SymbolAppeared(id);
  }
  quiet_.resize((symbols_seen_ + 63) / 64);
  if (watches_ != nullptr) watches_->Resolve(market_.symbols());
  LookAtFeeds();
}

void Fanout::LookAtFeeds() {
  const FeedBoard& feeds = market_.feeds();
  feed_status_.resize(feeds.size(), FeedStatus::kDown);
  bool changed = false;
  for (size_t i = 0; i < feeds.size(); ++i) {
    const FeedStatus now = feeds.StatusAt(static_cast<FeedId>(i), mono_ns_);
    if (feed_status_[i] == now) continue;
    feed_status_[i] = now;
    changed = true;
  }
  if (!changed) return;
  ++feeds_version_;
  EnqueueAll();
}

void Fanout::SlowTick() {
  // Heartbeats are sent here: clients wait for 2.5 times their interval.
  next_slow_ns_ = mono_ns_ + std::min(kSlowTickNs, limits_.heartbeat_ns / 2);
  LookAtFeeds();
  MarkQuietSymbols();
  for (const auto& [number, session] : sessions_) session->SlowTick();
  if (watches_ != nullptr) DropUnwantedWatches();
}

// A symbol that fell silent has no tick to mark it dirty.
void Fanout::MarkQuietSymbols() {
  for (size_t word = 0; word * 64 < symbols_seen_; ++word) {
    uint64_t wanted = 0;
    for (const BeatClass* c : active_) wanted |= c->InterestWord(word);
    for (; wanted != 0; wanted &= wanted - 1) {
      const auto id =
          static_cast<SymbolId>(word * 64 + std::countr_zero(wanted));
      const SymbolInfo& info = market_.symbols().Get(id);
      QuoteView view;
      if (info.topic != nullptr || !market_.cache().Read(id, 0, &view)) {
        continue;
      }
      const FeedInfo& feed = market_.feeds().info(info.feed);
      const bool quiet = IsQuiet(feed, view, wall_ns_);
      const uint64_t bit = uint64_t{1} << (id % 64);
      if (quiet == ((quiet_[word] & bit) != 0)) continue;
      quiet_[word] ^= bit;
      for (BeatClass* c : active_) c->Mark(id, mono_ns_);
    }
  }
}

void Fanout::MakeCalls() {
  while (!calls_.empty() && calls_.begin()->first <= mono_ns_) {
    const uint64_t number = calls_.begin()->second;
    calls_.erase(calls_.begin());
    sessions_.at(number)->OnTime();
  }
}

void Fanout::ServeClasses() {
  for (BeatClass* c : active_) {
    if (c->due_ns() > mono_ns_) continue;
    const int64_t late = c->Serve(mono_ns_, [](const SubscriptionRef& ref) {
      ref.session->Owe(ref.index);
    });
    counters_.Add(Metric::kBeatsOverrun, late);
    if (late > 0) behind_ns_ = mono_ns_;
  }
}

bool Fanout::FlushQueue() {
  bool cut = false;
  while (queue_head_ < queue_.size()) {
    Session* const session = queue_[queue_head_++];
    if (queue_head_ + 1 < queue_.size()) queue_[queue_head_ + 1]->TouchSelf();
    if (queue_head_ < queue_.size()) queue_[queue_head_]->TouchParts();
    session->queued_ = false;
    if (!session->Flush()) again_.push_back(session);
    const int64_t spent_ns = clock_.MonoNs() - mono_ns_;
    if (latency_.Sample()) session->StampWrite(spent_ns);
    if (spent_ns > limits_.turn_ns_max) {
      cut = queue_head_ < queue_.size();
      break;
    }
  }
  served_ = queue_head_;
  queue_.erase(queue_.begin(),
               queue_.begin() + static_cast<ptrdiff_t>(queue_head_));
  queue_head_ = 0;
  if (cut) counters_.Add(Metric::kTurnsCut);
  for (Session* session : again_) Enqueue(session);
  again_.clear();
  return !queue_.empty();
}

void Fanout::Reap() {
  std::erase_if(closed_, [this](Session* session) {
    if (session->queued_) return false;
    sessions_.erase(session->number_);
    counters_.Add(Metric::kSessionsClosed);
    counters_.Add(Metric::kSessions, -1);
    return true;
  });
}

}  // namespace streamhub
