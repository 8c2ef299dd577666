// A shard in a steady state over transports that are no sockets: ticks, turns
// and flushes allocate nothing, whatever the encoding, the rates, the pace of
// the clients and the state of the cache.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "gateway/session/fanout.h"
#include "gateway/session/session.h"
#include "gateway/session/transport.h"
#include "tests/allocations/allocation_count.h"
#include "tests/support/stuck_writer.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

constexpr int kSymbols = 300;
constexpr int kClients = 60;
constexpr int kEach = 40;
constexpr int kRounds = 400;

// Takes every message; a slow one is busy with it until Written().
class Client final : public Transport {
 public:
  Client(Envelope envelope, bool slow) : envelope_(envelope), slow_(slow) {}

  Envelope envelope() const override { return envelope_; }
  bool Send(std::string& batch) override {
    bytes += batch.size() - kBatchHeadroom;
    sending = slow_;
    return !slow_;
  }
  void ResumeReading() override {}
  void Close(CloseReason) override { ADD_FAILURE() << "closed"; }

  void Written() {
    if (!sending) return;
    sending = false;
    session->OnSent();
  }

  Session* session = nullptr;
  size_t bytes = 0;
  bool sending = false;

 private:
  const Envelope envelope_;
  const bool slow_;
};

class ShardAllocationTest : public testing::TestWithParam<Envelope> {
 protected:
  void SetUp() override {
    if (!kAllocationsAreCounted) GTEST_SKIP() << "a sanitizer has malloc";
  }

  ShardAllocationTest()
      : home_(kSymbols),
        wake_(home_.market.AddShard([] {})),
        fanout_(home_.market, wake_, home_.counters, home_.clock, {}) {
    home_.publisher.SetStatus(FeedStatus::kLive);
    for (int i = 0; i < kSymbols; ++i) {
      ids_.push_back(home_.Add("S" + std::to_string(i)));
    }
    Tick(/*one_in=*/1);
    Turns();
  }

  ~ShardAllocationTest() override {
    for (Client& client : clients_) client.session->OnClosed();
    Turns();
  }

  // Clients with `rates` in turn; every third is slow if `slow`.
  void Open(const std::vector<std::string>& rates, bool slow) {
    for (size_t i = 0; i < kClients; ++i) {
      Client& client = clients_.emplace_back(GetParam(), slow && i % 3 == 0);
      client.session = fanout_.Open(&client);
      std::string request = R"({"type":"subscribe","max_rate":)" +
                            rates[i % rates.size()] + R"(,"symbols":[)";
      for (int s = 0; s < kEach; ++s) {
        request += (s == 0 ? "\"S" : ",\"S") +
                   std::to_string((i * 7 + static_cast<size_t>(s)) % kSymbols) +
                   '"';
      }
      ASSERT_TRUE(client.session->OnMessage(request + "]}"));
    }
    Turns();
  }

  // Some of the symbols tick, as one batch.
  void Tick(unsigned one_in) {
    home_.publisher.BeginBatch();
    for (const SymbolId id : ids_) {
      if (random_() % one_in != 0) continue;
      ++price_;
      home_.publisher.Publish(id,
                              {{FieldId::kBid, price_},
                               {FieldId::kBidSize, price_ % 100},
                               {FieldId::kAsk, price_ + 1},
                               {FieldId::kLast, price_ % 7}},
                              home_.clock.WallNs());
    }
    home_.publisher.EndBatch();
  }

  void Turns() {
    while (fanout_.Turn()) continue;
  }

  // Ticks, turns and time; slow clients catch up now and then.
  void Live(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      Tick(/*one_in=*/i % 10 == 0 ? 1 : 8);
      Turns();
      for (Client& client : clients_) {
        if (random_() % 4 == 0) client.Written();
      }
      home_.clock.Advance(7 * kMillisecond);
      Turns();
    }
  }

  // Lives until buffers have their size, then must allocate nothing.
  void ExpectNone() {
    Live(kRounds);
    const int64_t before = home_.counters.Get(Metric::kUpdates);
    BeginAllocationCount(CountedThreads::kAll);
    Live(kRounds);
    const AllocationCount counted = EndAllocationCount();
    const int64_t updates = home_.counters.Get(Metric::kUpdates) - before;
    EXPECT_GT(updates, 10 * kRounds);
    EXPECT_EQ(counted.count, 0) << "for " << updates << " updates:\n"
                                << counted.sites;
    // What is allowed is so now and then, not for each update.
    EXPECT_LT(counted.allowed * 100, updates) << counted.sites;
  }

  TestMarket home_;
  ShardWake& wake_;
  Fanout fanout_;
  std::vector<SymbolId> ids_;
  std::deque<Client> clients_;
  std::mt19937 random_{1};
  int64_t price_ = 10'000;
};

std::string NameOf(const testing::TestParamInfo<Envelope>& param) {
  constexpr std::array kNames = {"Lines", "Sse", "Flat"};
  return kNames[static_cast<size_t>(param.param)];
}
INSTANTIATE_TEST_SUITE_P(, ShardAllocationTest,
                         testing::Values(Envelope::kLines, Envelope::kSse,
                                         Envelope::kFlat),
                         NameOf);

TEST_P(ShardAllocationTest, NoneAtOnceAndInBeats) {
  Open({R"("unlimited")", "50", "10", "2"}, /*slow=*/false);
  ExpectNone();
}

TEST_P(ShardAllocationTest, NoneForClientsThatAreSlow) {
  Open({R"("unlimited")", "10"}, /*slow=*/true);
  ExpectNone();
  EXPECT_GT(home_.counters.Get(Metric::kFlushesSkipped), 0);
}

// A symbol that cannot be read at once is asked for again.
TEST_P(ShardAllocationTest, NoneForReadsThatFail) {
  Open({R"("unlimited")"}, /*slow=*/false);
  Live(kRounds);
  const auto get_stuck = [this] {
    for (size_t i = 0; i < 10; ++i) {
      Tick(/*one_in=*/1);
      StuckWriter::Enter(home_.market.cache(), ids_[i]);
      fanout_.Turn();
      StuckWriter::Leave(home_.market.cache(), ids_[i]);
      Turns();
    }
  };
  get_stuck();
  BeginAllocationCount(CountedThreads::kAll);
  get_stuck();
  const AllocationCount counted = EndAllocationCount();
  EXPECT_GE(home_.counters.Get(Metric::kReadsContended), 10);
  EXPECT_EQ(counted.count, 0) << counted.sites;
}

TEST_P(ShardAllocationTest, NoneForHeartbeats) {
  Open({R"("unlimited")"}, /*slow=*/false);
  const auto live = [this] {
    for (int i = 0; i < 40; ++i) {
      home_.clock.Advance(250 * kMillisecond);
      home_.publisher.Heartbeat();
      Turns();
    }
  };
  live();
  const int64_t messages = home_.counters.Get(Metric::kMessages);
  BeginAllocationCount(CountedThreads::kAll);
  live();
  const AllocationCount counted = EndAllocationCount();
  EXPECT_GE(home_.counters.Get(Metric::kMessages) - messages, kClients);
  EXPECT_EQ(counted.count, 0) << counted.sites;
}

}  // namespace
}  // namespace streamhub
