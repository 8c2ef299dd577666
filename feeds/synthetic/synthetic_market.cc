#include "feeds/synthetic/synthetic_market.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <limits>

#include "gateway/base/check.h"
#include "gateway/base/clock.h"

namespace streamhub {
namespace {

constexpr size_t kSymbolsMax = 1'000'000;
constexpr double kTicksPerSecondMax = 1e8;
constexpr double kHaltsPerMinuteMax = 6'000;

constexpr int64_t kDayNs = 24 * 3600 * kSecond;
constexpr int64_t kBurstNs = 2 * kSecond;
constexpr int kBurstFactor = 4;
constexpr int64_t kOpeningStartNs = kSecond / 2;
constexpr int64_t kOpeningNs = kSecond;
constexpr int64_t kReopeningNs = 4 * kSecond;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

// Three years: what is rarer never comes, and no sum leaves 64 bits.
constexpr double kGapNsMax = 1e17;

// Of 256 ordinary ticks.
constexpr uint64_t kTrades = 64;
constexpr uint64_t kSizeChanges = 64;

// The middle returns by this power of two of its distance with every tick.
constexpr int kReturnShift = 16;

// Which of the random words varies the size shown at a price.
size_t ShownIndex(int64_t price) { return static_cast<size_t>(price) % 16; }

absl::Status OutOfRange(const char* option, double max) {
  return absl::InvalidArgumentError(
      absl::StrCat("synthetic feed: ", option, " must be 0 to ", max));
}

}  // namespace

absl::Status Validate(const SyntheticOptions& options) {
  if (options.symbols < 1 || options.symbols > kSymbolsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("synthetic feed: symbols must be 1 to ", kSymbolsMax));
  }
  // Written so that a value that is no number fails, too.
  if (!(options.ticks_per_second >= 0 &&
        options.ticks_per_second <= kTicksPerSecondMax)) {
    return OutOfRange("ticks_per_second", kTicksPerSecondMax);
  }
  if (!(options.halts_per_minute >= 0 &&
        options.halts_per_minute <= kHaltsPerMinuteMax)) {
    return OutOfRange("halts_per_minute", kHaltsPerMinuteMax);
  }
  if (options.fields == 0) return absl::OkStatus();
  if (!options.even || options.halts_per_minute != 0 || options.opening_burst) {
    return absl::InvalidArgumentError(
        "synthetic feed: fields need even ticks, no halts and no opening");
  }
  if (options.fields < WideQuotes::kFieldsMin ||
      options.fields > kLayoutFieldsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("synthetic feed: fields must be ", WideQuotes::kFieldsMin,
                     " to ", kLayoutFieldsMax));
  }
  if (options.changes < WideQuotes::kChangesMin ||
      options.changes >= options.fields) {
    return absl::InvalidArgumentError(
        absl::StrCat("synthetic feed: changes must be ",
                     WideQuotes::kChangesMin, " to ", options.fields - 1));
  }
  return absl::OkStatus();
}

SyntheticMarket::SyntheticMarket(const SyntheticOptions& options,
                                 int64_t start_ns)
    : options_(options),
      start_ns_(start_ns),
      random_(MixBits(options.seed)),
      now_ns_(start_ns),
      roll_ns_(RollAfter(start_ns)),
      tick_ns_(kNever),
      halt_ns_(kNever) {
  STREAMHUB_CHECK(Validate(options).ok());
  if (options.fields > 0) {
    wide_.emplace(options.symbols, options.fields, options.changes);
  }
  instruments_.reserve(options.symbols);
  states_.resize(options.symbols);
  for (size_t i = 0; i < options.symbols; ++i) {
    Instrument& made =
        instruments_.emplace_back(MakeInstrument(i, options.seed));
    if (wide_.has_value()) made.info.layout = &wide_->layout();
    State& state = states_[i];
    state.step_q16 = static_cast<int64_t>(made.step * 0x1p16);
    // Yesterday's close lies up to 1 % from today's opening.
    const auto away = static_cast<int64_t>(Random() % (made.price / 50 + 1)) -
                      made.price / 100;
    state.day.Trade((made.price + away) * made.tick, 0);
    state.day.Roll();
    state.middle_q16 = made.price << 16;
    state.phase = options.opening_burst ? Phase::kAuction : Phase::kOpen;
  }
  if (!options.opening_burst) opened_ = options.symbols;
  rolled_ = options.symbols;
  ScheduleTick();
  ScheduleHalt();
}

