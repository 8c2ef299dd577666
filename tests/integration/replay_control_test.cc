// A replay that is commanded over HTTP, with a client that follows it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "feeds/replay/replay_feed.h"
#include "gateway/base/json_text.h"
#include "tests/feeds/itch/sample_session.h"
#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/stream_client.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kJson = "Content-Type: application/json\r\n";

std::string SamplePath() {
  return std::string(STREAMHUB_SOURCE_DIR "/") + itch::kSamplePath;
}

class RunOn final : public FeedControl {
 public:
  bool stopping() const override { return false; }
  bool WaitUntil(int64_t) override { return true; }
};

class ReplayControlHttpTest : public testing::Test {
 protected:
  void Start(Config config) {
    auto started = Gateway::Start(config);
    ASSERT_TRUE(started.ok()) << started.status();
    gateway_ = *std::move(started);
  }

  static Config Paused() {
    Config config = TestConfig();
    config.feed = "replay";
    config.files = {SamplePath()};
    config.paused = true;
    return config;
  }

  HttpReply State() { return Get(gateway_->admin_port(), "/admin/replay"); }

  HttpReply Post(std::string_view command, std::string_view body = "",
                 std::string_view headers = kJson) {
    LoopbackSocket socket(gateway_->admin_port());
    std::string fields(headers);
    if (!body.empty()) {
      fields += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    const std::string target = "/admin/replay/" + std::string(command);
    EXPECT_TRUE(socket.Send(RequestText(target, fields, "POST")));
    EXPECT_TRUE(socket.Send(body));
    std::string bytes;
    return TakeReply(socket, &bytes);
  }

  // Commands, and waits until it is done. The state then.
  std::string Do(std::string_view command, std::string_view body = "") {
    const HttpReply reply = Post(command, body);
    EXPECT_EQ(reply.status, 202) << reply.body;
    EXPECT_THAT(reply.body, StartsWith("{\"command\":"));
    const std::string number = reply.body.substr(11, reply.body.find('}') - 11);
    return Await([&](const std::string& state) {
      return state.find("\"done\":" + number + ",") != state.npos &&
             state.find("\"phase\":\"seeking\"") == state.npos;
    });
  }

  std::string Await(const std::function<bool(const std::string&)>& good) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    std::string state;
    do {
      state = State().body;
      if (good(state)) return state;
    } while (std::chrono::steady_clock::now() < deadline);
    ADD_FAILURE() << state;
    return state;
  }

  // `last` and `volume` of ALPHA if the recording ended then.
  static std::pair<int64_t, int64_t> TruthAt(const std::string& to) {
    ReplayOptions options;
    options.files = {SamplePath()};
    options.speed = ReplayOptions::kMaxSpeed;
    options.to = to;
    auto feed = ReplayFeed::Create(options);
    EXPECT_TRUE(feed.ok());
    TestMarket market;
    RunOn control;
    EXPECT_TRUE((*feed)->Run(market.publisher, control).ok());
    const auto id = market.market.symbols().Find("ALPHA");
    EXPECT_TRUE(id.has_value());
    return {market.Value(*id, FieldId::kLast),
            market.Value(*id, FieldId::kVolume)};
  }

  static std::string Decimal(int64_t price) {
    std::string out;
    AppendDecimal(price, 4, &out);
    return out;
  }

  // Whether the client holds what the recording says of that time.
  static bool IsAt(const std::string& to, const HeldMarket& held) {
    const auto [last, volume] = TruthAt(to);
    const auto quote = held.quotes.find("ALPHA");
    if (quote == held.quotes.end()) return false;
    const auto& fields = quote->second.fields;
    return fields.contains("last") && fields.at("last") == Decimal(last) &&
           fields.at("volume") == std::to_string(volume);
  }

  std::unique_ptr<Gateway> gateway_;
};

