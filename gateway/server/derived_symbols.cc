#include "gateway/server/derived_symbols.h"

#include <absl/strings/str_cat.h>

#include <utility>
#include <vector>

#include "feeds/derived/derived_feed.h"
#include "feeds/derived/feed_sets.h"
#include "feeds/derived/plan.h"
#include "gateway/base/check.h"

namespace streamhub {

absl::StatusOr<std::unique_ptr<DerivedSymbols>> DerivedSymbols::Create(
    std::span<const std::string> texts, Market& market, const Clock& clock) {
  auto plan = derived::MakePlan(texts);
  if (!plan.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--derived ", plan.status().message()));
  }
  std::vector<derived::FeedSet> sets = derived::AddFeedSets(market);
  STREAMHUB_CHECK(!sets.empty());
  std::unique_ptr<DerivedSymbols> made(new DerivedSymbols);
  ShardWake& wake = market.AddShard([bell = &made->bell_] { bell->Ring(); });
  Publisher first(market, sets[0].feed, made->counters_, clock);
  auto feed = std::make_unique<derived::DerivedFeed>(
      *std::move(plan), std::move(sets), wake, made->bell_);
  made->thread_ = std::make_unique<FeedThread>(
      "derived", std::move(feed), std::move(first), [](const absl::Status&) {});
  return made;
}

}  // namespace streamhub
