#include "feeds/derived/feed_sets.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string>
#include <utility>

#include "gateway/base/check.h"
#include "gateway/market/symbol.h"

namespace streamhub::derived {
namespace {

constexpr size_t kFeedsMax = 4;

// Each as a mask of the feeds, which are fewer than 64.
std::vector<uint64_t> SetsOf(size_t feeds) {
  std::vector<uint64_t> sets;
  const uint64_t all = (uint64_t{1} << feeds) - 1;
  if (feeds <= kFeedsMax) {
    for (uint64_t set = 1; set <= all; ++set) sets.push_back(set);
    return sets;
  }
  for (size_t i = 0; i < feeds; ++i) sets.push_back(uint64_t{1} << i);
  sets.push_back(all);
  return sets;
}

FeedInfo InfoOf(const FeedBoard& feeds, const FeedSet& set, size_t number) {
  FeedInfo info = feeds.info(set.inputs[0]);
  std::string names;
  for (const FeedId input : set.inputs) {
    const FeedInfo& one = feeds.info(input);
    absl::StrAppend(&names, names.empty() ? "/" : "+", one.name);
    info.source = std::max(info.source, one.source);
    info.delay_s = std::max(info.delay_s, one.delay_s);
    info.stale_after_ns = std::min(info.stale_after_ns, one.stale_after_ns);
    info.quiet_after_ns = std::min(info.quiet_after_ns, one.quiet_after_ns);
  }
  info.name = "derived" + names;
  if (!IsValidSymbol(info.name)) info.name = absl::StrCat("derived/", number);
  return info;
}

// The worse the greater.
int Badness(FeedStatus status) {
  switch (status) {
    case FeedStatus::kDown:
      return 3;
    case FeedStatus::kStale:
      return 2;
    case FeedStatus::kEnded:
      return 1;
    case FeedStatus::kLive:
      return 0;
  }
  return 3;
}

}  // namespace

std::vector<FeedSet> AddFeedSets(Market& market) {
  const size_t feeds = market.feeds().size();
  STREAMHUB_CHECK(feeds < 64);
  std::vector<FeedSet> sets;
  if (feeds == 0) return sets;
  for (const uint64_t mask : SetsOf(feeds)) {
    FeedSet& set = sets.emplace_back();
    for (size_t i = 0; i < feeds; ++i) {
      if ((mask >> i & 1) != 0) set.inputs.push_back(static_cast<FeedId>(i));
    }
  }
  // Their infos are of the feeds that there were before.
  std::vector<FeedInfo> infos;
  for (size_t i = 0; i < sets.size(); ++i) {
    infos.push_back(InfoOf(market.feeds(), sets[i], i));
  }
  for (size_t i = 0; i < sets.size(); ++i) {
    sets[i].feed = market.AddFeed(std::move(infos[i]));
  }
  return sets;
}

size_t FindFeedSet(std::span<const FeedSet> sets,
                   std::span<const FeedId> feeds) {
  size_t best = sets.size();
  for (size_t i = 0; i < sets.size(); ++i) {
    const std::vector<FeedId>& inputs = sets[i].inputs;
    const bool has_all =
        std::all_of(feeds.begin(), feeds.end(), [&](FeedId feed) {
          return std::find(inputs.begin(), inputs.end(), feed) != inputs.end();
        });
    if (has_all &&
        (best == sets.size() || inputs.size() < sets[best].inputs.size())) {
      best = i;
    }
  }
  STREAMHUB_CHECK(best < sets.size());
  return best;
}

FeedStatus WorstStatus(const FeedBoard& feeds, std::span<const FeedId> inputs,
                       int64_t mono_ns) {
  FeedStatus worst = FeedStatus::kLive;
  for (const FeedId input : inputs) {
    const FeedStatus status = feeds.StatusAt(input, mono_ns);
    if (Badness(status) > Badness(worst)) worst = status;
  }
  return worst;
}

}  // namespace streamhub::derived
