// What operators ask and command about sessions, and how they are answered.

#include "gateway/server/incident_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/session/session.h"
#include "tests/support/json_value.h"
#include "tests/support/sent_log.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

class Client final : public Transport {
 public:
  Envelope envelope() const override { return Envelope::kLines; }
  TransportKind kind() const override { return TransportKind::kWebSocket; }
  std::string peer() override { return "192.0.2.1:443"; }
  bool Send(std::string& batch) override {
    messages.push_back(batch.substr(kBatchHeadroom));
    return true;
  }
  void ResumeReading() override {}
  void Close(CloseReason) override {}

  std::vector<std::string> messages;
};

class IncidentPagesTest : public testing::Test {
 protected:
  static SessionLimits Limits(SessionNumbers* numbers) {
    SessionLimits limits;
    limits.numbers = numbers;
    return limits;
  }

  IncidentPagesTest() {
    EXPECT_NE(mkdtemp(dir_.data()), nullptr);
    recorder_ = std::make_unique<IncidentRecorder>(
        home_.clock, IncidentRecorder::Options{.dir = dir_});
    routes_ = Routes({home_.market.name()});
  }
  ~IncidentPagesTest() override {
    recorder_.reset();
    std::filesystem::remove_all(dir_);
  }

  // The second shard can be overloaded.
  std::vector<AdminRoute> Routes(std::vector<std::string> markets) {
    return IncidentRoutes(
        *recorder_,
        {[this](const std::function<void(Fanout&)>& work) { work(first_); },
         [this](std::function<void(Fanout&)> work) {
           if (!overloaded_) return work(second_);
           waiting_.push_back(std::move(work));
         }},
        std::move(markets));
  }

  AdminAnswer Ask(std::string_view method, std::string_view path,
                  std::string_view query = "", std::string_view body = "") {
    for (const AdminRoute& route : routes_) {
      if (route.method != method || !route.IsOf(path)) continue;
      return route.answer(
          {.method = method, .path = path, .query = query, .body = body});
    }
    ADD_FAILURE() << "no route to " << path;
    return {};
  }

  JsonValue Json(const AdminAnswer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    auto value = JsonReader(answer.body).Read();
    EXPECT_TRUE(value.has_value()) << answer.body;
    return value.value_or(JsonValue{});
  }
  JsonValue Post(std::string_view body) {
    return Json(Ask("POST", "/admin/incident", "", body));
  }

  void Turns() {
    while (first_.Turn() || second_.Turn()) {
    }
  }

  Session* Open(Fanout& fanout) {
    Session* const session = fanout.Open(&clients_.emplace_back());
    Turns();
    return session;
  }

  TestMarket home_;
  SessionNumbers numbers_[2] = {{.shard = 1}, {.shard = 2}};
  Fanout first_{home_.market, home_.market.AddShard([] {}), home_.counters,
                home_.clock, Limits(&numbers_[0])};
  Fanout second_{home_.market, home_.market.AddShard([] {}), home_.counters,
                 home_.clock, Limits(&numbers_[1])};
  std::deque<Client> clients_;
  bool overloaded_ = false;
  std::deque<std::function<void(Fanout&)>> waiting_;
  std::string dir_ = testing::TempDir() + "pages_XXXXXX";
  std::unique_ptr<IncidentRecorder> recorder_;
  std::vector<AdminRoute> routes_;
};

// --- sessions ---

TEST_F(IncidentPagesTest, SessionsOfAllShardsAreTold) {
  home_.Add("A");
  Turns();
  Open(first_);
  Session* const session = Open(second_);
  session->OnMessage(R"({"type":"subscribe","symbols":["A","B"]})");
  Turns();
  size_t bytes = 0;
  for (const std::string& message : clients_[1].messages) {
    bytes += message.size();
  }
  EXPECT_EQ(Ask("GET", "/admin/sessions").body,
            R"({"sessions":[)"
            "\n"
            R"({"id":"1-1","transport":"websocket","encoding":"json",)"
            R"("market":"live",)"
            R"("peer":"192.0.2.1:443","subscriptions":0,)"
            R"("since":1700000000000000,"messages":1,"bytes":)" +
                std::to_string(clients_[0].messages[0].size()) +
                R"(,"last_sent":1700000000000000,"waiting":false},)"
                "\n"
                R"({"id":"2-1","transport":"websocket","encoding":"json",)"
                R"("market":"live",)"
                R"("peer":"192.0.2.1:443","subscriptions":2,)"
                R"("since":1700000000000000,"messages":2,"bytes":)" +
                std::to_string(bytes) +
                R"(,"last_sent":1700000000000000,"waiting":false}],)"
                R"("total":2,"more":false})"
                "\n");
  const JsonValue holders =
      Json(Ask("GET", "/admin/sessions", "symbol=A&limit=5"));
  ASSERT_EQ(holders.Find("sessions")->items.size(), 1u);
  EXPECT_EQ(holders.Find("sessions")->items[0].Text("id"), "2-1");
  EXPECT_EQ(holders.Int("total"), 2);
}

