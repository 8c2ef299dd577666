// Who may use the admin port, when a gateway is ready, and the rules of
// metrics.

#include "gateway/server/admin_auth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "gateway/base/strings.h"
#include "gateway/server/admin_server.h"
#include "gateway/server/readiness.h"
#include "tests/support/http_client.h"
#include "tests/support/manual_clock.h"
#include "tests/support/metrics_rules.h"

namespace streamhub {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kToken[] = "0123456789abcdef-token";
// `anna:0123456789abcdef-token` and `:0123...`, `anna`.
constexpr char kBasic[] = "YW5uYTowMTIzNDU2Nzg5YWJjZGVmLXRva2Vu";
constexpr char kBasicNobody[] = "OjAxMjM0NTY3ODlhYmNkZWYtdG9rZW4=";

TEST(AdminAuthTest, TheTokenComesAsBearerOrAsAPassword) {
  EXPECT_EQ(TokenOf(std::string("Bearer ") + kToken), kToken);
  EXPECT_EQ(TokenOf(std::string("bEaReR   ") + kToken + " "), kToken);
  EXPECT_EQ(TokenOf(std::string("Basic ") + kBasic), kToken);
  EXPECT_EQ(UserOf(std::string("basic ") + kBasic), "anna");
  EXPECT_EQ(TokenOf(std::string("Basic ") + kBasicNobody), kToken);
  EXPECT_EQ(UserOf(std::string("Basic ") + kBasicNobody), "");
  for (const std::string none :
       {"", "Bearer", "Bearer ", "Basic", "Basic ", "Basic !!!!",
        "Basic YW5uYQ==", "Digest a=b", "0123456789abcdef-token"}) {
    EXPECT_EQ(TokenOf(none), "") << none;
    EXPECT_EQ(UserOf(none), "") << none;
  }
}

TEST(AdminAuthTest, OnlyTheSameTokenIsTheSame) {
  EXPECT_TRUE(SameToken("abc", "abc"));
  for (const std::string other :
       {"", "a", "ab", "abd", "bbc", "abcabc", "abc ", "ABC"}) {
    EXPECT_FALSE(SameToken(other, "abc")) << other;
  }
  EXPECT_FALSE(SameToken(std::string("abc\0", 4), "abc"));
  EXPECT_FALSE(SameToken("aaaa", "aaa"));
}

TEST(AdminAuthTest, WhatIsOpenIsOpenAndNothingElse) {
  AdminAccess access{.token = kToken};
  const std::string right = std::string("Bearer ") + kToken;
  const std::string wrong = right + "x";
  for (const char* const path :
       {"/admin", "/admin/status", "/metrics", "/replay", "/", "/healthz/",
        "/HEALTHZ", "/readyz?", "//healthz", ""}) {
    EXPECT_TRUE(MayUseAdmin(access, path, right)) << path;
    EXPECT_FALSE(MayUseAdmin(access, path, wrong)) << path;
    EXPECT_FALSE(MayUseAdmin(access, path, "")) << path;
    EXPECT_TRUE(MayUseAdmin({}, path, "")) << "nobody is asked";
  }
  EXPECT_TRUE(MayUseAdmin(access, "/healthz", ""));
  EXPECT_TRUE(MayUseAdmin(access, "/readyz", wrong));
  access.metrics_open = true;
  EXPECT_TRUE(MayUseAdmin(access, "/metrics", ""));
  EXPECT_FALSE(MayUseAdmin(access, "/metrics/", ""));
  EXPECT_FALSE(MayUseAdmin(access, "/admin/status", ""));
}

class TokenFileTest : public testing::Test {
 protected:
  TokenFileTest() { EXPECT_NE(mkdtemp(dir_.data()), nullptr); }
  ~TokenFileTest() override { std::filesystem::remove_all(dir_); }

  absl::StatusOr<AdminAccess> Load(const std::string& bytes) {
    config_.admin_token_file = dir_ + "/token";
    std::ofstream(config_.admin_token_file, std::ios::binary) << bytes;
    chmod(config_.admin_token_file.c_str(), 0600);
    return LoadAdminAccess(config_);
  }