SyntheticTick SyntheticMarket::Next() {
  value_count_ = 0;
  traded_ = false;
  if (introduced_ < size()) return Introduce(introduced_++);
  for (;;) {
    const int64_t open_ns = OpeningOf(opened_);
    // While a new day goes through the symbols, time stands still.
    const int64_t roll_ns = rolled_ < size() ? now_ns_ : roll_ns_;
    const int64_t resume_ns =
        resumptions_.empty() ? kNever : resumptions_.top().first;
    now_ns_ = std::min({open_ns, roll_ns, resume_ns, halt_ns_, tick_ns_});
    if (now_ns_ == roll_ns) {
      if (rolled_ == size()) {
        rolled_ = 0;
        roll_ns_ = RollAfter(roll_ns_);
      }
      return Roll(rolled_++);
    }
    if (now_ns_ == open_ns) return Open(opened_++, "opening");
    if (now_ns_ == resume_ns) return Resume();
    if (now_ns_ == tick_ns_) {
      ScheduleTick();
      if (halted_ < size()) return Regular(PickActive());
      // Nobody trades: the next tick is after somebody does.
      tick_ns_ = std::max(tick_ns_, resume_ns);
      continue;
    }
    ScheduleHalt();
    if (halted_ == size()) continue;
    const size_t i = Random() % 4 == 0
                         ? Random() % std::min(size(), kNamedInstruments)
                         : PickActive();
    if (states_[i].phase == Phase::kOpen) return Halt(i);
  }
}

int64_t SyntheticMarket::RollAfter(int64_t ns) const {
  return options_.roll.has_value() ? options_.roll->NextNs(ns)
                                   : (ns / kDayNs + 1) * kDayNs;
}

int64_t SyntheticMarket::OpeningOf(size_t i) const {
  if (i == size()) return kNever;
  const double part = static_cast<double>(i) / static_cast<double>(size());
  return start_ns_ + kOpeningStartNs + static_cast<int64_t>(part * kOpeningNs);
}

// A symbol that is not halted, of which there must be one; u^2 makes the first
// ones the busiest, where not all are alike.
size_t SyntheticMarket::PickActive() {
  size_t i = 0;
  if (options_.even) {
    i = even_next_;
    even_next_ = (even_next_ + 1) % size();
  } else {
    const double u = RandomUnit();
    i = static_cast<size_t>(u * u * static_cast<double>(size()));
  }
  while (states_[i].phase == Phase::kHalted) i = (i + 1) % size();
  return i;
}

void SyntheticMarket::ScheduleTick() {
  if (options_.ticks_per_second == 0) return;
  const bool burst = options_.opening_burst && now_ns_ - start_ns_ < kBurstNs;
  const double mean_ns =
      std::min(kSecond / options_.ticks_per_second / (burst ? kBurstFactor : 1),
               kGapNsMax);
  tick_rest_ns_ += mean_ns * (options_.even ? 1 : 0.5 + RandomUnit());
  // Gaps are whole ns; what they leave out is carried on.
  const auto whole_ns = static_cast<int64_t>(tick_rest_ns_);
  tick_rest_ns_ -= static_cast<double>(whole_ns);
  tick_ns_ = now_ns_ + whole_ns;
}

void SyntheticMarket::ScheduleHalt() {
  if (options_.halts_per_minute == 0) return;
  const double mean_ns =
      std::min(60.0 * kSecond / options_.halts_per_minute, kGapNsMax);
  halt_ns_ = now_ns_ + 1 + static_cast<int64_t>(mean_ns * 2 * RandomUnit());
}

