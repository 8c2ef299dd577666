// A market as the gateway runs it: with the feed that fills it, on a thread of
// its own. Main thread, unless said otherwise.

#ifndef STREAMHUB_GATEWAY_SERVER_MARKET_RUN_H_
#define STREAMHUB_GATEWAY_SERVER_MARKET_RUN_H_

#include <absl/status/status.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "feeds/feed.h"
#include "feeds/feed_thread.h"
#include "gateway/base/counters.h"
#include "gateway/market/market.h"
#include "gateway/server/derived_symbols.h"
#include "gateway/session/latency_board.h"

namespace streamhub {

class Recorder;

class MarketRun {
 public:
  // `feed` may be null: then nothing fills the market.
  MarketRun(std::string name, size_t symbols_max, std::unique_ptr<Feed> feed,
            FeedInfo info);

  // Before there are shards: symbols of the market that are computed from
  // others, see DerivedSymbols::Create.
  absl::Status AddDerived(std::span<const std::string> texts);

  // After the shards have begun. `tape`: trades kept of each symbol. `tap`: is
  // told all that the feed lets in, and outlives it; null: nobody is. `done`:
  // on the feed's thread, when the feed has returned; may be empty.
  void StartFeed(uint32_t tape, TickTap* tap,
                 std::function<void(const absl::Status&)> done);

  // Asks the feed to return, and waits for it.
  void StopFeed() {
    if (derived_ != nullptr) derived_->Stop();
    thread_.reset();
  }

  // The threads that it has: of the feed and of derived symbols. Main thread.
  std::vector<const FeedThread*> Threads() const;

  Market& market() { return market_; }
  FeedId feed_id() const { return feed_id_; }  // kNoFeed: there is none
  LatencyBoard& latency() { return latency_; }
  // What the feed counts. Any thread may read it.
  const Counters& counters() const { return counters_; }
  // Null if there are none.
  const DerivedSymbols* derived() const { return derived_.get(); }

 private:
  Market market_;
  LatencyBoard latency_{market_};
  Counters counters_;
  std::unique_ptr<Feed> feed_;  // until it is started
  FeedId feed_id_ = kNoFeed;
  std::unique_ptr<DerivedSymbols> derived_;
  std::unique_ptr<FeedThread> thread_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_MARKET_RUN_H_
