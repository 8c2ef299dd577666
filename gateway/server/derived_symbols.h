// The derived symbols of one market, as the gateway starts and stops them:
// their feeds, their counters and their thread. Main thread.

#ifndef STREAMHUB_GATEWAY_SERVER_DERIVED_SYMBOLS_H_
#define STREAMHUB_GATEWAY_SERVER_DERIVED_SYMBOLS_H_

#include <absl/status/statusor.h>

#include <memory>
#include <span>
#include <string>

#include "feeds/derived/bell.h"
#include "feeds/feed_thread.h"
#include "gateway/base/clock.h"
#include "gateway/base/counters.h"
#include "gateway/market/market.h"

namespace streamhub {

class DerivedSymbols {
 public:
  // `texts`: of `Config::derived`. Adds to `market`, which outlives it, a feed
  // for each set of those that it has, one at least, and whoever has to be
  // woken; so it comes after all other feeds and before any thread. Errors:
  // InvalidArgument, what is wrong with a text.
  static absl::StatusOr<std::unique_ptr<DerivedSymbols>> Create(
      std::span<const std::string> texts, Market& market, const Clock& clock);

  void Start() { thread_->Start(); }

  // Waits for the thread: a tenth of a second. It is rung by other threads for
  // as long as they run, so it must outlive them.
  void Stop() { thread_.reset(); }

  // Any thread.
  const Counters& counters() const { return counters_; }

  // Until Stop().
  const FeedThread& thread() const { return *thread_; }

 private:
  DerivedSymbols() = default;

  derived::Bell bell_;
  Counters counters_;
  std::unique_ptr<FeedThread> thread_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_DERIVED_SYMBOLS_H_
