#include "feeds/synthetic/synthetic_market.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gateway/base/clock.h"

namespace streamhub {
namespace {

// 2023-11-14 22:13:20 UTC: less than two hours before midnight.
constexpr int64_t kStartNs = 1'700'000'000 * kSecond;

struct Kept {
  uint32_t symbol;
  int64_t event_ns;
  std::vector<std::pair<FieldId, int64_t>> values;
  bool operator==(const Kept&) const = default;
};

Kept Keep(const SyntheticTick& tick) {
  Kept kept{tick.symbol, tick.event_ns, {}};
  for (const FieldValue& v : tick.values) {
    kept.values.emplace_back(v.field, v.value);
  }
  return kept;
}

// What a display would hold: the last value of every field.
class Screen {
 public:
  explicit Screen(size_t symbols) : rows_(symbols) {
    for (auto& row : rows_) row.fill(kEmpty);
  }
  void Apply(const SyntheticTick& tick) {
    for (const FieldValue& v : tick.values) At(tick.symbol, v.field) = v.value;
  }
  int64_t& At(size_t symbol, FieldId field) {
    return rows_[symbol][static_cast<size_t>(field)];
  }

 private:
  std::vector<std::array<int64_t, kFieldCount>> rows_;
};

void ExpectValidSide(const Instrument& made, int64_t price, int64_t size) {
  ASSERT_EQ(price == kEmpty, size == kEmpty);
  if (price == kEmpty) return;
  ASSERT_GT(price, 0);
  ASSERT_EQ(price % made.tick, 0) << "off the grid";
  ASSERT_GT(size, 0);
  ASSERT_EQ(size % made.lot, 0);
}

// Whatever a display shows of a symbol must make sense at any moment.
void ExpectSane(const Instrument& made, Screen& screen, size_t i) {
  const auto at = [&](FieldId field) { return screen.At(i, field); };
  const int64_t bid = at(FieldId::kBid), ask = at(FieldId::kAsk);
  ASSERT_EQ(bid == kEmpty, ask == kEmpty);
  if (bid != kEmpty) {
    ASSERT_LT(bid, ask);
  }
  const int levels = made.info.layout == &BookLayout() ? 10 : 1;
  for (int level = 1; level <= levels; ++level) {
    const BookLevelFields f = FieldsOfLevel(level);
    ASSERT_NO_FATAL_FAILURE(ExpectValidSide(made, at(f.bid), at(f.bid_size)));
    ASSERT_NO_FATAL_FAILURE(ExpectValidSide(made, at(f.ask), at(f.ask_size)));
    if (level == 1 || bid == kEmpty) continue;
    const BookLevelFields above = FieldsOfLevel(level - 1);
    ASSERT_LT(at(f.bid), at(above.bid));
    ASSERT_GT(at(f.ask), at(above.ask));
  }
  const int64_t last = at(FieldId::kLast), prev = at(FieldId::kPrevClose);
  ASSERT_GT(last, 0);
  ASSERT_GT(prev, 0);
  ASSERT_EQ(last % made.tick, 0);
  const int64_t volume = at(FieldId::kVolume), change = at(FieldId::kChange);
  ASSERT_EQ(volume == kEmpty, change == kEmpty);
  ASSERT_EQ(volume == kEmpty, at(FieldId::kOpen) == kEmpty);
  if (volume == kEmpty) return;
  ASSERT_GT(volume, 0);
  ASSERT_EQ(change, last - prev);
  ASSERT_LE(at(FieldId::kLow), last);
  ASSERT_LE(last, at(FieldId::kHigh));
  ASSERT_LE(at(FieldId::kLow), at(FieldId::kOpen));
  ASSERT_LE(at(FieldId::kOpen), at(FieldId::kHigh));
}

TEST(SyntheticMarket, TheSameSeedGivesTheSameTicks) {
  SyntheticOptions options;
  options.seed = 42;
  options.halts_per_minute = 60;
  SyntheticMarket a(options, kStartNs), b(options, kStartNs);
  for (int i = 0; i < 100'000; ++i) ASSERT_EQ(Keep(a.Next()), Keep(b.Next()));
}

TEST(SyntheticMarket, AnotherSeedGivesOthers) {
  SyntheticOptions options;
  SyntheticMarket a(options, kStartNs);
  options.seed = 2;
  SyntheticMarket b(options, kStartNs);
  int same = 0;
  for (int i = 0; i < 10'000; ++i) same += Keep(a.Next()) == Keep(b.Next());
  EXPECT_LT(same, 10);
}

TEST(SyntheticMarket, StartTimeOnlyShiftsTime) {
  const SyntheticOptions options;
  SyntheticMarket a(options, kStartNs), b(options, kStartNs + kSecond);
  for (int i = 0; i < 10'000; ++i) {
    const SyntheticTick x = a.Next(), y = b.Next();
    ASSERT_EQ(x.symbol, y.symbol);
    ASSERT_EQ(x.event_ns + kSecond, y.event_ns);
  }
}

TEST(SyntheticMarket, TheFirstSymbolsAreTheOnesEverybodyKnows) {
  const SyntheticMarket market(SyntheticOptions{}, kStartNs);
  const std::vector<std::string> codes = {"AAPL",    "MSFT",    "VOD.L",
                                          "EUR/USD", "BTC-USD", "ESH4"};
  for (size_t i = 0; i < codes.size(); ++i) {
    const SymbolInfo& info = market.instrument(i).info;
    EXPECT_EQ(info.code, codes[i]);
    EXPECT_FALSE(info.name.empty());
    EXPECT_EQ(info.layout, &BookLayout());
    EXPECT_EQ(info.pip % market.instrument(i).tick, 0);
  }
  EXPECT_EQ(market.instrument(2).info.currency, "GBX");
  EXPECT_EQ(market.instrument(3).info.price_decimals, 5);
  EXPECT_EQ(market.instrument(3).info.pip, 10) << "0.0001";
  EXPECT_EQ(market.instrument(4).info.quantity_decimals, 8);
  EXPECT_EQ(market.instrument(5).tick, 25) << "0.25";
}

TEST(SyntheticMarket, EverySymbolIsValidAndUnique) {
  std::set<std::string> codes;
  for (size_t i = 0; i < 200'000; ++i) {
    const Instrument made = MakeInstrument(i, 1);
    ASSERT_TRUE(IsValidSymbol(made.info.code)) << made.info.code;
    ASSERT_TRUE(codes.insert(made.info.code).second) << made.info.code;
    ASSERT_GE(made.price, 200);
    ASSERT_LE(made.price, i < kNamedInstruments ? 5'000'000 : 50'000);
    ASSERT_GE(made.spread_min, 1);
    ASSERT_GE(made.spread_max, made.spread_min);
    ASSERT_LT(made.spread_max + 10 * made.level_gap, made.price / 2);
    ASSERT_GE(made.info.price_decimals, 0);
    ASSERT_FALSE(made.info.currency.empty());
  }
}

TEST(SyntheticMarket, EverySymbolHasAFullStateAtTheFirstMoment) {
  for (const bool burst : {false, true}) {
    SyntheticOptions options;
    options.opening_burst = burst;
    SyntheticMarket market(options, kStartNs);
    Screen screen(options.symbols);
    for (uint32_t i = 0; i < options.symbols; ++i) {
      const SyntheticTick tick = market.Next();
      ASSERT_EQ(tick.symbol, i);
      ASSERT_EQ(tick.event_ns, kStartNs);
      screen.Apply(tick);
      ASSERT_NO_FATAL_FAILURE(ExpectSane(market.instrument(i), screen, i));
      ASSERT_NE(screen.At(i, FieldId::kBid), kEmpty);
      ASSERT_EQ(screen.At(i, FieldId::kQuoteTime), kStartNs);
      ASSERT_EQ(screen.At(i, FieldId::kTrading),
                PackText(burst ? "auction" : "open"));
    }
    ASSERT_GT(market.Next().event_ns, kStartNs);
  }
}

TEST(SyntheticMarket, AMillionTicksMakeSense) {
  SyntheticOptions options;
  options.symbols = 300;
  options.ticks_per_second = 20'000;
  options.halts_per_minute = 120;
  options.seed = 20231114;
  SCOPED_TRACE(options.seed);
  SyntheticMarket market(options, kStartNs);
  Screen screen(options.symbols);
  int64_t last_ns = kStartNs;
  int trades = 0;
  for (int n = 0; n < 1'000'000; ++n) {
    const SyntheticTick tick = market.Next();
    ASSERT_GE(tick.event_ns, last_ns);
    last_ns = tick.event_ns;
    for (const FieldValue& v : tick.values) {
      trades += v.field == FieldId::kTradeTime;
      if (v.field == FieldId::kTradeTime || v.field == FieldId::kQuoteTime) {
        ASSERT_EQ(v.value, tick.event_ns);
      }
    }
    screen.Apply(tick);
    ASSERT_NO_FATAL_FAILURE(
        ExpectSane(market.instrument(tick.symbol), screen, tick.symbol));
  }
  EXPECT_GT(trades, 200'000);
  EXPECT_LT(trades, 300'000);
}

// Auction, opened within two seconds by a trade, and then the usual rate.
TEST(SyntheticMarket, OpensWithABurst) {
  const SyntheticOptions options;
  SyntheticMarket market(options, kStartNs);
  Screen screen(options.symbols);
  std::array<int, 6> ticks_in_second{};
  std::set<uint32_t> opened;
  for (;;) {
    const SyntheticTick tick = market.Next();
    const auto second =
        static_cast<size_t>((tick.event_ns - kStartNs) / kSecond);
    if (second >= ticks_in_second.size()) break;
    if (tick.event_ns > kStartNs) ++ticks_in_second[second];
    screen.Apply(tick);
    const bool open =
        screen.At(tick.symbol, FieldId::kTrading) == PackText("open");
    if (open) opened.insert(tick.symbol);
    if (!open) {
      ASSERT_EQ(screen.At(tick.symbol, FieldId::kVolume), kEmpty);
    } else {
      ASSERT_NE(screen.At(tick.symbol, FieldId::kVolume), kEmpty);
    }
    ASSERT_TRUE(second < 2 || opened.size() == options.symbols);
  }
  EXPECT_NEAR(ticks_in_second[0], 40'000, 3'000);
  EXPECT_NEAR(ticks_in_second[1], 40'000, 3'000);
  EXPECT_NEAR(ticks_in_second[3], 10'000, 500);
  EXPECT_NEAR(ticks_in_second[5], 10'000, 500);
}

// Halted, then auction, then open; quotes frozen or gone, and nothing traded.
TEST(SyntheticMarket, HaltsComeAndEnd) {
  SyntheticOptions options;
  options.symbols = 20;
  options.ticks_per_second = 1'000;
  options.halts_per_minute = 60;
  options.opening_burst = false;
  SyntheticMarket market(options, kStartNs);
  Screen screen(options.symbols);
  struct Halt {
    int64_t since_ns;
    std::string word;
  };
  std::map<uint32_t, Halt> halts;
  int halted = 0, resumed = 0, vanished = 0, named = 0;
  int64_t now_ns = kStartNs;
  while (now_ns < kStartNs + 600 * kSecond) {
    const SyntheticTick tick = market.Next();
    now_ns = tick.event_ns;
    const uint32_t i = tick.symbol;
    const auto it = halts.find(i);
    char storage[8];
    const int64_t before = screen.At(i, FieldId::kTrading);
    screen.Apply(tick);
    const std::string word(
        UnpackText(screen.At(i, FieldId::kTrading), storage));
    if (it == halts.end()) {
      if (before == kEmpty || word == "open") continue;
      ASSERT_EQ(word, "halted");
      halts[i] = {now_ns, word};
      ++halted;
      named += i < kNamedInstruments;
      vanished += screen.At(i, FieldId::kBid) == kEmpty;
    } else if (word != it->second.word) {
      const int64_t took_ns = now_ns - it->second.since_ns;
      if (word == "auction") {
        ASSERT_EQ(it->second.word, "halted");
        ASSERT_GE(took_ns, 5 * kSecond);
        ASSERT_LE(took_ns, 20 * kSecond);
        ASSERT_NE(screen.At(i, FieldId::kBid), kEmpty);
        it->second = {now_ns, word};
      } else {
        ASSERT_EQ(word, "open");
        ASSERT_EQ(it->second.word, "auction");
        ASSERT_EQ(took_ns, 4 * kSecond);
        ASSERT_EQ(screen.At(i, FieldId::kTradeTime), now_ns);
        halts.erase(it);
        ++resumed;
      }
    } else {
      ASSERT_EQ(word, "auction") << "a halted symbol is silent";
      ASSERT_NE(screen.At(i, FieldId::kTradeTime), now_ns);
    }
  }
  EXPECT_GT(halted, 200);
  EXPECT_GE(resumed, halted - 20);
  EXPECT_GT(vanished, halted / 4);
  EXPECT_LT(vanished, halted * 3 / 4);
  EXPECT_GT(named, halted / 4);
}

TEST(SyntheticMarket, AMarketOfOneHaltedSymbolGoesOn) {
  SyntheticOptions options;
  options.symbols = 1;
  options.ticks_per_second = 1e6;
  options.halts_per_minute = 6'000;
  options.opening_burst = false;
  SyntheticMarket market(options, kStartNs);
  // The first halt comes within 20 ms.
  int64_t gap_ns_max = 0;
  int64_t last_ns = kStartNs;
  for (int i = 0; i < 40'000 && gap_ns_max < kSecond; ++i) {
    const int64_t event_ns = market.Next().event_ns;
    gap_ns_max = std::max(gap_ns_max, event_ns - last_ns);
    last_ns = event_ns;
  }
  EXPECT_GE(gap_ns_max, 5 * kSecond);
}

TEST(SyntheticMarket, TheDayRollsAtMidnight) {
  constexpr int64_t kMidnightNs = 1'700'006'400 * kSecond;  // 2023-11-15
  SyntheticOptions options;
  options.symbols = 10;
  options.ticks_per_second = 100;
  SyntheticMarket market(options, kMidnightNs - 10 * kSecond);
  Screen screen(options.symbols);
  std::vector<int64_t> closes;
  int rolled = 0;
  for (int64_t now_ns = 0; now_ns < kMidnightNs + 10 * kSecond;) {
    const SyntheticTick tick = market.Next();
    now_ns = tick.event_ns;
    if (now_ns >= kMidnightNs && closes.empty()) {
      for (size_t i = 0; i < options.symbols; ++i) {
        closes.push_back(screen.At(i, FieldId::kLast));
        EXPECT_GT(screen.At(i, FieldId::kVolume), 0);
      }
    }
    screen.Apply(tick);
    const uint32_t i = tick.symbol;
    ASSERT_NO_FATAL_FAILURE(ExpectSane(market.instrument(i), screen, i));
    if (now_ns != kMidnightNs) continue;
    ++rolled;
    EXPECT_EQ(screen.At(i, FieldId::kVolume), kEmpty);
    EXPECT_EQ(screen.At(i, FieldId::kHigh), kEmpty);
    EXPECT_EQ(screen.At(i, FieldId::kPrevClose), closes[i]);
    EXPECT_EQ(screen.At(i, FieldId::kLast), closes[i]);
  }
  EXPECT_EQ(rolled, 10) << "each once";
}

TEST(SyntheticMarket, TheDayRollsWhenTheOptionsSaySo) {
  const auto zone = SessionTime::Create("America/New_York");
  ASSERT_TRUE(zone.ok());
  const auto roll = SessionRoll::Create("17:30", *zone);  // 22:30 UTC
  ASSERT_TRUE(roll.ok());
  constexpr int64_t kRollNs = kStartNs + 1000 * kSecond;
  SyntheticOptions options;
  options.symbols = 6;
  options.ticks_per_second = 0;
  options.opening_burst = false;
  options.halts_per_minute = 0;
  options.roll = *roll;
  SyntheticMarket market(options, kStartNs);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(market.Next().event_ns, kStartNs);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(market.Next().event_ns, kRollNs);
  EXPECT_EQ(market.Next().event_ns, kRollNs + 86'400 * kSecond);
}

// Years of a slow market: prices stay near where they began, times exact.
TEST(SyntheticMarket, StaysInRangeForYears) {
  SyntheticOptions options;
  options.symbols = 6;
  options.ticks_per_second = 0.001;
  options.halts_per_minute = 0.001;
  SyntheticMarket market(options, kStartNs);
  Screen screen(options.symbols);
  const int64_t end_ns = kStartNs + 3 * 365 * 86'400 * kSecond;
  int64_t now_ns = kStartNs;
  int64_t ticks = 0;
  while (now_ns < end_ns) {
    const SyntheticTick tick = market.Next();
    ASSERT_GE(tick.event_ns, now_ns);
    now_ns = tick.event_ns;
    screen.Apply(tick);
    const Instrument& made = market.instrument(tick.symbol);
    const int64_t last = screen.At(tick.symbol, FieldId::kLast);
    ASSERT_NO_FATAL_FAILURE(ExpectSane(made, screen, tick.symbol));
    ASSERT_GE(last, made.price * made.tick / 2 - made.tick * 1'000);
    ASSERT_LE(last, made.price * made.tick * 2 + made.tick * 1'000);
    ++ticks;
  }
  EXPECT_NEAR(static_cast<double>(ticks), 0.001 * 3 * 365 * 86'400, 15'000);
}

TEST(SyntheticMarket, TheRarestTicksAndHaltsFitTheirTimes) {
  SyntheticOptions options;
  options.symbols = 1;
  options.ticks_per_second = std::numeric_limits<double>::denorm_min();
  options.halts_per_minute = std::numeric_limits<double>::denorm_min();
  SyntheticMarket market(options, kStartNs);
  int64_t last_ns = kStartNs;
  for (int i = 0; i < 10'000; ++i) {
    const int64_t event_ns = market.Next().event_ns;
    ASSERT_GE(event_ns, last_ns);
    last_ns = event_ns;
  }
}

TEST(SyntheticMarket, WithoutTicksOnlyTheDaysRoll) {
  SyntheticOptions options;
  options.symbols = 2;
  options.ticks_per_second = 0;
  options.opening_burst = false;
  options.halts_per_minute = 0;
  SyntheticMarket market(options, kStartNs);
  market.Next();
  market.Next();
  for (int day = 1; day <= 1000; ++day) {
    for (uint32_t i = 0; i < 2; ++i) {
      const SyntheticTick tick = market.Next();
      ASSERT_EQ(tick.symbol, i);
      ASSERT_EQ(tick.event_ns, (19'675L + day) * 86'400 * kSecond);
    }
  }
}

TEST(SyntheticMarket, RefusesOptionsOutOfRange) {
  EXPECT_TRUE(Validate(SyntheticOptions{}).ok());
  const auto refused = [](auto change) {
    SyntheticOptions options;
    change(options);
    return Validate(options).code() == absl::StatusCode::kInvalidArgument;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(refused([](auto& o) { o.symbols = 0; }));
  EXPECT_TRUE(refused([](auto& o) { o.symbols = 1'000'001; }));
  EXPECT_TRUE(refused([](auto& o) { o.ticks_per_second = -1; }));
  EXPECT_TRUE(refused([](auto& o) { o.ticks_per_second = 2e8; }));
  EXPECT_TRUE(refused([=](auto& o) { o.ticks_per_second = nan; }));
  EXPECT_TRUE(refused([](auto& o) { o.halts_per_minute = -1; }));
  EXPECT_TRUE(refused([=](auto& o) { o.halts_per_minute = nan; }));
}

TEST(SyntheticMarket, EvenTicksComeInTurnAndMoveBidAndAsk) {
  SyntheticOptions options;
  options.symbols = 100;
  options.ticks_per_second = 50;
  options.even = true;
  options.opening_burst = false;
  options.halts_per_minute = 0;
  SyntheticMarket market(options, kStartNs);
  Screen screen(options.symbols);
  for (size_t i = 0; i < options.symbols; ++i) screen.Apply(market.Next());
  for (int64_t n = 0; n < 100'000; ++n) {
    const SyntheticTick tick = market.Next();
    const uint32_t i = tick.symbol;
    ASSERT_EQ(i, n % 100);
    ASSERT_EQ(tick.event_ns, kStartNs + (n + 1) * kSecond / 50);
    const int64_t bid = screen.At(i, FieldId::kBid);
    const int64_t ask = screen.At(i, FieldId::kAsk);
    screen.Apply(tick);
    ASSERT_NE(screen.At(i, FieldId::kBid), bid);
    ASSERT_NE(screen.At(i, FieldId::kAsk), ask);
    ASSERT_NO_FATAL_FAILURE(ExpectSane(market.instrument(i), screen, i));
  }
}

// A page that shows the first six must look alive.
TEST(SyntheticMarket, TheFirstSymbolsAreBusy) {
  SyntheticMarket market(SyntheticOptions{}, kStartNs);
  std::array<int, 1000> ticks{};
  for (int i = 0; i < 200'000; ++i) ++ticks[market.Next().symbol];
  for (size_t i = 0; i < kNamedInstruments; ++i) EXPECT_GT(ticks[i], 1'000);
  for (const int n : ticks) EXPECT_GT(n, 20);
}

}  // namespace
}  // namespace streamhub