TEST_F(ReplayControlHttpTest, AClientFollowsSeeksForwardAndBack) {
  Start(Paused());
  std::string state = Await([](const std::string& s) {
    return s.find("\"first\":\"2024-01-02T") != s.npos;
  });
  EXPECT_THAT(state, HasSubstr("\"phase\":\"paused\",\"paused\":true,"
                               "\"speed\":1,\"position\":null,"));
  EXPECT_THAT(state, HasSubstr("\"last\":null,"));
  EXPECT_THAT(state, HasSubstr("\"messages\":0,"));
  const std::string late = "2024-01-02T14:30:40Z";
  const std::string early = "2024-01-02T14:30:10.5Z";
  state = Do("seek", "{\"to\":\"" + late + "\"}");
  EXPECT_THAT(state, HasSubstr("\"position\":\"" + late + "\""));
  EXPECT_THAT(state, HasSubstr("\"phase\":\"paused\""));

  StreamClient client(StreamClient::Kind::kWebSocket, gateway_->port(),
                      "?max_rate=unlimited&symbols=ALPHA");
  ASSERT_TRUE(client.AwaitState(
      [&](const HeldMarket& held) { return IsAt(late, held); }));
  const std::string epoch = client.held().epoch;
  state = Do("seek", "{\"to\":\"" + early + "\"}");
  EXPECT_THAT(state, HasSubstr("\"position\":\"" + early + "\""));
  // Paused, and yet live.
  ASSERT_TRUE(client.AwaitState([&](const HeldMarket& held) {
    return held.epoch != epoch && IsAt(early, held) &&
           held.feeds.at("replay") == "live";
  }));
  EXPECT_THAT(Get(gateway_->port(), "/v1/quotes?symbols=ALPHA").body,
              HasSubstr("\"state\":\"live\",\"source\":\"replay\""));
  // By a query, and a time of day of the recording's clock.
  state = Do("seek?to=09:30:40");
  EXPECT_THAT(state, HasSubstr("\"position\":\"" + late + "\""));
  ASSERT_TRUE(client.AwaitState(
      [&](const HeldMarket& held) { return IsAt(late, held); }));
}

// Whoever is served every ten seconds would have the state at once, and values
// of where it was before long after it.
TEST_F(ReplayControlHttpTest, WhoIsServedSeldomHasTheValuesWithTheState) {
  Start(Paused());
  const std::string early = "2024-01-02T14:30:10.5Z";
  const std::string late = "2024-01-02T14:30:40Z";
  Do("seek", "{\"to\":\"" + early + "\"}");
  StreamClient client(StreamClient::Kind::kWebSocket, gateway_->port(),
                      "?max_rate=0.1&symbols=ALPHA");
  ASSERT_TRUE(client.AwaitState([&](const HeldMarket& held) {
    return IsAt(early, held) && held.feeds.at("replay") == "live";
  }));
  const std::string epoch = client.held().epoch;
  Do("seek", "{\"to\":\"" + late + "\"}");
  // Long before its next beat.
  EXPECT_TRUE(client.AwaitState(
      [&](const HeldMarket& held) {
        return held.epoch != epoch && IsAt(late, held) &&
               held.feeds.at("replay") == "live";
      },
      std::chrono::seconds(5)));
}

TEST_F(ReplayControlHttpTest, StepsSpeedsAndTheEnd) {
  Start(Paused());
  EXPECT_THAT(Get(gateway_->port(), "/v1/symbols").body,
              Not(HasSubstr("ALPHA")));
  std::string state = Do("step");
  EXPECT_THAT(state, Not(HasSubstr("\"messages\":0,")));
  EXPECT_THAT(state, HasSubstr("\"phase\":\"paused\""));
  EXPECT_THAT(Do("speed", "{\"speed\":2.5}"), HasSubstr("\"speed\":2.5,"));
  EXPECT_THAT(Do("speed?speed=0.001"), HasSubstr("\"speed\":0.001,"));
  EXPECT_THAT(Do("speed", "{\"speed\":\"max\"}"),
              HasSubstr("\"speed\":\"max\","));
  Do("resume", "{}");
  state = Await([](const std::string& s) {
    return s.find("\"phase\":\"ended\"") != s.npos;
  });
  EXPECT_THAT(state, HasSubstr("\"fraction\":1,"));
  EXPECT_THAT(state, HasSubstr("\"last\":\"2024-01-02T14:30:"));
  // What stands there can be played again.
  state = Do("pause");
  state = Do("resume");
  EXPECT_THAT(Await([](const std::string& s) {
                return s.find("\"phase\":\"ended\"") == s.npos ||
                       s.find("\"round\":2") != s.npos;
              }),
              HasSubstr("\"round\":2,"));
}

// However long the wait is that it ends.
TEST_F(ReplayControlHttpTest, ACommandTakesEffectInTheMiddleOfAWait) {
  Config config = Paused();
  config.paused = false;
  config.speed = 0.001;
  Start(config);
  Await(
      [](const std::string& s) { return s.find("\"messages\":0,") == s.npos; });
  const auto before = std::chrono::steady_clock::now();
  EXPECT_THAT(Do("pause"), HasSubstr("\"phase\":\"paused\""));
  EXPECT_LT(std::chrono::steady_clock::now() - before, kPatience / 4);
}

