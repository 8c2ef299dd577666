// The synthetic market itself: an endless, deterministic sequence of ticks.
// Pure: no clock, no threads; options, seed and start time say everything.
//
// - All symbols are introduced at the start time, with a full state.
// - With an opening burst they begin in an auction and open one after the
//   other in the 0.5th to 1.5th second; for 2 s everything ticks four times
//   as fast.
// - The middle of each symbol walks at random on its price grid and tends back
//   to where it started, so that it stays positive and exact for ever.
// - Activity falls with the square root of the index: of 1000 symbols the
//   first gets 3 % of all ticks, the last 0.05 %.
// - Even ticks, for measurements: one symbol after the other at equal intervals
//   instead, and every tick moves bid and ask. Then quotes may also be as wide
//   as one likes, with so many changes in every tick: see wide_quotes.h.
// - Halts: 5 to 20 s, with the quotes frozen or gone, then an auction of 4 s,
//   then open. Every fourth hits one of the named instruments.
// - The day rolls at midnight UTC, or where the options say so.

#ifndef STREAMHUB_FEEDS_SYNTHETIC_SYNTHETIC_MARKET_H_
#define STREAMHUB_FEEDS_SYNTHETIC_SYNTHETIC_MARKET_H_

#include <absl/status/status.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/day_fields.h"
#include "feeds/session_time.h"
#include "feeds/synthetic/synthetic_symbols.h"
#include "feeds/synthetic/wide_quotes.h"

namespace streamhub {

struct SyntheticOptions {
  size_t symbols = 1000;             // 1 to 10^6
  double ticks_per_second = 10'000;  // over all symbols; 0 to 10^8
  uint64_t seed = 1;
  bool opening_burst = true;
  double halts_per_minute = 1;  // over all symbols; 0 to 6000
  bool even = false;            // see above
  int fields = 0;   // of each symbol, 5 to 64; 0: as its kind has them
  int changes = 3;  // of them with every tick, if `fields` says how many
  std::optional<SessionRoll> roll;  // when the day rolls; midnight UTC
};

// InvalidArgument, naming the option, if one is out of its range.
absl::Status Validate(const SyntheticOptions& options);

struct SyntheticTick {
  uint32_t symbol = 0;   // index
  int64_t event_ns = 0;  // since 1970 UTC; never less than the last one's
  std::span<const FieldValue> values;  // until the next call of Next()
  const TradeReport* trade = nullptr;  // that they tell of; likewise
};

class SyntheticMarket {
 public:
  // `options` must be valid. `start_ns` is the market's first moment.
  SyntheticMarket(const SyntheticOptions& options, int64_t start_ns);

  size_t size() const { return instruments_.size(); }
  const Instrument& instrument(size_t i) const { return instruments_[i]; }

  // There always is a next one, even if only the day rolls.
  SyntheticTick Next();

 private:
  enum class Phase : uint8_t { kAuction, kOpen, kHalted };

  struct State {
    int64_t middle_q16 = 0;  // grid steps, 16 binary places
    int64_t step_q16 = 0;
    int64_t bid = 0, ask = 0;             // grid steps
    std::array<uint32_t, 16> shown = {};  // what varies the sizes, by price
    DayFields day;
    Phase phase = Phase::kOpen;
  };

  uint64_t Random() { return MixBits(random_++); }
  double RandomUnit() { return static_cast<double>(Random() >> 11) * 0x1p-53; }
  int64_t OpeningOf(size_t i) const;
  int64_t RollAfter(int64_t ns) const;
  size_t PickActive();
  void ScheduleTick();
  void ScheduleHalt();

  SyntheticTick Introduce(size_t i);
  SyntheticTick Open(size_t i, std::string_view cross);
  SyntheticTick Roll(size_t i);
  SyntheticTick Halt(size_t i);
  SyntheticTick Resume();
  SyntheticTick Regular(size_t i);

  void MoveQuote(size_t i);
  void MoveBidAndAsk(size_t i);
  int LevelsOf(size_t i) const;
  int64_t SizeAt(size_t i, int64_t price) const;

  // These append to values_.
  void AppendQuote(size_t i);
  void AppendWide(size_t i);
  void Trade(size_t i, int64_t price, Taker taker, std::string_view cross = {});
  void AppendDay(size_t i);
  void SetPhase(size_t i, Phase phase);
  void Append(FieldId field, int64_t value);
  SyntheticTick Done(size_t i);

  const SyntheticOptions options_;
  const int64_t start_ns_;
  std::vector<Instrument> instruments_;
  std::vector<State> states_;
  std::optional<WideQuotes> wide_;
  uint64_t random_;

  int64_t now_ns_;
  size_t introduced_ = 0;  // symbols that have been
  size_t opened_ = 0;      // symbols that have been
  size_t rolled_ = 0;      // symbols that have been, today
  size_t halted_ = 0;      // symbols that are
  int64_t roll_ns_;        // when the next day begins
  int64_t tick_ns_;        // the next ordinary tick
  double tick_rest_ns_ = 0;
  size_t even_next_ = 0;                            // whose turn it is
  int64_t halt_ns_;                                 // the next halt
  using Resumption = std::pair<int64_t, uint32_t>;  // time, symbol
  std::priority_queue<Resumption, std::vector<Resumption>, std::greater<>>
      resumptions_;

  std::array<FieldValue, kFieldCount> values_;
  size_t value_count_ = 0;
  TradeReport trade_;    // of the tick at hand
  bool traded_ = false;  // there is such a one
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_SYNTHETIC_SYNTHETIC_MARKET_H_
