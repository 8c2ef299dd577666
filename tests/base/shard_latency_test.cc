#include "gateway/base/shard_latency.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

namespace streamhub {
namespace {

std::unique_ptr<ShardLatency> Make(size_t feeds = 1) {
  return std::make_unique<ShardLatency>(feeds);
}

TEST(ShardLatencyTest, OneInSoManyIsStamped) {
  const auto latency = Make();
  EXPECT_TRUE(latency->Sample()) << "the first, so that there is something";
  constexpr int kAll = 1'000'000;
  int stamped = 0;
  for (int i = 0; i < kAll; ++i) stamped += latency->Sample();
  EXPECT_NEAR(stamped, kAll / ShardLatency::kStride,
              kAll / ShardLatency::kStride / 50);
}

// A shard does the same things in the same order, turn after turn. Each place
// in that order must have its share.
TEST(ShardLatencyTest, NoPlaceInAPatternIsPreferred) {
  for (const int period : {2, 3, 8, 15, 16, 64, 100}) {
    const auto latency = Make();
    constexpr int kEach = 20'000;
    std::vector<int> stamped(static_cast<size_t>(period));
    for (int i = 0; i < period * kEach; ++i) {
      stamped[static_cast<size_t>(i % period)] += latency->Sample();
    }
    for (const int count : stamped) {
      EXPECT_NEAR(count, kEach / ShardLatency::kStride,
                  kEach / ShardLatency::kStride / 8)
          << period;
    }
  }
}

TEST(ShardLatencyTest, EachStampGoesWhereItBelongs) {
  const auto latency = Make(2);
  constexpr int64_t kNow = 1000 * kSecond;
  latency->BeginTurn(kNow);
  latency->Encoded(1, 10);
  latency->Encoded(2, 99);  // a feed that came later is not stamped
  latency->Written(TransportKind::kSse, 20);
  latency->Arrived(TransportKind::kWebSocket, 30);
  EXPECT_EQ(latency->feeds(), 2u);
  EXPECT_EQ(latency->encode(0).Read(kNow).count, 0);
  EXPECT_EQ(latency->encode(1).Read(kNow).sum_ns, 10);
  EXPECT_EQ(latency->write(TransportKind::kSse).Read(kNow).sum_ns, 20);
  EXPECT_EQ(latency->write(TransportKind::kWebSocket).Read(kNow).count, 0);
  EXPECT_EQ(latency->echo(TransportKind::kWebSocket).Read(kNow).sum_ns, 30);
  EXPECT_EQ(latency->echo(TransportKind::kSse).Read(kNow).count, 0);
}

TEST(ShardLatencyTest, TransportsHaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kTransportKinds; ++i) {
    names.insert(TransportName(static_cast<TransportKind>(i)));
  }
  EXPECT_EQ(names.size(), kTransportKinds);
}

}  // namespace
}  // namespace streamhub