SyntheticTick SyntheticMarket::Introduce(size_t i) {
  SetPhase(i, states_[i].phase);
  MoveQuote(i);
  if (wide_.has_value()) {
    const State& state = states_[i];
    wide_->Fill(i, instruments_[i], {state.bid, state.ask, now_ns_},
                [this](FieldId field, int64_t value) { Append(field, value); });
    return Done(i);
  }
  AppendQuote(i);
  AppendDay(i);
  return Done(i);
}

SyntheticTick SyntheticMarket::Open(size_t i, std::string_view cross) {
  SetPhase(i, Phase::kOpen);
  MoveQuote(i);
  AppendQuote(i);
  const State& state = states_[i];
  Trade(i, (state.bid + state.ask) / 2, Taker::kUnknown, cross);
  return Done(i);
}

SyntheticTick SyntheticMarket::Roll(size_t i) {
  states_[i].day.Roll();
  if (!wide_.has_value()) AppendDay(i);
  return Done(i);
}

SyntheticTick SyntheticMarket::Halt(size_t i) {
  ++halted_;
  SetPhase(i, Phase::kHalted);
  if (Random() % 2 == 0) {
    for (int level = 1; level <= LevelsOf(i); ++level) {
      const BookLevelFields fields = FieldsOfLevel(level);
      Append(fields.bid, kEmpty);
      Append(fields.bid_size, kEmpty);
      Append(fields.ask, kEmpty);
      Append(fields.ask_size, kEmpty);
    }
  }
  const auto halted_ns =
      static_cast<int64_t>((5 + 15 * RandomUnit()) * kSecond);
  resumptions_.emplace(now_ns_ + halted_ns, i);
  return Done(i);
}

// Out of a halt into its auction, or out of that into trading.
SyntheticTick SyntheticMarket::Resume() {
  const size_t i = resumptions_.top().second;
  resumptions_.pop();
  if (states_[i].phase == Phase::kAuction) return Open(i, "halt");
  --halted_;
  SetPhase(i, Phase::kAuction);
  MoveQuote(i);
  AppendQuote(i);
  resumptions_.emplace(now_ns_ + kReopeningNs, i);
  return Done(i);
}

SyntheticTick SyntheticMarket::Regular(size_t i) {
  if (options_.even) {
    MoveBidAndAsk(i);
    if (wide_.has_value()) {
      AppendWide(i);
    } else {
      AppendQuote(i);
    }
    return Done(i);
  }
  const uint64_t kind = Random() % 256;
  State& state = states_[i];
  if (kind < kTrades + kSizeChanges) {
    const bool trade = kind < kTrades && state.phase == Phase::kOpen;
    const int level = trade ? 1 : 1 + static_cast<int>(Random() % LevelsOf(i));
    const int64_t away = (level - 1) * instruments_[i].level_gap;
    const bool sold = Random() % 2 == 0;
    const int64_t price = sold ? state.bid - away : state.ask + away;
    if (trade) Trade(i, price, sold ? Taker::kSeller : Taker::kBuyer);
    // What was traded is gone from the book, or somebody showed more.
    state.shown[ShownIndex(price)] = static_cast<uint32_t>(Random());
  } else {
    MoveQuote(i);
  }
  AppendQuote(i);
  return Done(i);
}

void SyntheticMarket::MoveQuote(size_t i) {
  const Instrument& made = instruments_[i];
  State& state = states_[i];
  const int64_t anchor_q16 = made.price << 16;
  const auto step = static_cast<int64_t>((2 * RandomUnit() - 1) *
                                         static_cast<double>(state.step_q16));
  state.middle_q16 +=
      step + (anchor_q16 - state.middle_q16) / (1 << kReturnShift);
  state.middle_q16 =
      std::clamp(state.middle_q16, anchor_q16 / 2, anchor_q16 * 2);
  int64_t spread = made.spread_min;
  if (Random() % 8 == 0) {
    spread += static_cast<int64_t>(Random() %
                                   (made.spread_max - made.spread_min + 1));
  }
  state.bid = (state.middle_q16 - (spread << 15)) >> 16;
  state.ask = state.bid + spread;
}

