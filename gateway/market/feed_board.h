// What is known of each feed of a market: its fixed description, its status
// word, its heartbeat and how it has been doing (feed_health.h). Written by the
// feed's thread, read by the shards, who derive freshness from it: a feed that
// hangs turns stale by itself.

#ifndef STREAMHUB_GATEWAY_MARKET_FEED_BOARD_H_
#define STREAMHUB_GATEWAY_MARKET_FEED_BOARD_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "gateway/base/clock.h"
#include "gateway/base/latency_window.h"
#include "gateway/market/feed_health.h"
#include "gateway/market/symbol.h"

namespace streamhub {

enum class FeedStatus : uint8_t {
  kDown,   // not connected (yet)
  kLive,   // connected and heard of
  kStale,  // silent beyond stale_after, or has lost messages lately
  kEnded,  // a replay that is over
};
std::string_view FeedStatusName(FeedStatus status);

enum class Source : uint8_t { kRealtime, kDelayed, kReplay, kSimulated };
std::string_view SourceName(Source source);

struct FeedInfo {
  std::string name;  // told to clients; 1-64 bytes like a symbol
  Source source = Source::kRealtime;
  int64_t delay_s = 0;  // for kDelayed
  int64_t stale_after_ns = 3 * kSecond;
  int64_t quiet_after_ns = 15 * kSecond;  // 0: see quiet.h
  int64_t gap_stale_ns = 3 * kSecond;     // 0: a gap does not turn it stale
};

class FeedBoard {
 public:
  // Before any other thread runs.
  FeedId Add(FeedInfo info);

  size_t size() const { return feeds_.size(); }
  const FeedInfo& info(FeedId feed) const { return feeds_[feed].info; }

  // The feed's thread. True if the status changed.
  bool SetStatus(FeedId feed, FeedStatus status);

  // The feed's thread, at least three times per stale_after.
  void Heartbeat(FeedId feed, int64_t mono_ns) {
    feeds_[feed].heartbeat_ns.store(mono_ns, std::memory_order_release);
  }

  // The feed's thread: messages are lost, and what hangs on them (a book) is
  // not to be relied on for gap_stale_ns, or until RepairGap(). False if that
  // was so before, or is never.
  bool BeginGap(FeedId feed, int64_t mono_ns);

  // The feed's thread: a snapshot, a retransmission or a new run has made good
  // what was lost. True if there was something.
  bool RepairGap(FeedId feed);

  // Any thread.
  bool InGapAt(FeedId feed, int64_t mono_ns) const {
    return mono_ns < feeds_[feed].gap_until_ns.load(std::memory_order_acquire);
  }

  // The feed's thread writes, any thread reads.
  FeedHealth& health(FeedId feed) { return feeds_[feed].health; }
  const FeedHealth& health(FeedId feed) const { return feeds_[feed].health; }

  // The feed's thread: what it got at once is in the cache, `ns` after it got
  // it.
  void StampWritten(FeedId feed, int64_t ns, int64_t mono_ns) {
    feeds_[feed].written.Add(ns, mono_ns);
  }

  // Any thread.
  const LatencyWindow& written(FeedId feed) const {
    return feeds_[feed].written;
  }

  // Any thread: the status now, with a live feed reported as stale whose thread
  // has not been heard of for stale_after, or that is in a gap.
  FeedStatus StatusAt(FeedId feed, int64_t mono_ns) const;

 private:
  struct Feed {
    FeedInfo info;
    std::atomic<FeedStatus> status{FeedStatus::kDown};
    std::atomic<int64_t> heartbeat_ns{0};
    std::atomic<int64_t> gap_until_ns{0};
    FeedHealth health;
    LatencyWindow written;
  };
  std::deque<Feed> feeds_;  // atomics do not move
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_MARKET_FEED_BOARD_H_
