// Copies of what sessions are sent: to the byte what the transport got, of who
// is watched and of nobody else.

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gateway/codec/at_token.h"
#include "tests/session/shard_fixture.h"

namespace streamhub {
namespace {

class FakeSink final : public SentSink {
 public:
  struct Copy {
    uint64_t ticket;
    SentCopy copy;  // without its views
    std::string symbol, bytes;
  };

  bool OnSent(uint64_t ticket, const SentCopy& copy) override {
    ++asked;
    if (full.contains(ticket)) return false;
    copies.push_back(
        {ticket, copy, std::string(copy.symbol), std::string(copy.bytes)});
    return true;
  }
  void OnOver(uint64_t ticket) override { over.push_back(ticket); }
  bool Wants(uint64_t ticket) override {
    ++asked;
    return !full.contains(ticket);
  }

  std::vector<std::string> Bytes() const {
    std::vector<std::string> all;
    for (const Copy& copy : copies) all.push_back(copy.bytes);
    return all;
  }

  std::vector<Copy> copies;
  std::vector<uint64_t> over;
  std::set<uint64_t> full;  // they want no more
  int asked = 0;
};

class WatchTest : public ShardFixture {
 protected:
  WatchTest() : ShardFixture(Limits(&numbers_)) {
    a = Add("A");
    b = Add("B");
  }

  static SessionLimits Limits(SessionNumbers* numbers) {
    SessionLimits limits;
    limits.numbers = numbers;
    return limits;
  }

  void WatchSession(uint64_t ticket, const FakeClient& client) {
    fanout.Watch({ticket, &sink, client.session->id(), ""});
  }
  void WatchSymbol(uint64_t ticket, const std::string& code) {
    fanout.Watch({ticket, &sink, 0, code});
  }

  static std::string Subscribe(const std::string& symbols) {
    return R"({"type":"subscribe","max_rate":"unlimited","symbols":[)" +
           symbols + "]}";
  }

