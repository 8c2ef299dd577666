// A disk that a test holds up, or breaks: where logs of incidents go. Any
// thread.

#ifndef STREAMHUB_TESTS_SERVER_HELD_DISK_H_
#define STREAMHUB_TESTS_SERVER_HELD_DISK_H_

#include <absl/status/status.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "feeds/ticklog/log_writer.h"

namespace streamhub {

class HeldDisk {
 public:
  static constexpr std::chrono::seconds kPatience{20};

  std::unique_ptr<ticklog::LogWriter> MakeLog() {
    return std::make_unique<ticklog::LogWriter>(
        [this](std::string_view piece) { return Write(piece); },
        ticklog::WriterOptions{});
  }

  void HoldUp() {
    const std::lock_guard lock(mutex_);
    held_up_ = true;
  }
  void GoOn() {
    const std::lock_guard lock(mutex_);
    held_up_ = false;
    changed_.notify_all();
  }
  void Break() {
    const std::lock_guard lock(mutex_);
    broken_ = true;
  }

  // Until somebody waits for it.
  void AwaitWaiter() {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(
        changed_.wait_for(lock, kPatience, [this] { return waits_ > 0; }));
  }
  int writes() {
    const std::lock_guard lock(mutex_);
    return writes_;
  }
  // Until it was written to so often in all.
  void AwaitWrites(int count) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(
        changed_.wait_for(lock, kPatience, [&] { return writes_ >= count; }));
  }

  std::string bytes() {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  absl::Status Write(std::string_view piece) {
    std::unique_lock lock(mutex_);
    ++waits_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_up_; });
    --waits_;
    if (broken_) return absl::ResourceExhaustedError("the disk is full");
    bytes_ += piece;
    ++writes_;
    changed_.notify_all();
    return absl::OkStatus();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_up_ = false, broken_ = false;
  int waits_ = 0, writes_ = 0;
  std::string bytes_;
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SERVER_HELD_DISK_H_