TEST_F(IncidentPagesTest, MoreThanWasAskedForIsLeftOutAndSaid) {
  for (int i = 0; i < 300; ++i) Open(first_);
  Open(second_);
  for (const auto& [query, told, more] :
       {std::tuple{"", 301u, "false"}, std::tuple{"limit=301", 301u, "false"},
        std::tuple{"limit=300", 300u, "true"},
        std::tuple{"limit=7", 7u, "true"}}) {
    const JsonValue answer = Json(Ask("GET", "/admin/sessions", query));
    EXPECT_EQ(answer.Find("sessions")->items.size(), told) << query;
    EXPECT_EQ(answer.Find("more")->text, more) << query;
    EXPECT_EQ(answer.Int("total"), 301) << query;
  }
}

TEST_F(IncidentPagesTest, FaultyQueriesAreRefused) {
  for (const char* query :
       {"limit=0", "limit=", "limit=1x", "limit=100001", "limit=-1",
        "symbol=", "symbol=a,b", "symbol=%zz", "symbl=A", "limit"}) {
    const AdminAnswer answer = Ask("GET", "/admin/sessions", query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_TRUE(JsonReader(answer.body).Read().has_value()) << answer.body;
  }
}

TEST_F(IncidentPagesTest, AShardThatDoesNotAnswerIsNamed) {
  Open(first_);
  Open(second_);
  overloaded_ = true;
  const JsonValue answer = Json(Ask("GET", "/admin/sessions"));
  ASSERT_EQ(answer.Find("sessions")->items.size(), 1u);
  ASSERT_NE(answer.Find("late_shards"), nullptr);
  ASSERT_EQ(answer.Find("late_shards")->items.size(), 1u);
  EXPECT_EQ(answer.Find("late_shards")->items[0].text, "2");
  for (auto& work : waiting_) work(second_);
}

// --- incidents ---

TEST_F(IncidentPagesTest, AnIncidentIsRecordedFromItsBeginToItsEnd) {
  const SymbolId a = home_.Add("A");
  Turns();
  Open(first_)->OnMessage(R"({"type":"subscribe","symbols":["A"],
                              "max_rate":"unlimited"})");
  Session* const watched = Open(second_);
  watched->OnMessage(
      R"({"type":"subscribe","symbols":["A"],"max_rate":"unlimited"})");
  Turns();
  clients_[1].messages.clear();
  const JsonValue begun = Post(R"({"session":"2-1","seconds":5})");
  EXPECT_EQ(begun.Int("id"), 1);
  EXPECT_EQ(begun.Text("session"), "2-1");
  EXPECT_EQ(begun.Text("state"), "recording");
  EXPECT_EQ(begun.Find("found")->text, "true");
  EXPECT_EQ(begun.Find("late_shards"), nullptr);
  EXPECT_EQ(begun.Int("seconds"), 5);
  EXPECT_EQ(begun.Int("bytes_max"), 64 << 20);
  EXPECT_EQ(begun.Int("started"), 1'700'000'000'000'000);
  EXPECT_THAT(std::string(begun.Text("file")),
              EndsWith("/incident-20231114T221320Z-2-1.ticklog"));
  for (int i = 0; i < 3; ++i) {
    home_.Tick(a, {{FieldId::kBid, 100 + i}});
    Turns();
  }
  const JsonValue now = Json(Ask("GET", "/admin/incident"));
  EXPECT_EQ(now.Find("on")->text, "true");
  ASSERT_EQ(now.Find("incidents")->items.size(), 1u);
  EXPECT_EQ(now.Find("incidents")->items[0].Int("records"), 3);
  const JsonValue stopped =
      Json(Ask("POST", "/admin/incident/stop", "", R"({"id":1})"));
  const JsonValue& ended = stopped.Find("incidents")->items.at(0);
  EXPECT_EQ(ended.Text("state"), "ended");
  EXPECT_EQ(ended.Text("ended_by"), "stopped");
  EXPECT_EQ(ended.Int("lost"), 0);

  std::vector<std::string> logged;
  for (const auto& copy : ReadSentLogFile(std::string(ended.Text("file")))) {
    EXPECT_EQ(SessionText(copy.session), "2-1");
    logged.push_back(copy.bytes);
  }
  EXPECT_EQ(logged, clients_[1].messages);
  EXPECT_EQ(logged.size(), 3u);
}

// Above all the overloaded one is watched, from when it gets to it.
TEST_F(IncidentPagesTest, AShardThatIsLateWatchesNevertheless) {
  const SymbolId a = home_.Add("A");
  Turns();
  Open(second_)->OnMessage(
      R"({"type":"subscribe","symbols":["A"],"max_rate":"unlimited"})");
  Turns();
  overloaded_ = true;
  const JsonValue session = Post(R"({"session":"2-1"})");
  EXPECT_EQ(session.Find("found")->kind, JsonValue::Kind::kNull);
  EXPECT_EQ(session.Find("late_shards")->items.at(0).text, "2");
  const JsonValue symbol = Post(R"({"symbol":"A","bytes_max":2000})");
  EXPECT_EQ(symbol.Find("found")->text, "true");  // the first shard says so
  EXPECT_EQ(symbol.Text("symbol"), "A");
  overloaded_ = false;
  for (auto& work : std::exchange(waiting_, {})) work(second_);
  home_.Tick(a, {{FieldId::kBid, 100}});
  Turns();
  for (const IncidentState& state : recorder_->States()) {
    EXPECT_EQ(state.records, 1u);
  }
}

TEST_F(IncidentPagesTest, ASymbolMayBeOfOneMarketOnly) {
  routes_ = Routes({"live", "replay"});
  const SymbolId a = home_.Add("A");
  Turns();
  Open(first_)->OnMessage(
      R"({"type":"subscribe","symbols":["A"],"max_rate":"unlimited"})");
  const JsonValue here = Post(R"({"symbol":"A","market":"live"})");
  EXPECT_EQ(here.Text("market"), "live");
  EXPECT_EQ(here.Find("found")->text, "true");
  EXPECT_EQ(Post(R"({"symbol":"A","market":"replay"})").Find("found")->text,
            "false");
  home_.Tick(a, {{FieldId::kBid, 100}});
  Turns();
  const auto states = recorder_->States();
  ASSERT_EQ(states.size(), 2u);
  EXPECT_GT(states[0].records, 0u);
  EXPECT_EQ(states[1].records, 0u);
}

TEST_F(IncidentPagesTest, WhatIsNotThereIsSaid) {
  EXPECT_EQ(Post(R"({"session":"2-1"})").Find("found")->text, "false");
  EXPECT_EQ(Post(R"({"session":"9-1"})").Find("found")->text, "false");
  EXPECT_EQ(Post(R"({"symbol":"X"})").Find("found")->text, "false");
  const AdminAnswer none =
      Ask("POST", "/admin/incident/stop", "", R"({"id":99})");
  EXPECT_EQ(none.status, 404);
  // All of them; an empty body is enough.
  EXPECT_EQ(
      Json(Ask("POST", "/admin/incident/stop")).Find("incidents")->items.size(),
      3u);
  EXPECT_EQ(
      Json(Ask("POST", "/admin/incident/stop")).Find("incidents")->items.size(),
      0u);
}

// It takes none of the places, and no file.
TEST_F(IncidentPagesTest, AMarketThatIsNotThereIsRefused) {
  const AdminAnswer none = Ask("POST", "/admin/incident", "",
                               R"({"symbol":"A","market":"nowhere"})");
  EXPECT_EQ(none.status, 404);
  EXPECT_THAT(none.body, HasSubstr("market: there is no nowhere"));
  EXPECT_TRUE(recorder_->States().empty());
  EXPECT_TRUE(std::filesystem::is_empty(dir_));
  Post(R"({"symbol":"A","market":")" + home_.market.name() + "\"}");
  EXPECT_EQ(recorder_->States().size(), 1u);
}

