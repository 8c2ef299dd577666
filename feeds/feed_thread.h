// Runs a feed on a thread of its own and keeps its heartbeat while it waits.
// A feed that fails is marked down and its error kept and logged.

#ifndef STREAMHUB_FEEDS_FEED_THREAD_H_
#define STREAMHUB_FEEDS_FEED_THREAD_H_

#include <absl/status/status.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "feeds/feed.h"

namespace streamhub {

class FeedThread final : private FeedControl {
 public:
  // `publisher` is this feed's. `done` is called on the feed's thread when the
  // feed has returned, with its status.
  FeedThread(std::string name, std::unique_ptr<Feed> feed, Publisher publisher,
             std::function<void(const absl::Status&)> done);

  // Asks the feed to stop and waits for its thread.
  ~FeedThread() override;

  FeedThread(const FeedThread&) = delete;
  FeedThread& operator=(const FeedThread&) = delete;

  // Main thread.
  void Start();

 private:
  bool stopping() const override;
  bool WaitUntil(int64_t mono_ns) override;
  void Run();

  const std::string name_;
  const std::unique_ptr<Feed> feed_;
  Publisher publisher_;
  const std::function<void(const absl::Status&)> done_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // under mutex_

  std::thread thread_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_FEED_THREAD_H_
