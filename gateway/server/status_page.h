// GET /admin/status: how the gateway does, as JSON, for the page /admin that
// asks for it every two seconds. docs/operations.md has every key.
//
// Admin thread. Whoever asks more often than once a second gets what the one
// before got. It is cheap: counters are read; shards are asked in steps of a
// fraction of a millisecond, between their turns, for half a second at most;
// ticks are compared with those of the time before. All lists are bounded.

#ifndef STREAMHUB_GATEWAY_SERVER_STATUS_PAGE_H_
#define STREAMHUB_GATEWAY_SERVER_STATUS_PAGE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/counters.h"
#include "gateway/server/admin_pages.h"
#include "gateway/server/ask_shards.h"
#include "gateway/server/readiness.h"
#include "gateway/server/withdraw_admin.h"

namespace streamhub {

class StatusPage {
 public:
  static constexpr int64_t kFreshNs = kSecond;
  static constexpr size_t kTop = 10;
  // Of a market; what is beyond is in no list of the busiest.
  static constexpr size_t kSymbolsMax = 200'000;

  // What it shows, all of which outlives it. `doors`: one per market and shard,
  // as for AskShards(), a shard's together.
  struct Sources {
    std::vector<ShownMarket> markets;
    std::vector<ShardDoor> doors;
    std::vector<const Counters*> counters;
    size_t sessions_max = 0;
    Readiness& readiness;
    const WithdrawAdmin& withdrawn;
    const Clock& clock;
  };
  explicit StatusPage(Sources sources);

  const std::string& Get();

 private:
  struct Ranked {
    size_t market;
    SymbolId symbol;
    double amount;
  };

  void Make();
  void AppendCounters(std::string* out) const;
  void AppendLatencies(std::string* out) const;
  void AppendFeeds(std::string* out) const;
  void AppendBusiest(std::string* out);
  void AppendOfShards(std::string* out) const;
  void AppendRanked(std::string_view key, std::string_view amount,
                    std::vector<Ranked> all, std::string* out) const;

  const Sources sources_;
  const int64_t started_ns_;
  int64_t made_ns_ = 0;
  std::string body_;
  // By market and symbol, of the last time that they were read.
  std::vector<std::vector<uint64_t>> ticks_;
  int64_t ticks_ns_ = 0;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_STATUS_PAGE_H_
