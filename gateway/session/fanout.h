// The sessions of one shard and the turn that serves them.
//
// One thread, no I/O of its own, no clock but the one it is given: the shard
// calls Turn() when it was woken or a deadline has come, production and
// simulation alike.
//
//   take the dirty bits -> mark them in the beat classes -> classes that are
//   due mark what they owe in their sessions -> sessions that owe are flushed,
//   one batch and one write each

#ifndef STREAMHUB_GATEWAY_SESSION_FANOUT_H_
#define STREAMHUB_GATEWAY_SESSION_FANOUT_H_

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/counters.h"
#include "gateway/base/quota.h"
#include "gateway/base/refusals.h"
#include "gateway/base/shard_latency.h"
#include "gateway/codec/flat_writer.h"
#include "gateway/codec/frame_cache.h"
#include "gateway/codec/json_writer.h"
#include "gateway/market/market.h"
#include "gateway/market/withdrawals.h"
#include "gateway/session/beat_class.h"
#include "gateway/session/explained.h"
#include "gateway/session/publishing.h"
#include "gateway/session/rate_ladder.h"
#include "gateway/session/sent_watch.h"
#include "gateway/session/session_seen.h"
#include "gateway/session/storm_governor.h"
#include "gateway/session/transport.h"

namespace streamhub {

class Session;

// What the sessions of one shard are called by, whatever fan-out they are of,
// and how long its turns take.
struct SessionNumbers {
  uint32_t shard = 0;
  uint64_t next = 0;
  // The longest turns of this half minute, and of the one before.
  std::array<int64_t, 2> longest_ns = {};
  int64_t longest_since_ns = 0;
};

struct SessionLimits {
  double default_rate = 10;   // updates per second and symbol
  Quota* sessions = nullptr;  // of all shards, outlives them; null: no limit
  size_t subscriptions_max = 10'000;     // of a session
  double requests_per_second = 0;        // of a session; 0: without limit
  size_t batch_bytes_max = 32 * 1024;    // a batch stops growing here
  size_t replies_bytes_max = 16 * 1024;  // pending; above it, reading stops
  int64_t heartbeat_ns = 2 * kSecond;
  int64_t write_stall_ns_max = 30 * kSecond;
  int64_t turn_ns_max = kMillisecond;
  int64_t storm_lag_ns_max = 0;  // see StormGovernor; 0: it never governs
  Refusals* refusals = nullptr;  // of the shard, outlives it; null: untold
  // Of the shard, outlives it; null: clients cannot publish.
  Publishing* publishing = nullptr;
  // Of the shard, outlives it; null: the fan-out counts for itself.
  SessionNumbers* numbers = nullptr;
};

class Fanout {
 public:
  // All outlive it.
  Fanout(const Market& market, ShardWake& wake, Counters& counters,
         const Clock& clock, const SessionLimits& limits);
  ~Fanout();

  // A new session over `transport`, which must live until it has called
  // OnClosed(). Null if it is not let in (counted): refusal() says why.
  Session* Open(Transport* transport);

  // Of the last one that was not let in.
  const Refusal& refusal() const { return refusal_; }

  // Serves what is due. True if work is left that should not wait for a
  // deadline: call again after I/O had its turn.
  bool Turn();

  // Monotonic time by which Turn() must be called if nothing wakes the shard.
  int64_t NextDeadline() const;

  // After Turn(): true if nothing woke the shard since it began. Then it may
  // wait for its bell, until NextDeadline(). Where no class is due before then
  // whatever ticks, ticks do not ring.
  bool TrySleep();

  // Tells every client why, and closes.
  void CloseAll(CloseReason reason);

  // The same of the next `max` clients, in the order in which they came, each
  // with a time to come back in by `after_ms`. How many these were; fewer than
  // `max`: there are no more.
  size_t CloseNext(size_t max, CloseReason reason,
                   const std::function<int()>& after_ms);

  // Takes default_rate, subscriptions_max and write_stall_ns_max of `limits`:
  // for what is asked from now on, the last at once.
  void Relimit(const SessionLimits& limits);

  size_t session_count() const { return sessions_.size(); }

  // From now on clients see nothing of what is in there, and again what is not.
  // All who hold it are told by the next turn, whatever their rates.
  void Withdraw(std::shared_ptr<const Withdrawals> now);

  const WithdrawnSet& withdrawn() const { return withdrawn_; }

  const Market& market() const { return market_; }

  // --- for operators (session_watch.cc) ---

  // From now on what that session, or all who hold that symbol, are sent is
  // copied, until the sink wants no more.
  void Watch(SentWatch watch);

  // Whether that session of this shard is there; of a client that polls,
  // whether there ever was one.
  bool Knows(SessionId session) const;
  bool KnowsSymbol(std::string_view code) const {
    return market_.symbols().Find(code).has_value();
  }

