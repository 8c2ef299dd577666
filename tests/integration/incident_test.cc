// The incident recorder over real sockets: what is in the file is what the
// client received, to the byte and in its order, whatever brought it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/session_id.h"
#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/json_value.h"
#include "tests/support/sent_log.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using Kind = StreamClient::Kind;
using testing::HasSubstr;
using testing::StartsWith;

class IncidentTest : public testing::Test {
 protected:
  IncidentTest() {
    EXPECT_NE(mkdtemp(dir_.data()), nullptr);
    config_.incident_dir = dir_;
    config_.heartbeat_ms = 600'000;
  }
  ~IncidentTest() override { std::filesystem::remove_all(dir_); }

  static JsonValue Admin(const TestGateway& gateway, std::string_view target,
                         std::string_view body) {
    LoopbackSocket socket(gateway.gateway->admin_port());
    std::string headers = "Content-Type: application/json\r\nContent-Length: ";
    headers += std::to_string(body.size()) + "\r\n";
    EXPECT_TRUE(
        socket.Send(RequestText(target, headers, "POST") + std::string(body)));
    std::string bytes;
    const HttpReply reply = TakeReply(socket, &bytes);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return JsonReader(reply.body).Read().value_or(JsonValue{});
  }

  // Begins one of what `wanted` says, a member of an object.
  static void Begin(const TestGateway& gateway, const std::string& wanted) {
    const JsonValue begun =
        Admin(gateway, "/admin/incident", "{" + wanted + ",\"seconds\":60}");
    ASSERT_NE(begun.Find("found"), nullptr);
    EXPECT_EQ(begun.Find("found")->text, "true") << wanted;
    EXPECT_EQ(begun.Find("late_shards"), nullptr);
  }

  // Ends the one there is. What is in its log.
  static std::vector<LoggedCopy> End(const TestGateway& gateway) {
    const JsonValue stopped = Admin(gateway, "/admin/incident/stop", "{}");
    const JsonValue* const incidents = stopped.Find("incidents");
    if (incidents == nullptr || incidents->items.size() != 1) {
      ADD_FAILURE() << "not one incident";
      return {};
    }
    const JsonValue& ended = incidents->items[0];
    EXPECT_EQ(ended.Text("state"), "ended");
    EXPECT_EQ(ended.Int("lost"), 0);
    auto log = ReadSentLogFile(std::string(ended.Text("file")));
    EXPECT_EQ(ended.Int("records"), static_cast<int64_t>(log.size()));
    return log;
  }

  static std::string SessionOf(StreamClient& client) {
    const auto hello = client.Await("hello");
    return hello.has_value() ? std::string(hello->Text("session")) : "";
  }

  static bool AwaitBid(StreamClient& client, const std::string& symbol,
                       const std::string& bid) {
    return client.AwaitState([&](const HeldMarket& held) {
      const auto found = held.quotes.find(symbol);
      if (found == held.quotes.end()) return false;
      const auto value = found->second.fields.find("bid");
      return value != found->second.fields.end() && value->second == bid;
    });
  }

  std::string dir_ = testing::TempDir() + "incident_XXXXXX";
  Config config_ = TestConfig();
};

TEST_F(IncidentTest, TheLogIsWhatTheClientReceived) {
  TestGateway gateway(config_);
  const auto ids = gateway.Define({"A", "B"});
  for (const Kind kind : StreamClient::kKinds) {
    SCOPED_TRACE(StreamClient::NameOf(kind));
    const auto open = [&](Kind of) {
      return std::make_unique<StreamClient>(of, gateway.port(),
                                            "?symbols=A,B&max_rate=unlimited");
    };
    const auto client = open(kind);
    const auto other = open(Kind::kWebSocket);
    const std::string session = SessionOf(*client);
    const std::string others = SessionOf(*other);
    ASSERT_TRUE(ParseSession(session).has_value()) << session;
    EXPECT_EQ(session.ends_with('p'), StreamClient::IsPoll(kind));
    ASSERT_TRUE(client->Await("synced").has_value());
    ASSERT_TRUE(other->Await("synced").has_value());

    Begin(gateway, "\"session\":\"" + session + "\"");
    std::string heard;
    client->HearInto(&heard);
    for (int i = 0; i < 20; ++i) {
      for (const SymbolId id : ids) {
        const int64_t cents = 100 + i + static_cast<int>(kind) * 1000;
        gateway.Tick(id, {{FieldId::kBid, cents}});
        std::string bid = std::to_string(cents);
        bid.insert(bid.size() - 2, ".");
        if (i % 4 == 0) {
          ASSERT_TRUE(AwaitBid(*client, id == ids[0] ? "A" : "B", bid));
        }
        if (i == 19) {
          ASSERT_TRUE(AwaitBid(*client, id == ids[0] ? "A" : "B", bid));
        }
      }
    }
    const auto log = End(gateway);
    std::string sent;
    uint64_t batch = 0;
    const bool lines_end = kind == Kind::kStream || kind == Kind::kPoll;
    for (const LoggedCopy& copy : log) {
      EXPECT_EQ(SessionText(copy.session), session);
      EXPECT_EQ(copy.encoding, StreamClient::IsFlat(kind) ? "fb" : "json");
      EXPECT_EQ(copy.symbol, "");
      // Each poll is a session of its own but for its id.
      EXPECT_EQ(copy.batch > batch, !StreamClient::IsPoll(kind) || batch == 0);
      batch = copy.batch;
      sent += copy.bytes;
      if (lines_end) sent += '\n';
    }
    EXPECT_GT(log.size(), 5u);
    // The id behind the last event may be on its way.
    if (heard.size() < sent.size()) client->Next(std::chrono::seconds(1));
    EXPECT_EQ(sent, heard);
    EXPECT_NE(session, others);
  }
}

