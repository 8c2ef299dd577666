#include "feeds/synthetic/synthetic_feed.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace streamhub {
namespace {

constexpr int64_t kBatchNs = kMillisecond;
constexpr int kBatchTicksMax = 4096;

}  // namespace

FeedInfo SyntheticFeedInfo(std::string name) {
  FeedInfo info;
  info.name = std::move(name);
  info.source = Source::kSimulated;
  return info;
}

absl::Status SyntheticFeed::Run(Publisher& publisher, FeedControl& control) {
  if (absl::Status status = Validate(options_); !status.ok()) return status;
  const Clock& clock = publisher.clock();
  // Event times follow the monotonic clock: nobody's setting of the wall clock
  // stops this market or makes it race.
  const int64_t start_mono_ns = clock.MonoNs();
  const int64_t start_ns = clock.WallNs();
  SyntheticMarket market(options_, start_ns);
  std::vector<SymbolId> ids;
  ids.reserve(market.size());
  for (size_t i = 0; i < market.size(); ++i) {
    const auto id = publisher.Define(market.instrument(i).info);
    if (!id.ok()) return id.status();
    ids.push_back(*id);
  }
  publisher.SetStatus(FeedStatus::kLive);

  int64_t left = ticks_max_ == 0
                     ? std::numeric_limits<int64_t>::max()
                     : ticks_max_ + static_cast<int64_t>(market.size());
  SyntheticTick tick = market.Next();
  while (left > 0 && !control.stopping()) {
    const int64_t now_ns = start_ns + clock.MonoNs() - start_mono_ns;
    publisher.BeginBatch();
    for (int i = 0; i < kBatchTicksMax && tick.event_ns <= now_ns && left > 0;
         ++i, --left) {
      publisher.Publish(ids[tick.symbol], tick.values, tick.event_ns);
      if (tick.trade != nullptr) {
        publisher.Report(ids[tick.symbol], *tick.trade, tick.event_ns);
      }
      tick = market.Next();
    }
    publisher.EndBatch();
    if (left > 0 && tick.event_ns > now_ns) {
      const int64_t next_ns = std::max(tick.event_ns, now_ns + kBatchNs);
      control.WaitUntil(next_ns - start_ns + start_mono_ns);
    }
  }
  if (left == 0) publisher.SetStatus(FeedStatus::kEnded);
  return absl::OkStatus();
}

}  // namespace streamhub
