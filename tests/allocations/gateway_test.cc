// A whole gateway in a steady state over real sockets: what its feed and its
// shard do for ticks, updates, beats and flushes allocates nothing, whatever
// the transport and the encoding. This thread is the clients, and not counted.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <semaphore>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/feed.h"
#include "gateway/server/gateway.h"
#include "tests/allocations/allocation_count.h"
#include "tests/integration/test_gateway.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using Kind = StreamClient::Kind;

constexpr int kSymbols = 50;
constexpr int kFlood = 50'000;  // ticks of each

constexpr int64_t kFirstPrice = 100'000;

// Ticks every symbol once, a cent higher, for each time it is told to; it
// allocates nothing itself.
class Pump {
 public:
  void Tick(int times) { told_.release(times); }

  void Stop() {
    stop_ = true;
    told_.release();
  }

  absl::Status Run(Publisher& publisher) {
    std::vector<SymbolId> ids;
    for (const std::string& name : Names(kSymbols)) {
      SymbolInfo info;
      info.code = name;
      info.layout = &QuoteLayout();
      const auto id = publisher.Define(std::move(info));
      if (!id.ok()) return id.status();
      ids.push_back(*id);
    }
    publisher.SetStatus(FeedStatus::kLive);
    for (int64_t price = kFirstPrice + 1;; ++price) {
      told_.acquire();
      if (stop_) return absl::OkStatus();
      publisher.BeginBatch();
      for (const SymbolId id : ids) {
        publisher.Publish(id,
                          {{FieldId::kBid, price},
                           {FieldId::kBidSize, price % 100},
                           {FieldId::kAsk, price + 1},
                           {FieldId::kQuoteTime, publisher.clock().WallNs()}},
                          0);
      }
      publisher.EndBatch();
    }
  }

 private:
  std::atomic<bool> stop_{false};
  std::counting_semaphore<> told_{0};
};

class PumpFeed final : public Feed {
 public:
  explicit PumpFeed(std::shared_ptr<Pump> pump) : pump_(std::move(pump)) {}
  absl::Status Run(Publisher& publisher, FeedControl&) override {
    return pump_->Run(publisher);
  }

 private:
  const std::shared_ptr<Pump> pump_;
};

class GatewayAllocationTest : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!kAllocationsAreCounted) GTEST_SKIP() << "a sanitizer has malloc";
  }

  GatewayAllocationTest() {
    Config config = TestConfig();
    config.stale_after_ms = config.quiet_after_ms = 3'600'000;
    auto started =
        Gateway::Start(config, {}, std::make_unique<PumpFeed>(pump_));
    EXPECT_TRUE(started.ok());
    gateway_ = *std::move(started);
  }
  ~GatewayAllocationTest() override {
    clients_.clear();
    pump_->Stop();
  }

  void Connect(std::string_view rate) {
    clients_.emplace_back(GetParam(), gateway_->port(),
                          "?max_rate=" + std::string(rate) +
                              "&symbols=" + Joined(Names(kSymbols)));
    ASSERT_TRUE(clients_.back().Await("synced").has_value());
  }

  // Ticks, each after all have got the one before.
  void Live(int ticks) {
    for (int i = 0; i < ticks && !HasFatalFailure(); ++i) {
      Tick(1);
      AwaitPrice();
    }
  }

  // Clients that do not read, so that their sockets run full, and then do.
  void Flood() {
    Tick(kFlood);
    AwaitPrice();
  }

  void Tick(int times) {
    price_ += times;
    pump_->Tick(times);
  }

  int64_t BlockedWrites() {
    constexpr std::string_view kName = "\nstreamhub_writes_blocked_total ";
    const std::string page = Get(gateway_->admin_port(), "/metrics").body;
    const size_t at = page.find(kName);
    return at == page.npos ? -1 : std::atoll(&page[at + kName.size()]);
  }

  // Until every client holds it for every symbol.
  void AwaitPrice() {
    const std::string cents = std::to_string(price_);
    const std::string bid = cents.substr(0, cents.size() - 2) + '.' +
                            cents.substr(cents.size() - 2);
    const auto has_it = [&](const auto& quote) {
      const auto found = quote.second.fields.find("bid");
      return found != quote.second.fields.end() && found->second == bid;
    };
    for (StreamClient& client : clients_) {
      ASSERT_TRUE(client.AwaitState([&](const HeldMarket& held) {
        return held.quotes.size() == kSymbols &&
               std::all_of(held.quotes.begin(), held.quotes.end(), has_it);
      })) << bid;
    }
  }

  void ExpectNone(int ticks) {
    BeginAllocationCount(CountedThreads::kOthers);
    Live(ticks);
    const AllocationCount counted = EndAllocationCount();
    EXPECT_EQ(counted.count, 0) << counted.sites;
    // What is allowed is so now and then, not for each update.
    EXPECT_LT(counted.allowed, ticks * 3) << counted.sites;
  }

  const std::shared_ptr<Pump> pump_ = std::make_shared<Pump>();
  std::unique_ptr<Gateway> gateway_;
  std::vector<StreamClient> clients_;
  int64_t price_ = kFirstPrice;  // of the last tick
};

INSTANTIATE_TEST_SUITE_P(, GatewayAllocationTest,
                         testing::ValuesIn(StreamClient::kEndless),
                         [](const testing::TestParamInfo<Kind>& param) {
                           return std::string(
                               StreamClient::NameOf(param.param));
                         });

TEST_P(GatewayAllocationTest, NoneAtOnce) {
  for (int i = 0; i < 3; ++i) Connect("unlimited");
  Live(200);
  ExpectNone(1000);
}

// Between two beats the shard sleeps until an alarm.
TEST_P(GatewayAllocationTest, NoneInBeats) {
  for (int i = 0; i < 3; ++i) Connect("50");
  Live(20);
  ExpectNone(50);
}

// Clients that let their sockets run full and take it all afterwards.
TEST_P(GatewayAllocationTest, NoneForSocketsThatAreFull) {
  for (int i = 0; i < 3; ++i) Connect("unlimited");
  Flood();
  BeginAllocationCount(CountedThreads::kOthers);
  Flood();
  const AllocationCount counted = EndAllocationCount();
  EXPECT_GT(BlockedWrites(), 0);
  EXPECT_EQ(counted.count, 0) << counted.sites;
}

}  // namespace
}  // namespace streamhub