TEST_F(ReplayControlHttpTest, WhatIsWrongIsNamed) {
  Start(Paused());
  const auto wrong = [&](std::string_view command, std::string_view body) {
    const HttpReply reply = Post(command, body);
    EXPECT_EQ(reply.status, 400) << command << ' ' << body;
    EXPECT_EQ(reply.Header("content-type"), "application/json");
    return reply.body;
  };
  EXPECT_THAT(wrong("seek", ""), HasSubstr("want 'to', a time like"));
  EXPECT_THAT(wrong("seek", "{\"to\":5}"), HasSubstr("want 'to'"));
  EXPECT_THAT(wrong("seek", "{\"to\":\"noon\"}"),
              HasSubstr("to: 'noon' is no time like 14:30"));
  EXPECT_THAT(wrong("seek", "{\"to\":[]}"), HasSubstr("neither a text nor a"));
  EXPECT_THAT(wrong("seek", "{\"at\":\"14:30\"}"),
              HasSubstr("unknown argument 'at': want 'to'"));
  EXPECT_THAT(wrong("seek?to=14:30", "{\"to\":\"14:30\"}"),
              HasSubstr("'to' is given twice"));
  EXPECT_THAT(wrong("seek?to=%zz", ""), HasSubstr("a bad '%' in 'to'"));
  EXPECT_THAT(wrong("seek", "[1]"), HasSubstr("the body is no JSON object"));
  EXPECT_THAT(wrong("seek", "{\"to\":"), HasSubstr("is no JSON object"));
  EXPECT_THAT(wrong("pause", "{\"x\":1}"),
              HasSubstr("unknown argument 'x': this command has none"));
  for (const std::string_view body :
       {"", "{\"speed\":0}", "{\"speed\":-1}", "{\"speed\":1000001}",
        "{\"speed\":\"fast\"}", "{\"speed\":\"inf\"}", "{\"speed\":\"nan\"}",
        "{\"speed\":true}"}) {
    EXPECT_THAT(wrong("speed", body), HasSubstr("'speed'")) << body;
  }
  EXPECT_EQ(Post("pause", "", "").status, 415);
  EXPECT_EQ(
      Post("pause", "", std::string(kJson) + "Origin: http://evil\r\n").status,
      403);
  EXPECT_EQ(Get(gateway_->admin_port(), "/admin/replay/pause").status, 405);
  EXPECT_EQ(Post("rewind").status, 404);
  EXPECT_THAT(State().body, HasSubstr("\"done\":0,")) << "nothing was done";
}

TEST_F(ReplayControlHttpTest, WithoutAReplayThereIsNothingToControl) {
  Config config = TestConfig();
  config.ticks_per_second = 1;
  Start(config);
  EXPECT_EQ(State().status, 404);
  EXPECT_EQ(Post("pause").status, 404);
  EXPECT_THAT(Post("seek?to=1").body, HasSubstr("there is no replay here"));
}

TEST_F(ReplayControlHttpTest, ThePageRunsOnlyWhatItBrings) {
  Start(Paused());
  const HttpReply page = Get(gateway_->admin_port(), "/replay");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.Header("content-type"), "text/html; charset=utf-8");
  const std::string policy = page.Header("content-security-policy");
  EXPECT_THAT(policy, StartsWith("default-src 'none'; script-src 'nonce-"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  const size_t at = policy.find("'nonce-") + 7;
  const std::string nonce = policy.substr(at, policy.find('\'', at) - at);
  EXPECT_EQ(nonce.size(), 32u);
  EXPECT_THAT(page.body, HasSubstr("<script nonce=\"" + nonce + "\">"));
  EXPECT_THAT(page.body, HasSubstr("<style nonce=\"" + nonce + "\">"));
  EXPECT_THAT(page.body, Not(HasSubstr("NONCE")));
  EXPECT_THAT(page.body, Not(HasSubstr("https://")));
  EXPECT_THAT(page.body, Not(HasSubstr(" src=")));
  EXPECT_THAT(
      Get(gateway_->admin_port(), "/replay").Header("content-security-policy"),
      Not(HasSubstr(nonce)));
}

}  // namespace
}  // namespace streamhub