  SessionNumbers numbers_{.shard = 2, .next = 116};
  SymbolId a, b;
  FakeSink sink;
};

TEST_F(WatchTest, ASessionsBatchesAreCopiedToTheByteAndNobodyElses) {
  for (const Envelope envelope :
       {Envelope::kLines, Envelope::kSse, Envelope::kFlat}) {
    FakeClient watched(envelope), other(envelope);
    watched.as = TransportKind::kStream;
    Open(&watched);
    Open(&other);
    WatchSession(7, watched);
    sink.copies.clear();
    watched.session->OnMessage(Subscribe(R"("A","B","C")"));
    other.session->OnMessage(Subscribe(R"("B")"));
    Turns();
    for (int i = 0; i < 5; ++i) {
      Bid(a, 100 + i);
      Bid(b, 200 + i);
      home.clock.Advance(kMillisecond);
    }
    ASSERT_GT(watched.messages.size(), 10u);
    EXPECT_EQ(sink.Bytes(), watched.messages);
    // The first batch of all was the hello.
    uint64_t batch = 1;
    int64_t time_ns = 0;
    for (const auto& [ticket, copy, symbol, bytes] : sink.copies) {
      EXPECT_EQ(ticket, 7u);
      EXPECT_EQ(copy.session, watched.session->id());
      EXPECT_EQ(copy.transport, TransportKind::kStream);
      EXPECT_EQ(copy.encoding, EncodingOf(envelope));
      EXPECT_EQ(copy.batch, ++batch);
      EXPECT_GE(copy.time_ns, time_ns);
      time_ns = copy.time_ns;
      EXPECT_EQ(symbol, "");
    }
    EXPECT_EQ(time_ns, home.clock.WallNs() - kMillisecond);
    Drop(&watched);
    Drop(&other);
  }
}

TEST_F(WatchTest, ASlowClientsBatchesAreCopiedAsTheyWereFolded) {
  FakeClient client;
  Open(&client);
  Say(&client, Subscribe(R"("A","B")"));
  WatchSession(1, client);
  client.slow = true;
  for (int i = 0; i < 10; ++i) Bid(a, 100 + i);
  Bid(b, 5);
  EXPECT_EQ(sink.copies.size(), 1u);  // the first, which it has not taken yet
  Written(&client);
  Written(&client);
  ASSERT_EQ(client.messages.size(), 2u);
  EXPECT_EQ(sink.Bytes(), client.messages);
  EXPECT_EQ(client.Take(),
            "update A{v=2 n=2 bid=1.00}\n--\n"
            "update A{v=11 n=11 bid=1.09} B{v=2 n=2 bid=0.05}");
  // What is sent at the end is a batch like any other.
  client.session->Close(CloseReason::kServerStopping);
  Turns();
  ASSERT_EQ(client.messages.size(), 1u);
  EXPECT_EQ(sink.copies.back().bytes, client.messages[0]);
  Drop(&client);
}

// In every encoding, each of them in its bytes.
TEST_F(WatchTest, ASymbolsFramesAreCopiedFromAllWhoHoldIt) {
  FakeClient both, only_b, flat(Envelope::kFlat);
  for (FakeClient* client : {&both, &only_b, &flat}) Open(client);
  WatchSymbol(3, "A");
  both.session->OnMessage(Subscribe(R"("B","A")"));
  only_b.session->OnMessage(Subscribe(R"("B")"));
  flat.session->OnMessage(
      R"({"type":"subscribe","max_rate":"unlimited","fields":["ask"],)"
      R"("symbols":["A","B"]})");
  Turns();
  home.Tick(b, {{FieldId::kBid, 7}});
  home.Tick(a, {{FieldId::kBid, 150}});  // not what `flat` wants
  Turns();
  home.Tick(a, {{FieldId::kAsk, 151}});
  home.Tick(b, {{FieldId::kAsk, 8}});
  Turns();
  // Who was sent what, in order.
  ASSERT_EQ(sink.copies.size(), 5u);
  size_t looked_at[2] = {0, 0};
  for (const auto& [ticket, copy, symbol, bytes] : sink.copies) {
    EXPECT_EQ(ticket, 3u);
    EXPECT_EQ(symbol, "A");
    const bool is_flat = copy.session == flat.session->id();
    EXPECT_TRUE(is_flat || copy.session == both.session->id());
    EXPECT_EQ(copy.encoding, is_flat ? Encoding::kFlat : Encoding::kJson);
    FakeClient& client = is_flat ? flat : both;
    // Of all batches: the watched one is after the hello.
    const std::string& message = client.messages[copy.batch - 2];
    EXPECT_NE(message.find(bytes), std::string::npos);
    EXPECT_EQ(message.find(bytes), message.rfind(bytes));
    if (!is_flat) {
      EXPECT_TRUE(bytes.starts_with(R"("A":{"v":)")) << bytes;
      EXPECT_TRUE(bytes.ends_with("}")) << bytes;
    }
    ++looked_at[is_flat];
  }
  EXPECT_EQ(looked_at[0], 3u);  // a snapshot and two updates
  EXPECT_EQ(looked_at[1], 2u);  // a snapshot and one
  EXPECT_EQ(sink.copies.back().bytes.find("\"B\""), std::string::npos);
  for (FakeClient* client : {&both, &only_b, &flat}) Drop(client);
}

TEST_F(WatchTest, ANoteOfQuietIsAFrameToo) {
  FakeClient client;
  Open(&client);
  Bid(a, 150);
  Say(&client, Subscribe(R"("A")"));
  WatchSymbol(1, "A");
  Pass(20 * kSecond);
  ASSERT_EQ(sink.copies.size(), 1u);
  EXPECT_NE(sink.copies[0].bytes.find(R"("quiet":true)"), std::string::npos);
  Drop(&client);
}

TEST_F(WatchTest, ASymbolIsWatchedOnEveryShard) {
  SessionNumbers numbers{.shard = 3};
  ShardWake& other_wake = home.market.AddShard([] {});
  Fanout other(home.market, other_wake, home.counters, home.clock,
               Limits(&numbers));
  FakeClient here, there;
  Open(&here);
  there.session = other.Open(&there);
  WatchSymbol(1, "A");
  other.Watch({1, &sink, 0, "A"});
  here.session->OnMessage(Subscribe(R"("A")"));
  there.session->OnMessage(Subscribe(R"("A")"));
  Turns();
  while (other.Turn()) {
  }
  home.Tick(a, {{FieldId::kBid, 150}});
  Turns();
  while (other.Turn()) {
  }
  ASSERT_EQ(sink.copies.size(), 4u);
  EXPECT_EQ(SessionText(sink.copies[2].copy.session), "2-117");
  EXPECT_EQ(SessionText(sink.copies[3].copy.session), "3-1");
  EXPECT_EQ(sink.copies[2].bytes, sink.copies[3].bytes);
  EXPECT_NE(sink.copies[3].bytes.find("\"bid\":1.50"), std::string::npos);
  Drop(&here);
  there.session->OnClosed();
  other.Turn();
}

TEST_F(WatchTest, ATopicsMessagesAreCopiedWithoutOthers) {
  SymbolId chat = 0, news = 0;
  for (const auto& [name, id] :
       {std::pair{"chat", &chat}, std::pair{"news", &news}}) {
    ASSERT_EQ(
        home.market.DefineTopic(name, kNoFeed, 5, home.clock.WallNs(), id),
        SymbolTable::Added::kNew);
  }
  Turns();
  for (const Envelope envelope : {Envelope::kLines, Envelope::kFlat}) {
    FakeClient client(envelope);
    Open(&client);
    client.session->OnMessage(Subscribe(R"("news","chat")"));
    Turns();
    WatchSymbol(1, "chat");
    sink.copies.clear();
    client.messages.clear();
    for (const SymbolId topic : {news, chat}) {
      home.market.Append(topic, "\"of " + std::to_string(topic) + "\"",
                         home.clock.WallNs());
    }
    home.market.Wake();
    Turns();
    ASSERT_EQ(client.messages.size(), 1u);
    ASSERT_EQ(sink.copies.size(), 1u);
    const std::string& bytes = sink.copies[0].bytes;
    EXPECT_NE(client.messages[0].find(bytes), std::string::npos);
    EXPECT_NE(bytes.find("of " + std::to_string(chat)), std::string::npos);
    EXPECT_EQ(bytes.find("of " + std::to_string(news)), std::string::npos);
    if (envelope == Envelope::kLines) {
      EXPECT_TRUE(bytes.starts_with(R"("chat":{"v":)")) << bytes;
      EXPECT_TRUE(bytes.ends_with("]}")) << bytes;
    }
    // A heartbeat has nothing of it.
    Pass(3 * kSecond);
    EXPECT_EQ(sink.copies.size(), 1u);
    sink.full.insert(1);
    Pass(kSecond);
    sink.full.clear();
    Drop(&client);
  }
}

TEST_F(WatchTest, ASymbolThatIsToComeIsWatchedFromThenOn) {
  FakeClient client;
  Open(&client);
  EXPECT_FALSE(fanout.KnowsSymbol("LATE"));
  WatchSymbol(1, "LATE");
  Say(&client, Subscribe(R"("LATE","A")"));
  EXPECT_TRUE(sink.copies.empty());
  const SymbolId late = Add("LATE");
  Bid(late, 150);
  ASSERT_FALSE(sink.copies.empty());
  EXPECT_EQ(sink.copies[0].symbol, "LATE");
  EXPECT_NE(sink.copies.back().bytes.find("\"bid\":1.50"), std::string::npos);
  Drop(&client);
}

TEST_F(WatchTest, AClientThatPollsKeepsItsIdByItsToken) {
  const auto poll = [&](const std::string& query) {
    auto client = std::make_unique<FakeClient>();
    client->session = fanout.Open(client.get());
    client->session->OnPoll(std::vector<ParsedRequest>{ParseQuery(query)});
    return client;
  };
  auto first = poll("symbols=A&max_rate=unlimited");
  Turns();
  ASSERT_EQ(first->messages.size(), 1u);
  EXPECT_NE(first->messages[0].find(R"("session":"2-117p")"),
            std::string::npos);
  const SessionId id = first->session->id();
  EXPECT_TRUE(fanout.Knows(id));
  fanout.Watch({5, &sink, id, ""});
  const std::string at = LastText(first->messages[0], "at");
  Drop(first.get());
  EXPECT_TRUE(sink.over.empty());

  // The next of that client, and one of somebody else's who says to be another
  // one that does not poll.
  Bid(a, 150);
  auto second = poll("symbols=A@1&max_rate=unlimited&at=" + at);
  std::string lie = at.substr(0, at.rfind('.')) + ".2-117";
  auto other = poll("symbols=A@1&max_rate=unlimited&at=" + lie);
  Turns();
  ASSERT_EQ(second->messages.size(), 1u);
  ASSERT_EQ(other->messages.size(), 1u);
  EXPECT_EQ(sink.Bytes(), second->messages);
  EXPECT_EQ(sink.copies[0].copy.session, id);
  EXPECT_EQ(SessionText(other->session->id()), "2-119p");
  EXPECT_EQ(LastText(second->messages[0], "at").substr(at.rfind('.')),
            ".2-117p");
  Drop(second.get());
  Drop(other.get());
}

TEST_F(WatchTest, ASinkThatWantsNoMoreIsAskedNoMore) {
  FakeClient client;
  Open(&client);
  Say(&client, Subscribe(R"("A")"));
  WatchSession(1, client);
  WatchSymbol(2, "A");
  Bid(a, 150);
  EXPECT_EQ(sink.copies.size(), 2u);
  sink.full = {1};  // learnt by the next batch
  Bid(a, 151);
  EXPECT_EQ(sink.copies.size(), 3u);
  const int asked = sink.asked;
  Bid(a, 152);
  EXPECT_EQ(sink.asked, asked + 1);
  sink.full = {1, 2};  // learnt without one
  Pass(kSecond);
  const int at_last = sink.asked;
  Bid(a, 153);
  Pass(5 * kSecond);
  EXPECT_EQ(sink.asked, at_last);
  EXPECT_EQ(sink.copies.size(), 4u);
  Drop(&client);
}

TEST_F(WatchTest, TheEndOfASessionIsTold) {
  FakeClient watched, other;
  Open(&watched);
  Open(&other);
  WatchSession(4, watched);
  WatchSession(5, watched);
  WatchSymbol(6, "A");
  Drop(&other);
  EXPECT_TRUE(sink.over.empty());
  Drop(&watched);
  EXPECT_EQ(sink.over, (std::vector<uint64_t>{4, 5}));
}

}  // namespace
}  // namespace streamhub
