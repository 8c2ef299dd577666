// Records of tick logs -> symbols, ticks and trades of a market. On the feed's
// thread, within the publisher's batches.
//
// - All symbols are the publisher's, whichever feed wrote them. One that is
//   there with other decimals (of another log) is left as it is: the ticks are
//   rejected and counted, since no value is rounded.
// - Ticks and trades are published as they were, with the event's own time.
// - The state that a log begins with is compared with what the market holds: in
//   a rotation they are the same, and nothing happens. Where they differ (the
//   log is played alone, or after a gap) one tick says all that is different.
// - A new epoch of the recorded market is one of this. The epoch that a log
//   begins with, before any tick or state, is new if the log before it had
//   another.
// - Feeds that were down, stale or live again are shown so: of several, down if
//   all are, stale if one is down or stale. One that ended is no more looked
//   at, and the end of the replay is its own.
// - What was sent to sessions is nothing to play.

#ifndef STREAMHUB_FEEDS_TICKLOG_TICKLOG_HANDLER_H_
#define STREAMHUB_FEEDS_TICKLOG_TICKLOG_HANDLER_H_

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "feeds/publisher.h"
#include "feeds/tick_record.h"
#include "gateway/market/feed_board.h"

namespace streamhub::ticklog {

class TickLogHandler {
 public:
  // `publisher` outlives this; its feed is live.
  explicit TickLogHandler(Publisher& publisher);

  // A log, whose numbers are its own.
  using LogId = size_t;
  LogId Open();

  void Apply(LogId log, const TickRecord& record);

  // No record of it follows.
  void Close(LogId log);

  // All is played once more, in an epoch that has begun.
  void StartAgain();

 private:
  struct Known {
    SymbolId id = 0;
    bool refused = false;     // by the publisher
    bool mismatched = false;  // the market's has other decimals
  };
  struct Log {
    absl::flat_hash_map<uint32_t, Known> symbols;  // by the log's number
    std::optional<uint64_t> epoch;
    bool has_values = false;  // a tick, a trade or a state came
    bool open = true;
  };

  const Known* Find(Log& log, uint32_t number);
  void Define(Log& log, const TickRecord& record);
  void Refresh(const Known& symbol, const TickRecord& record);
  void StartEpoch(Log& log, uint64_t epoch);
  void SetStatus(const TickRecord& record);

  Publisher& publisher_;
  std::vector<Log> logs_;
  std::optional<uint64_t> epoch_;  // of the log that told one last
  bool has_values_ = false;        // any log has
  std::map<std::string, FeedStatus, std::less<>> feeds_;
  FeedStatus shown_ = FeedStatus::kLive;
  bool warned_ = false;  // of other decimals
};

}  // namespace streamhub::ticklog

#endif  // STREAMHUB_FEEDS_TICKLOG_TICKLOG_HANDLER_H_
