// A feed that is dead, has lost messages, or fails and is opened again: what
// clients are told over every transport, and operators on the admin port.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "tests/integration/test_gateway.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;
using Kind = StreamClient::Kind;

// One client of each kind, all of them of the symbol A.
class Clients {
 public:
  explicit Clients(int port) {
    for (const Kind kind : StreamClient::kKinds) {
      const bool websocket = StreamClient::IsWebSocket(kind);
      clients_.emplace_back(kind, port,
                            websocket ? "" : "?max_rate=unlimited&symbols=A");
      if (websocket) clients_.back().Send(SubscribeText({"A"}));
    }
  }

  // Reads until each of them knows the feed to be in that state.
  void Await(std::string_view status) {
    for (StreamClient& client : clients_) {
      EXPECT_TRUE(client.AwaitState([&](const HeldMarket& held) {
        return held.feeds.size() == 1 && held.feeds.begin()->second == status;
      })) << StreamClient::NameOf(client.kind())
          << " was not told " << status;
    }
  }

  void AwaitBid(std::string_view bid) {
    for (StreamClient& client : clients_) {
      EXPECT_TRUE(client.AwaitState([&](const HeldMarket& held) {
        const auto quote = held.quotes.find("A");
        return quote != held.quotes.end() &&
               quote->second.fields.contains("bid") &&
               quote->second.fields.at("bid") == bid;
      })) << StreamClient::NameOf(client.kind());
    }
  }

 private:
  std::deque<StreamClient> clients_;
};

std::string StateOfA(int port) {
  const std::string body = Get(port, "/v1/quotes?symbols=A").body;
  const std::string key = R"("state":")";
  const size_t at = body.find(key) + key.size();
  return body.substr(at, body.find('"', at) - at);
}

std::string FeedsPageOf(const Gateway& gateway) {
  const HttpReply reply = Get(gateway.admin_port(), "/admin/feeds");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("content-type"), "application/json");
  return reply.body;
}

TEST(FeedHealthTest, ADeadFeedIsStaleOnEveryClientInTimeAndComesBack) {
  Config config = TestConfig();
  config.stale_after_ms = 500;
  TestGateway gateway(config);
  const SymbolId id = gateway.Define({"A"})[0];
  gateway.Tick(id, {{FieldId::kBid, 100}});
  Clients clients(gateway.port());
  clients.Await("live");
  clients.AwaitBid("1.00");

  std::promise<void> release;
  gateway.puppet->Start(
      [hung = release.get_future().share()](Publisher&) { hung.wait(); });
  const auto begin = steady_clock::now();
  clients.Await("stale");
  if (!kSanitized) {
    // The threshold, a slow tick, and what a busy machine takes.
    EXPECT_LT(steady_clock::now() - begin, milliseconds(500 + 250 + 500));
  }
  EXPECT_EQ(StateOfA(gateway.port()), "stale");
  EXPECT_THAT(FeedsPageOf(*gateway.gateway),
              HasSubstr(R"({"market":"live","status":"stale",)"));

  release.set_value();
  clients.Await("live");
  gateway.Tick(id, {{FieldId::kBid, 101}});
  clients.AwaitBid("1.01");
  EXPECT_EQ(StateOfA(gateway.port()), "live");
}

TEST(FeedHealthTest, AGapIsStaleOnEveryClientUntilItIsRepaired) {
  Config config = TestConfig();
  config.gap_stale_ms = 3'600'000;
  TestGateway gateway(config);
  const SymbolId id = gateway.Define({"A"})[0];
  Clients clients(gateway.port());
  clients.Await("live");
  gateway.puppet->Do(
      [](Publisher& publisher) { publisher.ReportGap("DAY1", 100, 149); });
  clients.Await("stale");
  // Prices go on meanwhile, and are known not to be relied on.
  gateway.Tick(id, {{FieldId::kBid, 100}});
  clients.AwaitBid("1.00");
  EXPECT_EQ(StateOfA(gateway.port()), "stale");
  EXPECT_THAT(FeedsPageOf(*gateway.gateway),
              HasSubstr(R"("recent_gaps":[{"session":"DAY1","first":100,)"
                        R"("last":149,)"));
  EXPECT_THAT(Get(gateway.gateway->admin_port(), "/healthz").body,
              HasSubstr(R"("in_gap":true,"gaps":1,"messages_lost":50,)"));
  gateway.puppet->Do([](Publisher& publisher) { publisher.RepairGap(); });
  clients.Await("live");
}

// What the test says to a feed that dies when told to.
struct Life {
  std::mutex mutex;
  std::condition_variable changed;
  bool may_connect = true;  // under mutex, as are the others
  bool must_die = false;
};

class MortalFeed final : public Feed {
 public:
  explicit MortalFeed(std::shared_ptr<Life> life) : life_(std::move(life)) {}

  bool CanReopen() const override { return true; }

  absl::Status Run(Publisher& publisher, FeedControl& control) override {
    ++runs_;
    SymbolInfo info;
    info.code = "A";
    info.layout = &QuoteLayout();
    const auto id = publisher.Define(std::move(info));
    if (!id.ok()) return id.status();
    std::unique_lock lock(life_->mutex);
    const auto wait = [&](const bool& flag) {
      while (!flag && !control.stopping()) {
        publisher.Heartbeat();
        life_->changed.wait_for(lock, milliseconds(50));
      }
    };
    wait(life_->may_connect);
    publisher.SetStatus(FeedStatus::kLive);
    publisher.BeginBatch();
    publisher.Publish(*id, {{FieldId::kBid, runs_}}, 0);
    publisher.EndBatch();
    wait(life_->must_die);
    if (control.stopping()) return absl::OkStatus();
    life_->must_die = false;
    return absl::UnavailableError("the exchange hung up");
  }

 private:
  const std::shared_ptr<Life> life_;
  int64_t runs_ = 0;
};

TEST(FeedHealthTest, AFeedThatFailsIsDownOnEveryClientAndComesBack) {
  const auto life = std::make_shared<Life>();
  const auto tell = [&](bool may_connect, bool must_die) {
    const std::lock_guard lock(life->mutex);
    life->may_connect = may_connect;
    life->must_die = must_die;
    life->changed.notify_all();
  };
  auto started =
      Gateway::Start(TestConfig(), {}, std::make_unique<MortalFeed>(life));
  ASSERT_TRUE(started.ok()) << started.status();
  const Gateway& gateway = **started;
  Clients clients(gateway.port());
  clients.Await("live");
  clients.AwaitBid("0.01");

  testing::internal::CaptureStderr();
  tell(/*may_connect=*/false, /*must_die=*/true);
  clients.Await("down");
  EXPECT_EQ(StateOfA(gateway.port()), "down");
  EXPECT_THAT(FeedsPageOf(gateway),
              HasSubstr(R"("last_failure":{"reason":"the exchange hung up",)"));
  EXPECT_THAT(Get(gateway.admin_port(), "/healthz").body,
              HasSubstr(R"({"status":"degraded")"));

  tell(/*may_connect=*/true, /*must_die=*/false);
  clients.Await("live");
  clients.AwaitBid("0.02");
  EXPECT_EQ(StateOfA(gateway.port()), "live");
  EXPECT_THAT(Get(gateway.admin_port(), "/metrics").body,
              HasSubstr("\nstreamhub_feed_reopenings_total{market=\"live\","
                        "feed=\"synthetic\"} "
                        "1\n"));
  started->reset();
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("feed synthetic: the exchange hung up"));
}

}  // namespace
}  // namespace streamhub
