#include "feeds/feed_thread.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include "gateway/base/log.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

constexpr int64_t kHeartbeatNs = 100 * kMillisecond;
constexpr int64_t kLogEveryNs = 10 * kSecond;

std::function<double()> OwnRandom() {
  return [engine = std::minstd_rand(std::random_device()())]() mutable {
    return std::uniform_real_distribution<double>()(engine);
  };
}

}  // namespace

FeedThread::FeedThread(std::string name, std::unique_ptr<Feed> feed,
                       Publisher publisher,
                       std::function<void(const absl::Status&)> done,
                       Reopening reopening)
    : name_(std::move(name)),
      feed_(std::move(feed)),
      publisher_(std::move(publisher)),
      done_(std::move(done)),
      backoff_(reopening.limits,
               reopening.random ? std::move(reopening.random) : OwnRandom()) {}

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
  turns_.fetch_add(1, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  return stopping_;
}

bool FeedThread::WaitUntil(int64_t mono_ns) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    turns_.fetch_add(1, std::memory_order_relaxed);
    if (std::exchange(interrupted_, false)) return true;
    const int64_t left = mono_ns - publisher_.clock().MonoNs();
    if (left <= 0) return true;
    publisher_.Heartbeat();
    wake_.wait_for(lock,
                   std::chrono::nanoseconds(std::min(left, kHeartbeatNs)));
  }
  return false;
}

void FeedThread::Interrupt() {
  {
    const std::lock_guard lock(mutex_);
    interrupted_ = true;
  }
  wake_.notify_all();
}

void FeedThread::Run() {
  absl::Status status = feed_->Run(publisher_, *this);
  while (!status.ok() && AwaitReopening(status)) {
    publisher_.health().AddReopening();
    status = feed_->Run(publisher_, *this);
  }
  ended_.store(true, std::memory_order_relaxed);
  done_(status);
}

// It failed. False if it is not run again: it cannot be, or must stop.
bool FeedThread::AwaitReopening(const absl::Status& status) {
  const Clock& clock = publisher_.clock();
  const int64_t now_ns = clock.MonoNs();
  const int64_t live_ns = publisher_.live_since_ns();
  publisher_.SetStatus(FeedStatus::kDown);
  const bool again = !stopping() && feed_->CanReopen();
  const int64_t wait_ns =
      again ? backoff_.NextNs(live_ns == 0 ? 0 : now_ns - live_ns) : 0;
  const int64_t wall_ns = clock.WallNs();
  publisher_.health().AddFailure(FromAbsl(status.message()), wall_ns,
                                 again ? wall_ns + wait_ns : 0);
  if (again && now_ns < log_again_ns_) {
    ++not_logged_;
  } else {
    std::string line = absl::StrCat("feed ", name_, ": ", status.message());
    if (again) {
      absl::StrAppend(&line, "; opened again in ", wait_ns / kMillisecond,
                      " ms");
    }
    if (not_logged_ > 0) {
      absl::StrAppend(&line, "; it failed ", not_logged_, " times since told");
    }
    LogError(line);
    not_logged_ = 0;
    log_again_ns_ = now_ns + kLogEveryNs;
  }
  return again && WaitUntil(now_ns + wait_ns);
}

}  // namespace streamhub
