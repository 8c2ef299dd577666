// Runs a feed on a thread of its own and keeps its heartbeat while it waits.
//
// A feed that fails is marked down and its error kept and logged. If it can be
// opened again it is run again after a while (backoff.h), as often as need be,
// until it returns OK or is told to stop, which cuts the wait short. It says
// itself when it is live again. Of its errors one in ten seconds is logged.

#ifndef STREAMHUB_FEEDS_FEED_THREAD_H_
#define STREAMHUB_FEEDS_FEED_THREAD_H_

#include <absl/status/status.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "feeds/backoff.h"
#include "feeds/feed.h"

namespace streamhub {

class FeedThread final : private FeedControl {
 public:
  struct Reopening {
    Backoff::Limits limits;
    std::function<double()> random;  // as Backoff's; empty: its own
  };

  // `publisher` is this feed's. `done` is called on the feed's thread when the
  // feed has returned and is not run again, with its status.
  FeedThread(std::string name, std::unique_ptr<Feed> feed, Publisher publisher,
             std::function<void(const absl::Status&)> done,
             Reopening reopening = {});

  // Asks the feed to stop and waits for its thread.
  ~FeedThread() override;

  FeedThread(const FeedThread&) = delete;
  FeedThread& operator=(const FeedThread&) = delete;

  // Main thread.
  void Start();

  // Any thread. Grows as long as the thread does anything but hang: whenever
  // the feed asks whether to stop, or waits. Meaningless once it has ended.
  uint64_t turns() const { return turns_.load(std::memory_order_relaxed); }
  bool ended() const { return ended_.load(std::memory_order_relaxed); }
  const std::string& name() const { return name_; }

 private:
  bool stopping() const override;
  bool WaitUntil(int64_t mono_ns) override;
  void Interrupt() override;
  void Run();
  bool AwaitReopening(const absl::Status& status);

  const std::string name_;
  const std::unique_ptr<Feed> feed_;
  Publisher publisher_;
  const std::function<void(const absl::Status&)> done_;
  Backoff backoff_;
  int64_t log_again_ns_ = 0;  // the next error is logged then, monotonic
  int64_t not_logged_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;     // under mutex_
  bool interrupted_ = false;  // under mutex_

  mutable std::atomic<uint64_t> turns_{0};
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_FEED_THREAD_H_
