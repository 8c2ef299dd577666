#include "gateway/base/address_limits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "gateway/base/clock.h"

namespace streamhub {
namespace {

using Verdict = AddressLimits::Verdict;

ClientAddress V4(uint8_t last) { return ClientAddress::V4({192, 0, 2, last}); }

ClientAddress V6(uint8_t subnet, uint8_t host) {
  ClientAddress::Bytes bytes{0x20, 0x01, 0x0d, 0xb8};
  bytes[7] = subnet;
  bytes[15] = host;
  return ClientAddress::V6(bytes);
}

// --- addresses ---

TEST(ClientAddressTest, AClientIsAnAddressOrA64) {
  EXPECT_EQ(V4(7).ToString(), "192.0.2.7");
  EXPECT_EQ(V4(7).Client(), V4(7));
  EXPECT_NE(V4(7).Client(), V4(8).Client());
  EXPECT_EQ(V6(1, 9).ToString(), "2001:db8:0:1::9");
  EXPECT_EQ(V6(1, 9).Client(), V6(1, 10).Client());
  EXPECT_NE(V6(1, 9).Client(), V6(2, 9).Client());
  // As a socket for both families tells it.
  ClientAddress::Bytes mapped{};
  mapped[10] = mapped[11] = 0xFF;
  mapped[12] = 192;
  mapped[14] = 2;
  mapped[15] = 7;
  EXPECT_EQ(ClientAddress::V6(mapped), V4(7));
}

TEST(ClientAddressTest, RangesAreBeginnings) {
  const auto contains = [](std::string_view range, const ClientAddress& a) {
    const auto parsed = AddressRange::Parse(range);
    EXPECT_TRUE(parsed.has_value()) << range;
    return parsed.has_value() && parsed->Contains(a);
  };
  EXPECT_TRUE(contains("192.0.2.7", V4(7)));
  EXPECT_FALSE(contains("192.0.2.7", V4(6)));
  EXPECT_TRUE(contains("192.0.2.4/30", V4(7)));
  EXPECT_FALSE(contains("192.0.2.4/30", V4(8)));
  EXPECT_TRUE(contains("0.0.0.0/0", V4(1)));
  EXPECT_FALSE(contains("0.0.0.0/0", V6(1, 1)));
  EXPECT_TRUE(contains("2001:db8::/32", V6(1, 1)));
  EXPECT_FALSE(contains("2001:db9::/32", V6(1, 1)));
  EXPECT_TRUE(contains("::/0", V4(1)));
  for (const char* bad :
       {"", "x", "192.0.2", "192.0.2.7/33", "192.0.2.7/", "192.0.2.7/-1",
        "192.0.2.7/30", "2001:db8::/129", "2001:db8::1/64", "192.0.2.7/1x"}) {
    EXPECT_FALSE(AddressRange::Parse(bad).has_value()) << bad;
  }
}

// --- connections ---

TEST(AddressLimitsTest, OneTooManyIsToldAndAFloodIsNot) {
  AddressLimits limits({.connections = 4, .trusted = {}});
  std::vector<AddressLimits::Place> places;
  std::vector<Verdict> verdicts;
  for (int i = 0; i < 11; ++i) {
    auto admission = limits.Admit(V6(1, static_cast<uint8_t>(i)), 0);
    verdicts.push_back(admission.verdict);
    if (i >= 4) {
      EXPECT_EQ(admission.limit, Limit::kConnectionsPerAddress);
    }
    places.push_back(std::move(admission.place));
  }
  std::vector<Verdict> wanted(4, Verdict::kServe);
  wanted.resize(9, Verdict::kTell);
  wanted.resize(11, Verdict::kDrop);
  EXPECT_EQ(verdicts, wanted);
  // Others are another matter, and who leaves makes room.
  EXPECT_EQ(limits.Admit(V6(2, 0), 0).verdict, Verdict::kServe);
  places.erase(places.begin(), places.begin() + 6);
  EXPECT_EQ(limits.Admit(V6(1, 0), 0).verdict, Verdict::kServe);
}

TEST(AddressLimitsTest, TrustedOnesHaveNoLimitOfAnAddress) {
  AddressLimits limits({.connections = 1,
                        .connect_rate = 1,
                        .publish_rate = 1,
                        .topics = 1,
                        .trusted = {*AddressRange::Parse("192.0.2.0/24")}});
  std::vector<AddressLimits::Place> places;
  for (int i = 0; i < 100; ++i) {
    auto admission = limits.Admit(V4(1), 0);
    ASSERT_EQ(admission.verdict, Verdict::kServe);
    EXPECT_TRUE(admission.place.TakePublish(0));
    EXPECT_TRUE(admission.place.TakeTopic());
    places.push_back(std::move(admission.place));
  }
  EXPECT_EQ(limits.address_count(), 0u);
}

TEST(AddressLimitsTest, ConnectionsComeAtTheirRate) {
  AddressLimits limits({.connect_rate = 10, .trusted = {}});
  int served = 0;
  for (int i = 0; i < 100; ++i) {
    const auto admission = limits.Admit(V4(1), 0);
    served += admission.verdict == Verdict::kServe;
    if (admission.verdict == Verdict::kServe) continue;
    EXPECT_EQ(admission.verdict, Verdict::kDrop);
    EXPECT_EQ(admission.limit, Limit::kConnectRatePerAddress);
  }
  EXPECT_EQ(served, 20);  // twice as many at once
  EXPECT_EQ(limits.Admit(V4(2), 0).verdict, Verdict::kServe);
  for (int i = 1; i <= 50; ++i) {
    served +=
        limits.Admit(V4(1), i * 50 * kMillisecond).verdict == Verdict::kServe;
  }
  EXPECT_EQ(served, 20 + 25);
}

TEST(AddressLimitsTest, ConnectionsOfAllComeAtTheirRate) {
  AddressLimits limits({.connect_rate_total = 5, .trusted = {}});
  int served = 0;
  for (int i = 0; i < 100; ++i) {
    const auto admission = limits.Admit(V4(static_cast<uint8_t>(i)), 0);
    served += admission.verdict == Verdict::kServe;
    if (admission.verdict == Verdict::kDrop) {
      EXPECT_EQ(admission.limit, Limit::kConnectRate);
    }
  }
  EXPECT_EQ(served, 10);
}

TEST(AddressLimitsTest, WhoMayHaveManyMayComeBackWithThemAtOnce) {
  AddressLimits limits({.connections = 50, .connect_rate = 2, .trusted = {}});
  std::vector<AddressLimits::Place> places;
  for (int i = 0; i < 50; ++i) {
    auto admission = limits.Admit(V4(1), 0);
    ASSERT_EQ(admission.verdict, Verdict::kServe) << i;
    places.push_back(std::move(admission.place));
  }
}

// --- publishing ---

TEST(AddressLimitsTest, AnAddressPublishesAtItsRateOverAllConnections) {
  AddressLimits limits({.publish_rate = 3, .topics = 2, .trusted = {}});
  auto one = limits.Admit(V4(1), 0).place;
  auto two = limits.Admit(V4(1), 0).place;
  int published = 0;
  for (int i = 0; i < 10; ++i) {
    published += one.TakePublish(0);
    published += two.TakePublish(0);
  }
  EXPECT_EQ(published, 6);
  EXPECT_TRUE(one.TakePublish(kSecond));
  EXPECT_TRUE(one.TakeTopic());
  EXPECT_TRUE(two.TakeTopic());
  EXPECT_FALSE(one.TakeTopic());
  two.GiveBackTopic();
  EXPECT_TRUE(one.TakeTopic());
  EXPECT_FALSE(two.TakeTopic());
}

// --- memory ---

TEST(AddressLimitsTest, WhoHasNothingAndOwesNothingIsForgotten) {
  AddressLimits limits(
      {.connect_rate = 1, .topics = 1, .trusted = {}, .addresses_max = 100});
  auto holds = limits.Admit(V6(200, 0), 0);
  {
    auto began = limits.Admit(V6(201, 0), 0);
    EXPECT_TRUE(began.place.TakeTopic());
  }
  for (int i = 0; i < 98; ++i) limits.Admit(V6(static_cast<uint8_t>(i), 0), 0);
  EXPECT_EQ(limits.address_count(), 100u);
  // All were here just now.
  const auto refused = limits.Admit(V6(150, 0), 0);
  EXPECT_EQ(refused.verdict, Verdict::kDrop);
  EXPECT_EQ(refused.limit, Limit::kAddresses);
  EXPECT_EQ(limits.Admit(V6(150, 0), 60 * kSecond).verdict, Verdict::kServe);
  EXPECT_EQ(limits.address_count(), 3u);
  // Leaving and coming back does not give another topic.
  auto again = limits.Admit(V6(201, 0), 60 * kSecond);
  EXPECT_FALSE(again.place.TakeTopic());
}

// --- what is told ---

TEST(RefusalsTest, TheyAreCountedByLimit) {
  Refusals one, two;
  const ClientAddress who = V4(1);
  one.Note(Limit::kStorm, 1, &who);
  one.Note(Limit::kStorm, 2);
  two.Note(Limit::kStorm, 1);
  two.Note(Limit::kTopicsPerAddress, 1);
  EXPECT_EQ(one.Get(Limit::kStorm), 2);
  const Refusals* const sets[] = {&one, &two};
  std::string page;
  AppendRefusals(sets, &page);
  EXPECT_NE(page.find("\nstreamhub_refusals_total{limit=\"storm_lag_ms\"} 3\n"),
            page.npos);
  EXPECT_NE(
      page.find("\nstreamhub_refusals_total{limit=\"topics_per_address\"} 1\n"),
      page.npos);
  EXPECT_NE(page.find("{limit=\"connections\"} 0\n"), page.npos);
}

TEST(RefusalsTest, TheLogSpeaksOfALimitNowAndThen) {
  testing::internal::CaptureStderr();
  Refusals refusals;
  const ClientAddress who = V4(9);
  for (int i = 0; i < 1000; ++i) {
    refusals.Note(Limit::kConnectRate, 1 + i * kMillisecond, &who);
  }
  refusals.Note(Limit::kSessions, 1);
  refusals.Note(Limit::kConnectRate, 11 * kSecond, &who);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 3) << log;
  EXPECT_NE(log.find("limit connect_rate reached by 192.0.2.9\n"), log.npos);
  EXPECT_NE(log.find("by 192.0.2.9, and 999 times before\n"), log.npos);
}

}  // namespace
}  // namespace streamhub
