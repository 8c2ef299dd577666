#include "gateway/base/counters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <thread>

namespace streamhub {
namespace {

using ::testing::HasSubstr;

TEST(Counters, StartAtZeroAndAdd) {
  Counters counters;
  EXPECT_EQ(counters.Get(Metric::kTicks), 0);
  counters.Add(Metric::kTicks);
  counters.Add(Metric::kTicks, 4);
  EXPECT_EQ(counters.Get(Metric::kTicks), 5);
  EXPECT_EQ(counters.Get(Metric::kTicksRejected), 0);
  counters.Add(Metric::kSessions, 2);
  counters.Add(Metric::kSessions, -1);
  EXPECT_EQ(counters.Get(Metric::kSessions), 1);
}

TEST(Counters, MaxKeepsTheLargest) {
  Counters counters;
  counters.Max(Metric::kTurnNsMax, 30);
  counters.Max(Metric::kTurnNsMax, 20);
  EXPECT_EQ(counters.Get(Metric::kTurnNsMax), 30);
  counters.Max(Metric::kTurnNsMax, 31);
  EXPECT_EQ(counters.Get(Metric::kTurnNsMax), 31);
}

TEST(Counters, TotalAddsButTakesTheLargestOfMaxima) {
  Counters a, b;
  a.Add(Metric::kTicks, 3);
  b.Add(Metric::kTicks, 4);
  a.Max(Metric::kTurnNsMax, 10);
  b.Max(Metric::kTurnNsMax, 7);
  const std::array<const Counters*, 2> sets = {&a, &b};
  EXPECT_EQ(Total(sets, Metric::kTicks), 7);
  EXPECT_EQ(Total(sets, Metric::kTurnNsMax), 10);
  EXPECT_EQ(Total({}, Metric::kTicks), 0);
}

// Prometheus text format 0.0.4: per metric a HELP, a TYPE and a sample line.
TEST(Counters, PrometheusTextIsWellFormedAndComplete) {
  Counters counters;
  counters.Add(Metric::kTicks, 12);
  counters.Max(Metric::kTurnNsMax, 99);
  const std::array<const Counters*, 1> sets = {&counters};
  std::string text = "# before\n";
  AppendPrometheus(sets, &text);
  ASSERT_TRUE(text.starts_with("# before\n"));

  std::istringstream lines(text.substr(std::string("# before\n").size()));
  const std::regex help(R"(# HELP (streamhub_[a-z0-9_]+) \S.*)");
  const std::regex type(R"(# TYPE (streamhub_[a-z0-9_]+) (counter|gauge))");
  const std::regex sample(
      R"((streamhub_[a-z0-9_]+) (-?[0-9]+(\.[0-9]+)?(e-[0-9]+)?))");
  std::set<std::string> names;
  std::string line;
  while (std::getline(lines, line)) {
    std::smatch h, t, s;
    std::string second, third;
    ASSERT_TRUE(std::regex_match(line, h, help)) << line;
    ASSERT_TRUE(std::getline(lines, second));
    ASSERT_TRUE(std::regex_match(second, t, type)) << second;
    ASSERT_TRUE(std::getline(lines, third));
    ASSERT_TRUE(std::regex_match(third, s, sample)) << third;
    EXPECT_EQ(h[1], t[1]);
    EXPECT_EQ(h[1], s[1]);
    EXPECT_TRUE(names.insert(h[1]).second) << "twice: " << h[1];
    const bool total = h[1].str().ends_with("_total");
    EXPECT_EQ(t[2] == "counter", total) << "a counter's name ends in _total";
  }
  // All but what is internal.
  EXPECT_EQ(names.size(), static_cast<size_t>(Metric::kCount) - 1);
  EXPECT_THAT(text, HasSubstr("\nstreamhub_ticks_total 12\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE streamhub_turn_seconds_max gauge\n"
                              "streamhub_turn_seconds_max 9.9e-08\n"));
}

TEST(Counters, MayBeReadWhileTheOwnerCounts) {
  Counters counters;
  constexpr int64_t kCounts = 100'000;
  std::thread owner([&] {
    for (int64_t i = 0; i < kCounts; ++i) counters.Add(Metric::kTicks);
  });
  const std::array<const Counters*, 1> sets = {&counters};
  int64_t last = 0;
  while (last < kCounts) {
    const int64_t now = Total(sets, Metric::kTicks);
    ASSERT_GE(now, last);
    last = now;
  }
  owner.join();
  EXPECT_EQ(counters.Get(Metric::kTicks), kCounts);
}

}  // namespace
}  // namespace streamhub
