// So much of something, and no more: a count that threads share, of which each
// holder keeps its share for as long as it lives. Any thread.

#ifndef STREAMHUB_GATEWAY_BASE_QUOTA_H_
#define STREAMHUB_GATEWAY_BASE_QUOTA_H_

#include <atomic>
#include <cstddef>
#include <utility>

namespace streamhub {

class Quota {
 public:
  // One of them, until it is destroyed; the quota outlives it.
  class Slot {
   public:
    Slot() = default;  // holds nothing
    Slot(Slot&& other) noexcept
        : quota_(std::exchange(other.quota_, nullptr)) {}
    Slot& operator=(Slot&& other) noexcept {
      std::swap(quota_, other.quota_);
      return *this;
    }
    ~Slot() {
      if (quota_ != nullptr) {
        quota_->taken_.fetch_sub(1, std::memory_order_relaxed);
      }
    }
    explicit operator bool() const { return quota_ != nullptr; }

   private:
    friend class Quota;
    explicit Slot(Quota* quota) : quota_(quota) {}
    Quota* quota_ = nullptr;
  };

  explicit Quota(size_t max) : max_(max) {}
  Quota(const Quota&) = delete;

  // Any thread. Nobody loses a share by it: a smaller quota fills up again when
  // enough have left.
  void SetMax(size_t max) { max_.store(max, std::memory_order_relaxed); }

  // A slot that holds nothing if all are taken.
  Slot Take() {
    size_t taken = taken_.load(std::memory_order_relaxed);
    while (taken < max_.load(std::memory_order_relaxed)) {
      if (taken_.compare_exchange_weak(taken, taken + 1,
                                       std::memory_order_relaxed)) {
        return Slot(this);
      }
    }
    return {};
  }

 private:
  std::atomic<size_t> max_;
  std::atomic<size_t> taken_{0};
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_BASE_QUOTA_H_