// As above, but for sure: where one of them stayed both go towards the start.
void SyntheticMarket::MoveBidAndAsk(size_t i) {
  State& state = states_[i];
  const int64_t bid = state.bid, ask = state.ask;
  MoveQuote(i);
  const int64_t anchor_q16 = instruments_[i].price << 16;
  const int64_t step = state.middle_q16 < anchor_q16 ? 1 : -1;
  while (state.bid == bid || state.ask == ask) {
    state.middle_q16 += step * (1 << 16);
    state.bid += step;
    state.ask += step;
  }
}

int SyntheticMarket::LevelsOf(size_t i) const {
  return i < kNamedInstruments ? 10 : 1;
}

void SyntheticMarket::AppendQuote(size_t i) {
  const Instrument& made = instruments_[i];
  const State& state = states_[i];
  for (int level = 1; level <= LevelsOf(i); ++level) {
    const BookLevelFields fields = FieldsOfLevel(level);
    const int64_t bid = state.bid - (level - 1) * made.level_gap;
    const int64_t ask = state.ask + (level - 1) * made.level_gap;
    Append(fields.bid, bid * made.tick);
    Append(fields.bid_size, SizeAt(i, bid));
    Append(fields.ask, ask * made.tick);
    Append(fields.ask_size, SizeAt(i, ask));
  }
  Append(FieldId::kQuoteTime, now_ns_);
}

void SyntheticMarket::AppendWide(size_t i) {
  const State& state = states_[i];
  wide_->Tick(i, instruments_[i], {state.bid, state.ask, now_ns_},
              [this](FieldId field, int64_t value) { Append(field, value); });
}

void SyntheticMarket::Trade(size_t i, int64_t price, Taker taker,
                            std::string_view cross) {
  const Instrument& made = instruments_[i];
  State& state = states_[i];
  const auto size = static_cast<int64_t>(
      (1 + Random() % ((made.lots_max + 3) / 4)) * made.lot);
  if (!state.day.Trade(price * made.tick, size)) return;
  Append(FieldId::kLastSize, size);
  Append(FieldId::kTradeTime, now_ns_);
  AppendDay(i);
  traded_ = true;
  trade_ = {.price = price * made.tick,
            .size = size,
            .taker = taker,
            .id = {},
            .cross = cross};
}

void SyntheticMarket::AppendDay(size_t i) {
  for (const FieldValue& v : states_[i].day.Values()) Append(v.field, v.value);
}

void SyntheticMarket::SetPhase(size_t i, Phase phase) {
  static const int64_t kWords[] = {PackText("auction"), PackText("open"),
                                   PackText("halted")};
  states_[i].phase = phase;
  Append(FieldId::kTrading, kWords[static_cast<size_t>(phase)]);
}

// By price, so that a size stays with its price when the best one moves.
int64_t SyntheticMarket::SizeAt(size_t i, int64_t price) const {
  const Instrument& made = instruments_[i];
  const uint32_t shown = states_[i].shown[ShownIndex(price)];
  const uint64_t bits = MixBits(static_cast<uint64_t>(price) << 32 ^ i ^ shown);
  return static_cast<int64_t>(1 + bits % made.lots_max) * made.lot;
}

void SyntheticMarket::Append(FieldId field, int64_t value) {
  values_[value_count_++] = {field, value};
}

SyntheticTick SyntheticMarket::Done(size_t i) {
  return {static_cast<uint32_t>(i), now_ns_,
          std::span(values_.data(), value_count_), traded_ ? &trade_ : nullptr};
}

}  // namespace streamhub
