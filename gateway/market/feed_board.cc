#include "gateway/market/feed_board.h"

#include <algorithm>
#include <utility>

namespace streamhub {

std::string_view FeedStatusName(FeedStatus status) {
  switch (status) {
    case FeedStatus::kDown:
      return "down";
    case FeedStatus::kLive:
      return "live";
    case FeedStatus::kStale:
      return "stale";
    case FeedStatus::kEnded:
      return "ended";
  }
  return "down";
}

std::string_view SourceName(Source source) {
  switch (source) {
    case Source::kRealtime:
      return "realtime";
    case Source::kDelayed:
      return "delayed";
    case Source::kReplay:
      return "replay";
    case Source::kSimulated:
      return "simulated";
  }
  return "realtime";
}

FeedId FeedBoard::Add(FeedInfo info) {
  feeds_.emplace_back().info = std::move(info);
  return static_cast<FeedId>(feeds_.size() - 1);
}

bool FeedBoard::SetStatus(FeedId feed, FeedStatus status) {
  return feeds_[feed].status.exchange(status, std::memory_order_acq_rel) !=
         status;
}

FeedStatus FeedBoard::StatusAt(FeedId feed, int64_t mono_ns) const {
  const Feed& f = feeds_[feed];
  const FeedStatus status = f.status.load(std::memory_order_acquire);
  if (status != FeedStatus::kLive) return status;
  const bool silent = mono_ns - f.heartbeat_ns.load(std::memory_order_acquire) >
                      f.info.stale_after_ns;
  return silent || InGapAt(feed, mono_ns) ? FeedStatus::kStale : status;
}

bool FeedBoard::BeginGap(FeedId feed, int64_t mono_ns) {
  Feed& f = feeds_[feed];
  if (f.info.gap_stale_ns == 0) return false;
  const int64_t until_ns = f.gap_until_ns.load(std::memory_order_relaxed);
  f.gap_until_ns.store(std::max(until_ns, mono_ns + f.info.gap_stale_ns),
                       std::memory_order_release);
  return mono_ns >= until_ns;
}

bool FeedBoard::RepairGap(FeedId feed) {
  return feeds_[feed].gap_until_ns.exchange(0, std::memory_order_acq_rel) != 0;
}

}  // namespace streamhub
