#include "feeds/feed_thread.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "gateway/base/log.h"

namespace streamhub {
namespace {

constexpr int64_t kHeartbeatNs = 100 * kMillisecond;

}  // namespace

FeedThread::FeedThread(std::string name, std::unique_ptr<Feed> feed,
                       Publisher publisher,
                       std::function<void(const absl::Status&)> done)
    : name_(std::move(name)),
      feed_(std::move(feed)),
      publisher_(std::move(publisher)),
      done_(std::move(done)) {}

FeedThread::~FeedThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void FeedThread::Start() {
  thread_ = std::thread([this] { Run(); });
}

bool FeedThread::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

bool FeedThread::WaitUntil(int64_t mono_ns) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const int64_t left = mono_ns - publisher_.clock().MonoNs();
    if (left <= 0) return true;
    publisher_.Heartbeat();
    wake_.wait_for(lock,
                   std::chrono::nanoseconds(std::min(left, kHeartbeatNs)));
  }
  return false;
}

void FeedThread::Run() {
  const absl::Status status = feed_->Run(publisher_, *this);
  if (!status.ok()) {
    publisher_.SetStatus(FeedStatus::kDown);
    LogError(absl::StrCat("feed ", name_, ": ", status.message()));
  }
  done_(status);
}

}  // namespace streamhub
