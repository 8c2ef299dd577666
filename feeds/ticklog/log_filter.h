// Which records of a tick log somebody wants. Plain state; one thread.

#ifndef STREAMHUB_FEEDS_TICKLOG_LOG_FILTER_H_
#define STREAMHUB_FEEDS_TICKLOG_LOG_FILTER_H_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/tick_record.h"

namespace streamhub::ticklog {

struct LogFilter {
  // Times of records, both included. What has none (definitions of symbols,
  // and their state at the begin of a log) is wanted always.
  int64_t from_ns = std::numeric_limits<int64_t>::min();
  int64_t to_ns = std::numeric_limits<int64_t>::max();

  // Empty: all. What belongs to no symbol is wanted in any case.
  std::vector<std::string> symbols = {};

  bool WantsTime(int64_t first_ns, int64_t last_ns) const {
    return first_ns <= to_ns && last_ns >= from_ns;
  }
  bool WantsSymbol(std::string_view code) const {
    return symbols.empty() ||
           std::find(symbols.begin(), symbols.end(), code) != symbols.end();
  }
};

// The filter over the records of one log, in their order: it remembers which
// numbers are symbols that are wanted.
class RecordFilter {
 public:
  explicit RecordFilter(LogFilter filter = {}) : filter_(std::move(filter)) {}

  const LogFilter& filter() const { return filter_; }

  // Another log begins, with numbers of its own.
  void StartLog() { wanted_.clear(); }

  bool Wants(const TickRecord& record) {
    using Kind = TickRecord::Kind;
    if (record.kind == Kind::kSymbol) return WantsDefinition(record);
    if (record.kind != Kind::kRefresh &&
        !filter_.WantsTime(record.kind == Kind::kGap
                               ? std::min(record.from_ns, record.time_ns)
                               : record.time_ns,
                           record.time_ns)) {
      return false;
    }
    switch (record.kind) {
      case Kind::kTick:
      case Kind::kRefresh:
      case Kind::kTrade:
        return filter_.symbols.empty() ||
               (record.number < wanted_.size() && wanted_[record.number]);
      case Kind::kSent:
        return record.sent.symbol.empty() ||
               filter_.WantsSymbol(record.sent.symbol);
      default:
        return true;
    }
  }

 private:
  bool WantsDefinition(const TickRecord& record) {
    if (filter_.symbols.empty()) return true;
    const bool wants = filter_.WantsSymbol(record.info->code);
    if (record.number >= wanted_.size()) {
      if (!wants) return false;
      wanted_.resize(record.number + size_t{1}, false);
    }
    wanted_[record.number] = wants;
    return wants;
  }

  LogFilter filter_;
  std::vector<bool> wanted_;  // by number
};

}  // namespace streamhub::ticklog

#endif  // STREAMHUB_FEEDS_TICKLOG_LOG_FILTER_H_
