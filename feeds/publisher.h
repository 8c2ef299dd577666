// Where ticks enter the cache: the one door through which a feed writes.
//
// One per feed, used on that feed's thread only. A tick is a set of field
// values of one symbol; the publisher checks, counts and stores it. A batch is
// what the feed got at once (a datagram, a read, a slice of a file):
//
//   publisher.BeginBatch();
//   publisher.Publish(id, {{FieldId::kBid, 18995}, ...}, event_ns);  // any
//   publisher.EndBatch();                                            // number

#ifndef STREAMHUB_FEEDS_PUBLISHER_H_
#define STREAMHUB_FEEDS_PUBLISHER_H_

#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/field_value.h"
#include "feeds/tape.h"
#include "feeds/tick_tap.h"
#include "gateway/base/clock.h"
#include "gateway/base/counters.h"
#include "gateway/market/market.h"

namespace streamhub {

class Publisher {
 public:
  // All outlive the publisher. `feed` is from market.AddFeed(). `tape`: trades
  // kept of each symbol, see tape.h.
  Publisher(Market& market, FeedId feed, Counters& counters, const Clock& clock,
            uint32_t tape = 0);

  // Everything that is let in from now on is told to `tap`, too; null: nobody
  // is told. It outlives the publisher.
  void SetTap(TickTap* tap) { tap_ = tap; }

  // Of the symbols only those are made whose code `wants` approves of; empty:
  // all.
  void SetFilter(std::function<bool(std::string_view)> wants) {
    wants_ = std::move(wants);
  }

  // Makes the symbol, or returns the one this feed defined before under that
  // code. Errors: InvalidArgument (bad code, decimals or layout,
  // name or currency that is not UTF-8), PermissionDenied (another feed owns
  // it), ResourceExhausted (symbols_max). All are counted. Not counted:
  // FailedPrecondition (the filter). A new symbol's `trading` is "unknown".
  absl::StatusOr<SymbolId> Define(SymbolInfo info);

  // Starts an input batch: takes the receive time of its ticks.
  void BeginBatch();

  // The ticks of this batch that follow were received then: of what is computed
  // from other symbols, which is as old as they are.
  void ReceivedAt(int64_t wall_ns) { received_ns_ = wall_ns; }

  // One tick. `id` is from Define. `event_ns`: the venue's time, ns since 1970
  // UTC, 0 if unknown. Fields that the symbol's layout lacks are left out.
  void Publish(SymbolId id, std::span<const FieldValue> values,
               int64_t event_ns);
  void Publish(SymbolId id, std::initializer_list<FieldValue> values,
               int64_t event_ns) {
    Publish(id, std::span(values.begin(), values.size()), event_ns);
  }

  // A trade of the symbol, for its tape; the tick that goes with it is
  // published beside it. `event_ns` as above.
  void Report(SymbolId id, const TradeReport& trade, int64_t event_ns) {
    tape_.Add(id, trade, event_ns, received_ns_);
    if (tap_ != nullptr) tap_->OnTrade(id, trade, received_ns_, event_ns);
  }

  // Ends an input batch: sleeping shards are woken, the feed has been heard of.
  void EndBatch();

  // The feed is alive though it had nothing to say.
  void Heartbeat() { market_.Heartbeat(feed_, clock_.MonoNs()); }

  void SetStatus(FeedStatus status);

  // Numbered messages `first` to `last` of `session` are lost: counted, kept
  // for operators, and the feed is stale for its gap_stale_ns. Not logged.
  void ReportGap(std::string_view session, uint64_t first, uint64_t last);
  // The same of so many gaps whose numbers nobody has.
  void ReportGaps(int64_t gaps, uint64_t messages);
  // What was lost came after all, or a snapshot in its place: not stale any
  // more. A new run says so itself.
  void RepairGap() { market_.RepairGap(feed_); }

  // Whether the feed is stale for messages that it lost.
  bool in_gap() const {
    return market_.feeds().InGapAt(feed_, clock_.MonoNs());
  }
  // If so: for as long again, since nothing went on meanwhile.
  void HoldGap() {
    if (in_gap()) market_.BeginGap(feed_, clock_.MonoNs());
  }

  // What operators are shown of the feed.
  FeedHealth& health() { return market_.health(feed_); }

  // Since when the feed has been live, monotonic; 0: it is not.
  int64_t live_since_ns() const { return live_since_ns_; }

  // A new run (a loop, a seek back, a reset of the source): every symbol of
  // this feed becomes empty and clients replace what they hold.
  void StartEpoch();

  // What clients hold is replaced by what there is, which stays: none of them
  // shows a value of before it with a status of after it. The tap is not told,
  // as nothing comes in.
  void RenewEpoch() {
    market_.StartEpoch();
    counters_.Add(Metric::kEpochs);
  }

  FeedId feed() const { return feed_; }

  // For what is no tick: topics.
  Market& market() { return market_; }

  const Clock& clock() const { return clock_; }
  Counters& counters() { return counters_; }

 private:
  // One batch in so much time is timed: how long its ticks took to be written.
  static constexpr int64_t kStampEveryNs = 10 * kMillisecond;

  void SetTradingUnknown(SymbolId id);
  void StampBatch(int64_t ticks, int64_t mono_ns);

  Market& market_;
  const FeedId feed_;
  Counters& counters_;
  const Clock& clock_;
  int64_t received_ns_ = 0;
  // Of the batch that is timed; decided when the one before it ended, so that
  // long batches are not preferred.
  bool timed_ = true;
  int64_t began_ns_ = 0;      // monotonic; 0: it has not begun
  int64_t ticks_before_ = 0;  // the batch
  int64_t timed_at_ns_ = 0;   // when the last one ended
  int64_t live_since_ns_ = 0;
  std::vector<SymbolId> owned_;
  Tape tape_;
  TickTap* tap_ = nullptr;
  std::function<bool(std::string_view)> wants_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_PUBLISHER_H_