  std::string dir_ = testing::TempDir() + "token_XXXXXX";
  Config config_;
};

TEST_F(TokenFileTest, AnOpenAddressWantsAToken) {
  EXPECT_TRUE(LoadAdminAccess(config_)->token.empty());
  for (const char* const address : {"127.0.0.2", "::1", "no address"}) {
    config_.admin_listen = address;
    EXPECT_TRUE(LoadAdminAccess(config_).ok()) << address;
  }
  for (const char* const address :
       {"0.0.0.0", "::", "10.1.2.3", "192.0.2.1", "::ffff:10.1.2.3"}) {
    config_.admin_listen = address;
    config_.admin_token_file.clear();
    const auto refused = LoadAdminAccess(config_);
    ASSERT_FALSE(refused.ok()) << address;
    EXPECT_THAT(std::string(FromAbsl(refused.status().message())),
                HasSubstr("--admin-listen " + std::string(address)));
    EXPECT_THAT(std::string(FromAbsl(refused.status().message())),
                HasSubstr("--admin-token-file"));
    EXPECT_EQ(Load(std::string(kToken) + "\r\n")->token, kToken) << address;
  }
}

TEST_F(TokenFileTest, WhatIsNoTokenIsNamed) {
  EXPECT_EQ(Load(std::string(16, 'x'))->token.size(), 16u);
  EXPECT_EQ(Load(std::string(1024, 'x') + "\n")->token.size(), 1024u);
  for (const std::string& bad :
       {std::string(), std::string(15, 'x'), std::string(1025, 'x'),
        std::string("two words of a token"),
        std::string("umlaut-\xC3\xBC-12345678"),
        std::string("zero-\0-1234567890", 17), std::string(100'000, '\n')}) {
    const auto refused = Load(bad);
    ASSERT_FALSE(refused.ok()) << bad.substr(0, 20);
    EXPECT_THAT(std::string(FromAbsl(refused.status().message())),
                testing::StartsWith("--admin-token-file " + dir_));
  }
  for (const std::string& path : {dir_ + "/none", dir_}) {
    config_.admin_token_file = path;
    EXPECT_FALSE(LoadAdminAccess(config_).ok()) << path;
  }
}

TEST(AdminAuthTest, AServerWithATokenAsksForIt) {
  Counters counters;
  std::string last;
  const auto tell = [&last](const AdminRequest& request) {
    last = std::string(request.user) + "@" + std::string(request.peer);
    return AdminAnswer{.body = "{}"};
  };
  auto server = AdminServer::Start(
      {.metrics = [] { return std::string("m"); },
       .health = [] { return AdminAnswer{.status = 503, .body = "h"}; },
       .routes = {{"GET", "/admin", tell}, {"POST", "/admin/do", tell}},
       .access = {.token = kToken},
       .counters = &counters});
  ASSERT_TRUE(server.ok());
  const int port = (*server)->port();
  EXPECT_EQ(Get(port, "/healthz").status, 503) << "no token is asked for";
  const std::string bearer = std::string("Authorization: Bearer ") + kToken;
  for (const char* const path : {"/admin", "/metrics", "/no/such/path"}) {
    const HttpReply reply = Get(port, path);
    EXPECT_EQ(reply.status, 401) << path;
    EXPECT_THAT(reply.Header("www-authenticate"), HasSubstr("realm=\"Stream"));
    EXPECT_EQ(reply.body.find("/admin/do"), std::string::npos)
        << "nothing is told of what there is";
    EXPECT_EQ(Get(port, path, bearer + "x\r\n").status, 401) << path;
    EXPECT_NE(Get(port, path, bearer + "\r\n").status, 401) << path;
  }
  EXPECT_EQ(counters.Get(Metric::kAdminRefused), 6);
  EXPECT_EQ(Get(port, "/admin",
                "Authorization: Basic " + std::string(kBasic) + "\r\n")
                .status,
            200);
  EXPECT_THAT(last, testing::StartsWith("anna@127.0.0.1:"));
  // A token is no leave for another site's page.
  LoopbackSocket socket(port);
  ASSERT_TRUE(socket.Send(
      RequestText("/admin/do", bearer + "\r\nContent-Length: 0\r\n", "POST")));
  std::string bytes;
  EXPECT_EQ(TakeReply(socket, &bytes).status, 415);
  // Another token from the next request on.
  (*server)->SetAccess(
      {.token = "another-token-0123456789", .metrics_open = true});
  EXPECT_EQ(Get(port, "/admin", bearer + "\r\n").status, 401);
  EXPECT_EQ(Get(port, "/metrics").status, 200);
}

class ReadinessTest : public testing::Test {
 protected:
  ReadinessTest() {
    board_.Add(latency_);
    market_.SetFeedStatus(feed_, FeedStatus::kLive);
    Turn(1);
  }

  // Both shards have turned just now, `cut` of ten turns cut short.
  void Turn(int cut) {
    for (Counters* shard : {&one_, &two_}) {
      shard->Add(Metric::kTurns, 10);
      shard->Max(Metric::kTurnedNs, clock_.MonoNs());
    }
    two_.Add(Metric::kTurnsCut, cut);
    market_.Heartbeat(feed_, clock_.MonoNs());
  }

  std::vector<std::string> Against() { return ready_.Against({&shown_, 1}); }

  ManualClock clock_;
  Market market_{"live", 100, 1};
  FeedId feed_ = market_.AddFeed({.name = "f"});
  ShardLatency latency_{1};
  LatencyBoard board_{market_};
  const ShownMarket shown_{market_, board_};
  Counters one_, two_;
  Readiness ready_{{&one_, &two_}, 3, clock_};
};

TEST_F(ReadinessTest, AFedGatewayIsReady) {
  EXPECT_THAT(Against(), IsEmpty());
  EXPECT_EQ(ready_.Page({&shown_, 1}).body,
            "{\"ready\":true,\"reasons\":[]}\n");
  EXPECT_EQ(ready_.Page({&shown_, 1}).status, 200);
  market_.SetFeedStatus(feed_, FeedStatus::kEnded);
  EXPECT_THAT(Against(), IsEmpty()) << "a replay that is over";
  for (const FeedStatus status : {FeedStatus::kDown, FeedStatus::kStale}) {
    market_.SetFeedStatus(feed_, status);
    EXPECT_THAT(Against(), ElementsAre(HasSubstr("not fed")));
  }
  EXPECT_EQ(ready_.Page({&shown_, 1}).status, 503);
  // A feed whose thread hangs is not heard of.
  market_.SetFeedStatus(feed_, FeedStatus::kLive);
  clock_.Advance(3 * kSecond + 1);
  for (Counters* shard : {&one_, &two_}) {
    shard->Max(Metric::kTurnedNs, clock_.MonoNs());
  }
  EXPECT_THAT(Against(), ElementsAre(HasSubstr("not fed")));
  Turn(0);
  EXPECT_THAT(Against(), IsEmpty());
  EXPECT_THAT(ready_.Against({}), IsEmpty()) << "nothing is to be fed";
}

TEST_F(ReadinessTest, AShardThatHangsIsNot) {
  clock_.Advance(2 * kSecond);
  EXPECT_THAT(Against(), IsEmpty());
  clock_.Advance(1);
  market_.Heartbeat(feed_, clock_.MonoNs());
  one_.Max(Metric::kTurnedNs, clock_.MonoNs());
  EXPECT_THAT(Against(), ElementsAre(HasSubstr("has not turned for 2000 ms")));
  EXPECT_EQ(ready_.SilenceNs(), 2 * kSecond + 1) << "of the one that hangs";
  Turn(0);
  EXPECT_THAT(Against(), IsEmpty());
}

TEST_F(ReadinessTest, AShardWithoutTimeIsNot) {
  clock_.Advance(2 * kSecond);
  Turn(9);  // 10 of 20 so far
  EXPECT_THAT(Against(), IsEmpty()) << "half of them";
  clock_.Advance(2 * kSecond);
  Turn(6);
  EXPECT_THAT(Against(), ElementsAre(HasSubstr("turns short")));
  clock_.Advance(kSecond);
  Turn(0);
  EXPECT_THAT(Against(), ElementsAre(HasSubstr("turns short")));
  clock_.Advance(kSecond);
  EXPECT_THAT(Against(), IsEmpty());
}

TEST_F(ReadinessTest, WhoIsFullOrAboutToStopIsNot) {
  one_.Add(Metric::kSessions);
  two_.Add(Metric::kSessions);
  EXPECT_THAT(Against(), IsEmpty());
  two_.Add(Metric::kSessions);
  EXPECT_THAT(Against(), ElementsAre(HasSubstr("full: it holds 3 sessions")));
  two_.Add(Metric::kSessions, -1);
  ready_.BeginDraining();
  EXPECT_THAT(Against(), ElementsAre(HasSubstr("draining")));
}

TEST(MetricsRulesTest, TheyBite) {
  const auto wrong = [](const std::string& page) {
    const auto seen = CheckMetrics(page);
    return seen.wrong.size();
  };
  EXPECT_EQ(wrong("# HELP a_total h\n# TYPE a_total counter\na_total 1\n"), 0u);
  EXPECT_EQ(wrong("# HELP a h\n# TYPE a gauge\na{b=\"c\"} 1.5e-09\n"), 0u);
  for (const std::string bad :
       {"# TYPE a gauge\na 1\n", "# HELP a h\n# TYPE a counter\na 1\n",
        "# HELP a_total h\n# TYPE a_total gauge\na_total 1\n",
        "# HELP a_ns h\n# TYPE a_ns gauge\na_ns 1\n",
        "# HELP a_milliseconds h\n# TYPE a_milliseconds gauge\n",
        "# HELP a_gauge h\n# TYPE a_gauge gauge\n",
        "# HELP a_count h\n# TYPE a_count gauge\n",
        "# HELP a h\n# TYPE a gauge\na 1\na 2\n",
        "# HELP a h\n# TYPE a gauge\nb 1\n",
        "# HELP a h\n# TYPE a gauge\na{quantile=\"0.5\"} 1\n",
        "# HELP a h\n# TYPE a gauge\na{le=\"1\"} 1\n",
        "# HELP a h\n# TYPE a summary\na{quantile=\"0.5\"} 1\na_sum 1\n",
        "# HELP a h\n# TYPE a gauge\na one\n", "a\n",
        "# HELP a h\n# TYPE a gauge\na{b=\"\n\"} 1\n"}) {
    EXPECT_GT(wrong(bad), 0u) << bad;
  }
}

}  // namespace
}  // namespace streamhub
