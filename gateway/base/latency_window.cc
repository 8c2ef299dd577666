#include "gateway/base/latency_window.h"

#include <algorithm>

namespace streamhub {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

template <typename Word>
void Increase(std::atomic<Word>& word, Word by) {
  word.store(word.load(kRelaxed) + by, kRelaxed);
}

}  // namespace

void LatencyWindow::Add(int64_t latency_ns, int64_t mono_ns) {
  if (mono_ns >= half_end_ns_) StartHalf(mono_ns);
  latency_ns = std::clamp(latency_ns, int64_t{0}, Histogram::kMax);
  Half& half = halves_[static_cast<size_t>(filling_)];
  Increase(half.counts[Histogram::BucketOf(latency_ns)], uint32_t{1});
  Increase(count_, int64_t{1});
  Increase(sum_ns_, latency_ns);
}

void LatencyWindow::StartHalf(int64_t mono_ns) {
  half_end_ns_ = mono_ns + kWindowNs / 2;
  filling_ = 1 - filling_;
  Half& half = halves_[static_cast<size_t>(filling_)];
  for (auto& count : half.counts) count.store(0, kRelaxed);
  half.begin_ns.store(mono_ns, kRelaxed);
}

LatencySeen LatencyWindow::Read(int64_t mono_ns) const {
  LatencySeen seen;
  for (const Half& half : halves_) {
    if (mono_ns - half.begin_ns.load(kRelaxed) >= kWindowNs) continue;
    for (size_t i = 0; i < half.counts.size(); ++i) {
      seen.recent.AddToBucket(i, half.counts[i].load(kRelaxed));
    }
  }
  seen.count = count_.load(kRelaxed);
  seen.sum_ns = sum_ns_.load(kRelaxed);
  return seen;
}

}  // namespace streamhub