TEST_F(IncidentPagesTest, FaultyRequestsAreRefused) {
  for (const char* body :
       {"", "{}", "[]", "{", R"({"session":"2-1","symbol":"A"})",
        R"({"session":2})", R"({"session":"2"})", R"({"symbol":"a,b"})",
        R"({"symbol":7})", R"({"symbol":"A","seconds":0})",
        R"({"symbol":"A","seconds":3601})", R"({"symbol":"A","seconds":1.5})",
        R"({"symbol":"A","bytes_max":1023})",
        R"({"symbol":"A","bytes_max":1073741825})",
        R"({"symbol":"A","second":1})", R"({"symbol":"A","market":""})"}) {
    const AdminAnswer answer = Ask("POST", "/admin/incident", "", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_TRUE(JsonReader(answer.body).Read().has_value()) << answer.body;
  }
  for (const char* body :
       {"[]", "{", R"({"id":0})", R"({"id":"1"})", R"({"it":1})"}) {
    EXPECT_EQ(Ask("POST", "/admin/incident/stop", "", body).status, 400)
        << body;
  }
  EXPECT_TRUE(recorder_->States().empty());
}

TEST_F(IncidentPagesTest, TooManyAndNoneAtAllAreRefused) {
  for (int i = 0; i < 4; ++i) Post(R"({"symbol":"A"})");
  const AdminAnswer fifth =
      Ask("POST", "/admin/incident", "", R"({"symbol":"A"})");
  EXPECT_EQ(fifth.status, 429);
  EXPECT_THAT(fifth.body, HasSubstr("4 incidents are being recorded already"));

  IncidentRecorder off(home_.clock, {});
  const auto routes = IncidentRoutes(off, {}, {});
  const auto ask = [&](size_t route, std::string_view body) {
    return routes.at(route).answer(
        {.method = {}, .path = {}, .query = {}, .body = body});
  };
  EXPECT_EQ(ask(1, "").body,
            "{\"on\":false,\"why\":\"incident_dir is not set\","
            "\"incidents\":[]}\n");
  EXPECT_EQ(ask(2, R"({"symbol":"A"})").status, 409);
  EXPECT_THAT(ask(2, R"({"symbol":"A"})").body, HasSubstr("incident_dir"));
}

}  // namespace
}  // namespace streamhub
