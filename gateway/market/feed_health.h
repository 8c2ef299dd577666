// How a feed has been doing, for operators: its ticks and their rate, what it
// lost, how often it failed, and the lines that it is taken from. A door
// between threads: written by the feed's thread, read by any. What changes with
// every batch is a few atomics; what changes rarely (a gap, a failure, ten
// times a second the lines) is behind a mutex. The steady state without
// allocation.
//
// Times are wall clock, in ns since 1970 UTC, 0: never; but for `mono_ns`.

#ifndef STREAMHUB_GATEWAY_MARKET_FEED_HEALTH_H_
#define STREAMHUB_GATEWAY_MARKET_FEED_HEALTH_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"

namespace streamhub {

// Messages `first` to `last` never came.
struct FeedGap {
  std::string session;  // whose numbers these are
  uint64_t first = 0;
  uint64_t last = 0;
  int64_t noticed_ns = 0;

  friend bool operator==(const FeedGap&, const FeedGap&) = default;
};

// One of several lines that bring the same messages. Times are the lines' own:
// of recordings, when a packet was captured.
struct FeedLine {
  std::string name;
  bool up = false;       // heard of within the threshold
  int64_t since_ns = 0;  // of its being up or down
  int64_t heard_ns = 0;  // the last packet
  int64_t lag_ns = 0;    // how far it is behind the one that is in use
  int64_t packets = 0;
  int64_t first = 0;   // messages that it brought before the others
  int64_t copies = 0;  // ... that were there already
  int64_t missed = 0;  // ... that it never brought, whether others did or not

  friend bool operator==(const FeedLine&, const FeedLine&) = default;
};

struct FeedLines {
  std::vector<FeedLine> lines;  // empty: it has but one
  size_t used = 0;              // the one that is ahead
  int64_t used_since_ns = 0;

  friend bool operator==(const FeedLines&, const FeedLines&) = default;
};

struct FeedFailure {
  std::string reason;  // empty: it never failed
  int64_t failed_ns = 0;
  int64_t again_ns = 0;  // when it is or was opened again; 0: never

  friend bool operator==(const FeedFailure&, const FeedFailure&) = default;
};

class FeedHealth {
 public:
  static constexpr size_t kGapsKept = 100;  // the newest
  static constexpr size_t kReasonBytesMax = 500;

  // --- the feed's thread ---

  // So many ticks of one batch are in the cache.
  void AddTicks(int64_t ticks, int64_t received_ns, int64_t mono_ns);

  // `first` <= `last`. One that follows right after the newest makes that one
  // longer.
  void AddGap(std::string_view session, uint64_t first, uint64_t last,
              int64_t now_ns);

  // So many gaps more, of which nobody knows the numbers any more.
  void AddGapsWithoutRange(int64_t gaps, uint64_t messages);

  void SetLines(FeedLines lines);

  // It returned an error; it is run again at `again_ns`.
  void AddFailure(std::string_view reason, int64_t now_ns, int64_t again_ns);
  void AddReopening() { Add(&reopenings_, 1); }

  // --- any thread ---

  int64_t ticks() const { return ticks_.load(std::memory_order_relaxed); }
  int64_t last_tick_ns() const {
    return last_tick_ns_.load(std::memory_order_relaxed);
  }

  // Ticks per second, of the last ten whole seconds.
  double RateAt(int64_t mono_ns) const;

  int64_t gaps() const { return gaps_.load(std::memory_order_relaxed); }
  int64_t messages_lost() const {
    return messages_lost_.load(std::memory_order_relaxed);
  }
  int64_t failures() const { return failures_.load(std::memory_order_relaxed); }
  int64_t reopenings() const {
    return reopenings_.load(std::memory_order_relaxed);
  }

  std::vector<FeedGap> Gaps() const;  // oldest first
  FeedLines Lines() const;
  FeedFailure LastFailure() const;

 private:
  static constexpr int64_t kRateSeconds = 10;
  // A second of the monotonic clock, its lower 32 bits, and the ticks in it.
  static constexpr size_t kSecondsKept = 16;
  static_assert(kSecondsKept > kRateSeconds + 1);

  // One writer.
  static void Add(std::atomic<int64_t>* word, int64_t delta) {
    word->store(word->load(std::memory_order_relaxed) + delta,
                std::memory_order_relaxed);
  }
  void AddLost(uint64_t messages);

  std::atomic<int64_t> ticks_{0};
  std::atomic<int64_t> last_tick_ns_{0};
  std::array<std::atomic<uint64_t>, kSecondsKept> seconds_{};
  std::atomic<int64_t> gaps_{0};
  std::atomic<int64_t> messages_lost_{0};
  std::atomic<int64_t> failures_{0};
  std::atomic<int64_t> reopenings_{0};

  mutable std::mutex mutex_;
  std::deque<FeedGap> kept_;  // under mutex_, as are the others
  FeedLines lines_;
  FeedFailure last_failure_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_MARKET_FEED_HEALTH_H_
