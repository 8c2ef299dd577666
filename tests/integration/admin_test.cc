// The operators' door on a whole gateway: what they see, what they take back,
// and that it stands open while clients get nothing done.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/json_value.h"
#include "tests/support/metrics_rules.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using Kind = StreamClient::Kind;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class AdminTest : public testing::Test {
 protected:
  static HttpReply Post(const TestGateway& gateway, std::string_view target,
                        std::string_view body, std::string_view token = "") {
    LoopbackSocket socket(gateway.gateway->admin_port());
    std::string headers = "Content-Type: application/json\r\nContent-Length: " +
                          std::to_string(body.size()) + "\r\n";
    if (!token.empty()) {
      headers += "Authorization: Bearer " + std::string(token) + "\r\n";
    }
    EXPECT_TRUE(
        socket.Send(RequestText(target, headers, "POST") + std::string(body)));
    std::string bytes;
    return TakeReply(socket, &bytes);
  }

  static HttpReply Admin(const TestGateway& gateway, std::string_view target) {
    return Get(gateway.gateway->admin_port(), target);
  }

  static JsonValue Page(const TestGateway& gateway, std::string_view target) {
    const HttpReply reply = Admin(gateway, target);
    EXPECT_EQ(reply.status, 200) << target << ' ' << reply.body;
    auto json = JsonReader(reply.body).Read();
    EXPECT_TRUE(json.has_value()) << reply.body;
    return json.value_or(JsonValue{});
  }

  // That all clients hold of A what `wanted` says.
  template <typename Wanted>
  static void AwaitA(const std::vector<std::unique_ptr<StreamClient>>& clients,
                     const Wanted& wanted) {
    for (const auto& client : clients) {
      EXPECT_TRUE(client->AwaitState([&](const HeldMarket& held) {
        const auto found = held.quotes.find("A");
        return found != held.quotes.end() && wanted(found->second);
      })) << StreamClient::NameOf(client->kind());
    }
  }

  static bool IsBlank(const HeldQuote& quote) {
    for (const auto& [name, value] : quote.fields) {
      if (value != "null") return false;
    }
    return quote.withdrawn && !quote.fields.empty();
  }
};

// On every transport, in both encodings, for who is there, who comes, and who
// asks once; and back again.
TEST_F(AdminTest, WhatIsWithdrawnIsBlankEverywhere) {
  TestGateway gateway;
  const auto ids = gateway.Define({"A", "B"});
  gateway.Tick(ids[0], {{FieldId::kBid, 1111}});
  gateway.Tick(ids[1], {{FieldId::kBid, 2222}});
  std::vector<std::unique_ptr<StreamClient>> clients;
  const auto open = [&](Kind kind) {
    // So slow a rate does not hold it up.
    clients.push_back(std::make_unique<StreamClient>(
        kind, gateway.port(),
        StreamClient::IsPoll(kind) ? "?symbols=A,B&max_rate=unlimited"
                                   : "?symbols=A,B&max_rate=0.02"));
  };
  for (const Kind kind : StreamClient::kKinds) open(kind);
  AwaitA(clients, [](const HeldQuote& quote) {
    return quote.fields.contains("bid") && quote.fields.at("bid") == "11.11";
  });

  const HttpReply done = Post(gateway, "/admin/withdraw",
                              R"({"symbol":"A","reason":"a bad tick"})");
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_THAT(done.body, HasSubstr("\"symbols\":1"));
  AwaitA(clients, IsBlank);
  gateway.Tick(ids[0], {{FieldId::kBid, 3333}});
  for (const Kind kind : StreamClient::kKinds) open(kind);
  AwaitA(clients, IsBlank);
  const HttpReply quotes = Get(gateway.port(), "/v1/quotes?symbols=A,B");
  EXPECT_THAT(quotes.body, Not(HasSubstr("33.33")));
  EXPECT_THAT(quotes.body, Not(HasSubstr("11.11")));
  EXPECT_THAT(quotes.body, HasSubstr("\"state\":\"withdrawn\""));
  EXPECT_THAT(quotes.body, HasSubstr("22.22"));
  EXPECT_EQ(Page(gateway, "/admin/withdrawn").Find("withdrawn")->items.size(),
            1u);

  EXPECT_EQ(Post(gateway, "/admin/restore", R"({"symbol":"A"})").status, 200);
  AwaitA(clients, [](const HeldQuote& quote) {
    return !quote.withdrawn && quote.fields.at("bid") == "33.33";
  });
  EXPECT_THAT(Get(gateway.port(), "/v1/quotes?symbols=A").body,
              HasSubstr("33.33"));
}

