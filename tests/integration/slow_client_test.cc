// Clients that do not take what they are sent. What must hold: the memory they
// cost is bounded, and once they read on they get one update per symbol, the
// latest, behind what their socket held.
//
// STREAMHUB_STALL_SECONDS sets how long they do not read; what matters is that
// far more changes than sockets hold.

#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#include "tests/integration/test_gateway.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using std::chrono::milliseconds;
using Kind = StreamClient::Kind;

int StallSeconds() {
  const char* const text = std::getenv("STREAMHUB_STALL_SECONDS");
  return text == nullptr ? 2 : std::atoi(text);
}

int64_t ResidentBytes() {
  int64_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

// Changes every symbol again and again for that long; `*rounds` counts on.
void Broadcast(TestGateway& gateway, const std::vector<SymbolId>& ids,
               milliseconds time, int64_t* rounds) {
  gateway.puppet->Do([&](Publisher& publisher) {
    const int64_t end_ns =
        publisher.clock().MonoNs() + time.count() * kMillisecond;
    do {
      ++*rounds;
      publisher.BeginBatch();
      for (const SymbolId id : ids) {
        publisher.Publish(id,
                          {{FieldId::kBid, *rounds},
                           {FieldId::kAsk, *rounds + 1},
                           {FieldId::kLast, *rounds},
                           {FieldId::kVolume, *rounds}},
                          0);
      }
      publisher.EndBatch();
    } while (publisher.clock().MonoNs() < end_ns);
  });
}

class SlowClientTest : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(, SlowClientTest,
                         testing::ValuesIn(StreamClient::kEndless),
                         [](const testing::TestParamInfo<Kind>& param) {
                           return std::string(
                               StreamClient::NameOf(param.param));
                         });

TEST_P(SlowClientTest, GetsOneUpdatePerSymbolBehindWhatItsSocketHeld) {
  TestGateway gateway;
  const auto names = Names(300);
  const auto ids = gateway.Define(names);
  int64_t rounds = 0;
  Broadcast(gateway, ids, milliseconds(1), &rounds);
  StreamClient client(GetParam(), gateway.port(),
                      "?max_rate=unlimited&symbols=" + Joined(names));
  ASSERT_TRUE(client.Await("synced").has_value());
  Broadcast(gateway, ids, milliseconds(50), &rounds);
  ASSERT_TRUE(client.AwaitState([&](const HeldMarket& held) {
    return std::all_of(names.begin(), names.end(), [&](const auto& name) {
      const auto quote = held.quotes.find(name);
      if (quote == held.quotes.end()) return false;
      const auto volume = quote->second.fields.find("volume");
      return volume != quote->second.fields.end() &&
             volume->second == std::to_string(rounds);
    });
  }));
  const uint64_t bytes_before = client.bytes_received();
  client.held().order.clear();
  const int64_t read = gateway.MetricOf("updates_total");
  const int64_t resident = ResidentBytes();
  const auto heap = static_cast<int64_t>(mallinfo2().uordblks);
  const int64_t first_round = rounds;

  Broadcast(gateway, ids, milliseconds(StallSeconds() * 1000), &rounds);

  const int64_t heap_grew = static_cast<int64_t>(mallinfo2().uordblks) - heap;
  const int64_t resident_grew = ResidentBytes() - resident;
  const int64_t built = gateway.MetricOf("updates_total") - read;
  if (!kSanitized) {
    EXPECT_LT(resident_grew, 1 << 20);
    EXPECT_LT(heap_grew, 1 << 20);
  }

  // What was built before is what the socket and the one batch held.
  uint64_t bytes_held = 0;
  const size_t expected = static_cast<size_t>(built) + names.size();
  ASSERT_TRUE(client.AwaitState([&](const HeldMarket& held) {
    if (held.order.size() <= static_cast<size_t>(built)) {
      bytes_held = client.bytes_received() - bytes_before;
    }
    return held.order.size() >= expected;
  }));
  std::printf(
      "%d s without reading, %lld changes of every symbol: the socket held "
      "about %llu bytes (%lld updates); heap %+lld bytes, resident %+lld "
      "bytes\n",
      StallSeconds(), static_cast<long long>(rounds - first_round),
      static_cast<unsigned long long>(bytes_held),
      static_cast<long long>(built), static_cast<long long>(heap_grew),
      static_cast<long long>(resident_grew));
  const auto& order = client.held().order;
  ASSERT_EQ(order.size(), expected);
  EXPECT_EQ(std::set<std::string>(order.end() - 300, order.end()).size(), 300u);
  const HeldMarket truth = gateway.Quotes("symbols=" + Joined(names));
  for (const std::string& name : names) {
    EXPECT_EQ(client.held().quotes.at(name).fields,
              truth.quotes.at(name).fields);
  }
  EXPECT_EQ(truth.quotes.at("S7").fields.at("volume"), std::to_string(rounds));
  // And nothing more.
  client.AwaitState(
      [&](const HeldMarket& held) { return held.order.size() > expected; },
      milliseconds(300));
  EXPECT_EQ(client.held().order.size(), expected);
}

// A client that asks and asks and takes no answer.
TEST(FloodTest, RequestsWaitWhenAnswersAreNotTaken) {
  constexpr int kPings = 200'000;
  Config config = TestConfig();
  config.requests_per_second = 0;  // how fast they come is another matter
  TestGateway gateway(config);
  StreamClient client(Kind::kWebSocket, gateway.port());
  ASSERT_TRUE(client.Await("hello").has_value());
  std::string frames;
  for (int i = 0; i < kPings; ++i) {
    AppendClientFrame(WsOpcode::kText,
                      R"({"type":"ping","id":)" + std::to_string(i) + '}', 7,
                      &frames);
  }
  const auto heap = static_cast<int64_t>(mallinfo2().uordblks);
  size_t sent = 0;
  constexpr size_t kPiece = 64 * 1024;
  while (sent < frames.size()) {
    const std::string_view piece =
        std::string_view(frames).substr(sent, kPiece);
    if (!client.socket().Send(piece, milliseconds(500))) break;
    sent += piece.size();
  }
  EXPECT_LT(sent, frames.size()) << "it took everything";
  EXPECT_GT(gateway.MetricOf("reads_paused_total"), 0);
  const int64_t grew = static_cast<int64_t>(mallinfo2().uordblks) - heap;
  std::printf("%zu of %zu bytes of pings were taken; heap %+lld bytes\n", sent,
              frames.size(), static_cast<long long>(grew));
  if (!kSanitized) {
    EXPECT_LT(grew, 1 << 20);
  }
  // What was taken is answered, in order. The rest of a torn piece is not
  // known, hence not compared.
  for (int i = 0; i < 1000; ++i) {
    const auto pong = client.Await("pong");
    ASSERT_TRUE(pong.has_value());
    ASSERT_EQ(pong->Int("id"), i);
  }
}

TEST(FloodTest, EveryRequestIsAnsweredInTheEnd) {
  constexpr int kPings = 50'000;
  Config config = TestConfig();
  config.requests_per_second = 0;  // how fast they come is another matter
  TestGateway gateway(config);
  StreamClient client(Kind::kWebSocket, gateway.port());
  std::thread sender([&client] {
    std::string frames;
    for (int i = 0; i < kPings; ++i) {
      AppendClientFrame(WsOpcode::kText,
                        R"({"type":"ping","id":)" + std::to_string(i) + '}', 7,
                        &frames);
    }
    EXPECT_TRUE(client.socket().Send(frames));
  });
  // The answers pile up before the first is read.
  EXPECT_TRUE(gateway.AwaitAtLeast("reads_paused_total", 1));
  for (int i = 0; i < kPings; ++i) {
    const auto pong = client.Await("pong");
    ASSERT_TRUE(pong.has_value()) << i;
    ASSERT_EQ(pong->Int("id"), i);
  }
  sender.join();
}

// Control frames have no session that would count them.
TEST(FloodTest, PongsThatAreNotTakenDoNotPileUp) {
  TestGateway gateway;
  StreamClient client(Kind::kWebSocket, gateway.port());
  ASSERT_TRUE(client.Await("hello").has_value());
  std::string pings;
  for (int i = 0; i < 500; ++i) {
    AppendClientFrame(WsOpcode::kPing, std::string(125, 'p'), 7, &pings);
  }
  const auto heap = static_cast<int64_t>(mallinfo2().uordblks);
  size_t pieces = 0;
  while (pieces < 1000 && client.socket().Send(pings, milliseconds(500))) {
    ++pieces;
  }
  EXPECT_LT(pieces, 1000u) << "it took everything";
  const int64_t grew = static_cast<int64_t>(mallinfo2().uordblks) - heap;
  std::printf("%zu bytes of pings were taken; heap %+lld bytes\n",
              pieces * pings.size(), static_cast<long long>(grew));
  if (!kSanitized) {
    EXPECT_LT(grew, 1 << 20);
  }
  while (client.pongs().size() < pieces * 500) {
    client.Next(milliseconds(1));
    ASSERT_TRUE(client.open());
  }
}

TEST(StallTest, ClientThatNeverReadsIsClosed) {
  Config config = TestConfig();
  config.write_stall_ms = 500;
  TestGateway gateway(config);
  const auto names = Names(300);
  const auto ids = gateway.Define(names);
  StreamClient client(Kind::kWebSocket, gateway.port(),
                      "?max_rate=unlimited&symbols=" + Joined(names));
  ASSERT_TRUE(client.Await("synced").has_value());
  int64_t rounds = 0;
  while (gateway.MetricOf("sessions_stalled_total") == 0) {
    Broadcast(gateway, ids, milliseconds(100), &rounds);
  }
  // What it reads now ends; with the reason, as it came in time.
  EXPECT_TRUE(client.AwaitEnd());
  EXPECT_EQ(client.close_code(), 4002);
  EXPECT_TRUE(gateway.AwaitMetric("sessions", 0));
}

}  // namespace
}  // namespace streamhub