  // Appends to `seen` what there is to see of the next `max` sessions from
  // number `from` on; with a `symbol` only of those that hold it. Where to go
  // on, or nullopt: those were the last.
  std::optional<uint64_t> LookAtSessions(
      uint64_t from, size_t max, const std::optional<std::string>& symbol,
      std::vector<SessionSeen>* seen) const;

  // --- for operators (session_explain.cc) ---

  struct Explained {
    bool found = false;  // the session
    std::optional<SubscriptionSeen> seen;
    // Of a poll that is not among these: where to go on; nullopt: it is none.
    std::optional<uint64_t> next;
  };

  // What that session gets of `code`, and why. A poll is looked for among
  // `max` sessions from number `from` on.
  Explained Explain(SessionId session, const std::string& code, uint64_t from,
                    size_t max) const;

  // Adds the next `max` sessions from number `from` on. Where to go on, or
  // nullopt: those were the last.
  std::optional<uint64_t> LookForStatus(uint64_t from, size_t max,
                                        StatusSeen* seen) const;

  // Sets how many subscriptions there are to each of `max` symbols from id
  // `from` on. Returns where to go on; the size of `*counts`: at the end.
  size_t CountSubscribers(size_t from, size_t max,
                          std::vector<uint32_t>* counts) const;

  // Any thread may read it.
  const ShardLatency& latency() const { return latency_; }

 private:
  friend class Session;

  static constexpr int64_t kSlowTickNs = 250 * kMillisecond;

  // --- for sessions ---

  BeatClass& ClassOf(RateStep step, uint64_t session_number);
  // The session has something to send: it is flushed on this or the next turn.
  void Enqueue(Session* session);
  // An empty batch.
  MessageWriter& WriterFor(Envelope envelope);
  void AwaitSymbol(const std::string& code, Session* session);
  void ForgetSymbol(const std::string& code, Session* session);
  // Session::OnTime() is called on the first turn that is not before then;
  // Forget: it is not called any more.
  void CallAt(int64_t mono_ns, Session* session);
  void ForgetCall(int64_t mono_ns, Session* session);
  // Stands for what the feeds' states are, on every shard alike.
  uint64_t FeedsHash() const;
  void Note(Limit limit);
  Session* Refuse(Limit limit, const Refusal& refusal);  // null

  // --- the turn ---

  int64_t TicksWaitUntil() const;
  void LookAtMarket();
  void LookAtFeeds();
  void EndTurn();
  void SlowTick();
  void MarkQuietSymbols();
  void MakeCalls();
  void ServeClasses();
  bool FlushQueue();
  void EnqueueAll();
  void Reap();
  void DropUnwantedWatches();

  const Market& market_;
  ShardWake& wake_;
  Counters& counters_;
  const Clock& clock_;
  SessionLimits limits_;
  ShardLatency latency_;
  WithdrawnSet withdrawn_;
  StormGovernor governor_;
  Refusal refusal_{CloseReason::kTooManySessions, 0};
  FrameCache frames_;
  JsonWriter json_;
  FlatWriter flat_;
  TopicMessages topic_part_;  // at hand

  int64_t mono_ns_ = 0, wall_ns_ = 0;     // of this turn
  std::unique_ptr<SentWatches> watches_;  // null: nobody watches
  int64_t next_slow_ns_ = 0;
  int64_t behind_ns_ = 0;  // when a beat came late; 0: none did
  // Ticks ring again from then on; the maximum if it does not doze.
  int64_t dozes_until_ns_ = std::numeric_limits<int64_t>::max();

  uint64_t control_seen_ = 0;
  uint64_t epoch_ = 0;
  size_t symbols_seen_ = 0;
  std::vector<FeedStatus> feed_status_;  // as told to clients
  uint64_t feeds_version_ = 1;           // grows when feed_status_ changes

  uint64_t close_from_ = 0;  // number; those before were closed

  SessionNumbers own_numbers_;
  SessionNumbers* const numbers_;
  // By number: in the order of opening, the same in every run of a simulation.
  absl::btree_map<uint64_t, std::unique_ptr<Session>> sessions_;
  std::vector<Session*> closed_;
  std::vector<Session*> queue_;  // to flush, from queue_head_ on
  size_t queue_head_ = 0;
  size_t served_ = 0;            // of queue_, in this turn
  std::vector<Session*> again_;  // of queue_: to be flushed on the next turn
  std::array<std::vector<std::unique_ptr<BeatClass>>, kPeriods.size()> classes_;
  std::vector<BeatClass*> active_;

  // When sessions are to be called, and their numbers.
  absl::btree_set<std::pair<int64_t, uint64_t>> calls_;

  // Symbols somebody of this shard subscribed to that do not exist yet.
  absl::flat_hash_map<std::string, absl::btree_map<uint64_t, Session*>>
      awaited_;
  // A bit per symbol: it was quiet at the last slow tick and had no tick since.
  std::vector<uint64_t> quiet_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_FANOUT_H_
