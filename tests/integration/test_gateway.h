// A whole gateway in this process, on free ports, with a feed that the test
// plays itself.

#ifndef STREAMHUB_TESTS_INTEGRATION_TEST_GATEWAY_H_
#define STREAMHUB_TESTS_INTEGRATION_TEST_GATEWAY_H_

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/feed.h"
#include "gateway/server/config.h"
#include "gateway/server/gateway.h"
#include "tests/support/held_market.h"

namespace streamhub {

// Sanitizers have allocators of their own and take their time.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

// What a test does on the feed's thread.
class Puppet {
 public:
  using Action = std::function<void(Publisher&)>;

  // Any thread. Runs `action` on the feed's thread, after those before it.
  void Start(Action action);

  // The same, and waits until it is done.
  void Do(Action action);

  // The feed that plays it; the gateway owns it. Once.
  static std::unique_ptr<Feed> MakeFeed(std::shared_ptr<Puppet> puppet);

 private:
  friend class PuppetFeed;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Action> actions_;  // under mutex_
  int64_t started_ = 0;          // under mutex_
  int64_t done_ = 0;             // under mutex_
};

// Free ports, one shard, no page; a log that speaks of errors only.
Config TestConfig();

// A gateway with a puppet for a feed, which is live.
class TestGateway {
 public:
  explicit TestGateway(const Config& config = TestConfig());

  int port() const { return gateway->port(); }

  // Symbols with two decimals; all fields but `trading` empty. The first shard
  // knows them.
  std::vector<SymbolId> Define(const std::vector<std::string>& codes);

  // One tick, as a batch of its own; done when it returns.
  void Tick(SymbolId id, std::initializer_list<FieldValue> values);

  // What `/v1/quotes` says now. `query` without '?'.
  HeldMarket Quotes(std::string_view query) const;

  // A number of the admin server's `/metrics`; without the prefix.
  int64_t MetricOf(std::string_view name) const;

  // Asks until it has that value, or at least that. False if it did not get
  // there.
  bool AwaitMetric(std::string_view name, int64_t value) const;
  bool AwaitAtLeast(std::string_view name, int64_t value) const;

  std::shared_ptr<Puppet> puppet;
  std::unique_ptr<Gateway> gateway;
};

// S0,S1,... : `count` names, and the value of a `symbols` parameter.
std::vector<std::string> Names(int count);
std::string Joined(const std::vector<std::string>& names);

// A subscribe request for them at every change.
std::string SubscribeText(const std::vector<std::string>& names);

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_INTEGRATION_TEST_GATEWAY_H_