// The frames of `symbol` in messages of JSON, in their order.
std::vector<std::string> FramesOf(const std::string& symbol,
                                  std::string_view messages) {
  std::vector<std::string> frames;
  const std::string begin = '"' + symbol + R"(":{"v":)";
  for (size_t at = 0; (at = messages.find(begin, at)) != messages.npos;) {
    const size_t end = messages.find('}', at) + 1;
    frames.emplace_back(messages.substr(at, end - at));
    at = end;
  }
  return frames;
}

TEST_F(IncidentTest, ASymbolsLogIsWhatItsSubscribersReceivedOnAllShards) {
  config_.threads = 2;
  TestGateway gateway(config_);
  const auto ids = gateway.Define({"A", "B"});
  // The kernel spreads them: until both shards have some.
  struct Watcher {
    std::unique_ptr<StreamClient> client;
    std::string session, heard;
  };
  std::vector<std::unique_ptr<Watcher>> watchers;
  std::set<char> shards;
  while (shards.size() < 2) {
    ASSERT_LT(watchers.size(), 200u);
    auto& watcher = *watchers.emplace_back(std::make_unique<Watcher>());
    watcher.client = std::make_unique<StreamClient>(
        watchers.size() % 2 == 0 ? Kind::kWebSocket : Kind::kSse,
        gateway.port(), "?symbols=A,B&max_rate=unlimited");
    watcher.session = SessionOf(*watcher.client);
    ASSERT_FALSE(watcher.session.empty());
    shards.insert(watcher.session[0]);
    ASSERT_TRUE(watcher.client->Await("synced").has_value());
  }
  StreamClient only_b(Kind::kSse, gateway.port(), "?symbols=B");
  ASSERT_TRUE(only_b.Await("synced").has_value());
  Begin(gateway, R"("symbol":"A")");
  for (const auto& watcher : watchers) {
    watcher->client->HearInto(&watcher->heard);
  }
  for (int i = 1; i <= 30; ++i) {
    gateway.Tick(ids[1], {{FieldId::kBid, 200 + i}});
    gateway.Tick(ids[0], {{FieldId::kBid, 100 + i}});
  }
  for (const auto& watcher : watchers) {
    ASSERT_TRUE(AwaitBid(*watcher->client, "A", "1.30"));
  }
  std::map<std::string, std::vector<std::string>> logged;
  for (const LoggedCopy& copy : End(gateway)) {
    EXPECT_EQ(copy.symbol, "A");
    logged[SessionText(copy.session)].push_back(copy.bytes);
  }
  EXPECT_EQ(logged.size(), watchers.size());
  for (const auto& watcher : watchers) {
    EXPECT_EQ(logged[watcher->session], FramesOf("A", watcher->heard));
    EXPECT_FALSE(logged[watcher->session].empty());
  }
}

TEST_F(IncidentTest, TheEndOfTheClientEndsIt) {
  TestGateway gateway(config_);
  gateway.Define({"A"});
  auto client =
      std::make_unique<StreamClient>(Kind::kSse, gateway.port(), "?symbols=A");
  const std::string session = SessionOf(*client);
  Begin(gateway, "\"session\":\"" + session + "\"");
  client.reset();
  ASSERT_TRUE(gateway.AwaitMetric("sessions", 0));
  const HttpReply reply = Get(gateway.gateway->admin_port(), "/admin/incident");
  EXPECT_THAT(reply.body, HasSubstr(R"("ended_by":"session_over")"));
}

TEST_F(IncidentTest, SessionsAreListedWithTheirAddresses) {
  TestGateway gateway(config_);
  gateway.Define({"A"});
  StreamClient socket(Kind::kWebSocketFlat, gateway.port());
  StreamClient events(Kind::kSse, gateway.port(), "?symbols=A");
  StreamClient poll(Kind::kPoll, gateway.port(), "?symbols=A");
  std::map<std::string, std::string> transports = {
      {SessionOf(socket), R"("transport":"websocket","encoding":"fb",)"},
      {SessionOf(events), R"("transport":"sse","encoding":"json",)"}};
  const HttpReply reply = Get(gateway.gateway->admin_port(), "/admin/sessions");
  EXPECT_EQ(reply.status, 200);
  for (const auto& [session, transport] : transports) {
    EXPECT_THAT(reply.body,
                HasSubstr("{\"id\":\"" + session + "\"," + transport +
                          R"("market":"live","peer":"127.0.0.1:)"));
  }
  const HttpReply holders =
      Get(gateway.gateway->admin_port(), "/admin/sessions?symbol=A&limit=1");
  EXPECT_THAT(holders.body, HasSubstr(R"("subscriptions":1,)"));
}

TEST_F(IncidentTest, AFolderThatIsNotThereIsRefusedAtTheStart) {
  config_.incident_dir = dir_ + "/none";
  const auto refused = Gateway::Start(config_);
  EXPECT_THAT(std::string(refused.status().message()),
              StartsWith("--incident-dir "));
  EXPECT_FALSE(Gateway::Check(config_).ok());
}

TEST_F(IncidentTest, WithoutAFolderItIsOff) {
  TestGateway gateway;
  EXPECT_THAT(Get(gateway.gateway->admin_port(), "/admin/incident").body,
              StartsWith(R"({"on":false,)"));
}

}  // namespace
}  // namespace streamhub