TEST_F(AdminTest, WhatIsNoWithdrawalIsRefused) {
  TestGateway gateway;
  for (const char* const bad :
       {"", "[]", "{}", R"({"symbol":7})", R"({"symbol":""})",
        R"({"symbol":"A*B"})", R"({"symbol":"A,B"})", R"({"symbol":"**"})",
        R"({"symbol":"A","symbol":"B"})", R"({"symbol":"A","why":"x"})",
        R"({"symbol":"A","reason":7})", "{\"symbol\":\"A\"", "\xFF"}) {
    EXPECT_EQ(Post(gateway, "/admin/withdraw", bad).status, 400) << bad;
    EXPECT_EQ(Post(gateway, "/admin/restore", bad).status, 400) << bad;
  }
  EXPECT_EQ(Post(gateway, "/admin/restore", R"({"symbol":"A"})").status, 404);
  EXPECT_EQ(
      Post(gateway, "/admin/restore", R"({"symbol":"A","reason":"x"})").status,
      400);
  EXPECT_EQ(Post(gateway, "/admin/withdraw", R"({"symbol":"EUR/*"})").status,
            200);
  EXPECT_EQ(Post(gateway, "/admin/withdraw", R"({"symbol":"EUR/*"})").status,
            409);
  EXPECT_EQ(Post(gateway, "/admin/restore", R"({"symbol":"EUR/USD"})").status,
            404)
      << "by the same words";
  testing::internal::CaptureStderr();  // each is audited
  for (int i = 1; i < 1000; ++i) {
    const std::string body = "{\"symbol\":\"S" + std::to_string(i) + "\"}";
    ASSERT_EQ(Post(gateway, "/admin/withdraw", body).status, 200) << i;
  }
  EXPECT_EQ(Post(gateway, "/admin/withdraw", R"({"symbol":"*"})").status, 429);
  const std::string audit = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(audit.begin(), audit.end(), '\n'), 999);
  EXPECT_THAT(audit, HasSubstr("\"audit\":\"withdraw\",\"symbol\":\"S999\""));
}

// A shard whose time clients use up: the door stays open, and what is to be
// taken back is.
TEST_F(AdminTest, ItAnswersWhileClientsFloodTheShard) {
  TestGateway gateway;
  const auto ids = gateway.Define({"A"});
  gateway.Tick(ids[0], {{FieldId::kBid, 1111}});
  StreamClient client(Kind::kWebSocket, gateway.port(), "?symbols=A");
  const auto hello = client.Await("hello");
  ASSERT_TRUE(hello.has_value());
  ASSERT_TRUE(client.Await("synced").has_value());
  EXPECT_EQ(Admin(gateway, "/readyz").status, 200);

  // Clients that say very much, all the time: the shard's time is theirs.
  std::atomic<bool> over{false};
  std::vector<std::thread> floods;
  for (int i = 0; i < 2; ++i) {
    floods.emplace_back([&] {
      std::string ask = "[";
      for (int one = 0; one < 20; ++one) {
        if (one > 0) ask += ',';
        ask += "{\"type\":\"subscribe\",\"symbols\":[\"A\",\"B\"]}";
      }
      ask += "]";
      StreamClient noisy(Kind::kWebSocket, gateway.port());
      while (!over.load() && noisy.Send(ask)) {
        while (noisy.Next(std::chrono::milliseconds(1)).has_value()) {
        }
      }
    });
  }
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Admin(gateway, "/healthz").status, 200);
    EXPECT_EQ(Admin(gateway, "/metrics").status, 200);
    EXPECT_EQ(Admin(gateway, "/admin/status").status, 200);
    EXPECT_NE(Admin(gateway, "/readyz").status, 0);
  }
  const HttpReply done = Post(gateway, "/admin/withdraw", R"({"symbol":"A"})");
  EXPECT_TRUE(done.status == 200 || done.status == 202) << done.body;
  EXPECT_TRUE(client.AwaitState(
      [](const HeldMarket& held) { return IsBlank(held.quotes.at("A")); }));
  // Bounded: half a second of patience per status, two for the withdrawal.
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(8));
  over.store(true);
  for (std::thread& flood : floods) flood.join();
}

TEST_F(AdminTest, ASubscriptionIsExplained) {
  TestGateway gateway;
  const auto ids = gateway.Define({"A"});
  StreamClient client(Kind::kWebSocket, gateway.port(),
                      "?symbols=A,LATER&max_rate=7");
  const auto hello = client.Await("hello");
  ASSERT_TRUE(hello.has_value());
  ASSERT_TRUE(client.Await("synced").has_value());
  const std::string session(hello->Text("session"));
  gateway.Tick(ids[0], {{FieldId::kBid, 1}});
  gateway.Tick(ids[0], {{FieldId::kBid, 2}});
  ASSERT_TRUE(client.AwaitState([](const HeldMarket& held) {
    const auto found = held.quotes.find("A");
    return found != held.quotes.end() && found->second.fields.contains("bid") &&
           found->second.fields.at("bid") == "0.02";
  }));
  const JsonValue told =
      Page(gateway, "/admin/explain?session=" + session + "&symbol=A");
  EXPECT_EQ(told.Text("limit"), "client");
  EXPECT_EQ(told.Text("asked_rate"), "7");
  EXPECT_EQ(told.Text("effective_rate"), "5");
  EXPECT_EQ(told.Int("ticks"), 2);
  EXPECT_GE(told.Int("updates"), 2);
  EXPECT_EQ(told.Text("complete"), "true");
  EXPECT_GE(told.Int("age_ms"), 0);
  EXPECT_EQ(Page(gateway, "/admin/explain?symbol=LATER&session=" + session)
                .Text("unknown"),
            "true");
  for (const std::string& query :
       {std::string(), "?session=" + session, std::string("?symbol=A"),
        std::string("?session=x&symbol=A"),
        "?session=" + session + "&symbol=A&symbol=B",
        "?session=" + session + "&symbol=%zz",
        "?session=" + session + "&symbol=A&more=1"}) {
    EXPECT_EQ(Admin(gateway, "/admin/explain" + query).status, 400) << query;
  }
  EXPECT_EQ(Admin(gateway, "/admin/explain?session=1-999&symbol=A").status,
            404);
  EXPECT_EQ(
      Admin(gateway, "/admin/explain?symbol=NONE&session=" + session).status,
      404);
}

TEST_F(AdminTest, TheStatusIsWhatThePageShows) {
  TestGateway gateway;
  const auto ids = gateway.Define({"A", "B", "C"});
  StreamClient one(Kind::kWebSocket, gateway.port(), "?symbols=A,B");
  StreamClient two(Kind::kSse, gateway.port(), "?symbols=A");
  ASSERT_TRUE(one.Await("synced").has_value());
  ASSERT_TRUE(two.Await("synced").has_value());
  const JsonValue first = Page(gateway, "/admin/status");
  EXPECT_EQ(first.Int("sessions"), 2);
  EXPECT_EQ(first.Int("subscriptions"), 3);
  EXPECT_EQ(first.Int("symbols"), 3);
  EXPECT_THAT(first.Find("against")->items, IsEmpty());
  const JsonValue& wanted = *first.Find("top_subscribers");
  ASSERT_EQ(wanted.items.size(), 2u);
  EXPECT_EQ(wanted.items[0].Text("symbol"), "A");
  EXPECT_EQ(wanted.items[0].Int("subscribers"), 2);
  EXPECT_EQ(first.Find("transports")->Int("websocket"), 1);
  EXPECT_EQ(first.Find("transports")->Int("sse"), 1);
  for (int i = 0; i < 30; ++i) gateway.Tick(ids[1], {{FieldId::kBid, i}});
  gateway.Tick(ids[2], {{FieldId::kBid, 1}});
  // It is made once a second at most.
  JsonValue later;
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(10);
  do {
    later = Page(gateway, "/admin/status");
  } while (later.Find("top_ticks")->items.size() < 2 &&
           std::chrono::steady_clock::now() < deadline);
  ASSERT_EQ(later.Find("top_ticks")->items.size(), 2u);
  EXPECT_EQ(later.Find("top_ticks")->items[0].Text("symbol"), "B");
  EXPECT_GT(later.Find("folding")->Int("ticks"), 20);
  EXPECT_EQ(later.Find("feeds")->items[0].Text("status"), "live");
  EXPECT_THAT(Admin(gateway, "/admin").body, HasSubstr("StreamHub"));
  EXPECT_THAT(Admin(gateway, "/admin").Header("content-security-policy"),
              HasSubstr("default-src 'none'; script-src 'nonce-"));
}

// All metrics that a gateway has after it was busy.
TEST_F(AdminTest, MetricsFollowTheRulesOfPrometheus) {
  TestGateway gateway;
  const auto ids = gateway.Define({"A"});
  for (const Kind kind : StreamClient::kKinds) {
    StreamClient client(kind, gateway.port(), "?symbols=A");
    gateway.Tick(ids[0], {{FieldId::kBid, static_cast<int>(kind)}});
    EXPECT_TRUE(client.Await("ack").has_value());
  }
  const std::string page = Admin(gateway, "/metrics").body;
  const MetricsSeen seen = CheckMetrics(page);
  EXPECT_THAT(seen.wrong, IsEmpty());
  EXPECT_GT(seen.types.size(), 50u);
  EXPECT_EQ(PromtoolOf(page, testing::TempDir()), "");
}

TEST_F(AdminTest, ATokenIsAskedForOnAllPages) {
  const std::string dir = testing::TempDir();
  Config config = TestConfig();
  config.admin_token_file = dir + "/admin_test_token";
  std::ofstream(config.admin_token_file) << "0123456789abcdef0123\n";
  TestGateway gateway(config);
  for (const char* const path :
       {"/metrics", "/admin", "/admin/status", "/admin/sessions",
        "/admin/explain?session=1-1&symbol=A", "/admin/withdrawn",
        "/admin/feeds", "/admin/incident", "/replay", "/admin/replay"}) {
    EXPECT_EQ(Admin(gateway, path).status, 401) << path;
  }
  for (const char* const path : {"/healthz", "/readyz"}) {
    EXPECT_EQ(Admin(gateway, path).status, 200) << path;
  }
  EXPECT_EQ(Post(gateway, "/admin/withdraw", R"({"symbol":"*"})").status, 401);
  EXPECT_EQ(Post(gateway, "/admin/withdraw", R"({"symbol":"*"})",
                 "0123456789abcdef0123")
                .status,
            200);
  std::filesystem::remove(config.admin_token_file);
}

}  // namespace
}  // namespace streamhub
