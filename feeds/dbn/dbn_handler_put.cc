// What of a handler puts ticks together and sends them.

#include "feeds/dbn/dbn_handler.h"

namespace streamhub::dbn {
namespace {

constexpr Side kSides[] = {Side::kBid, Side::kAsk};

}  // namespace

void DbnHandler::BecomeOther(State& state, uint64_t key, int64_t time_ns) {
  state.instrument = key;
  state.kind = Kind::kNone;
  state.in_snapshot = false;
  state.unfit = false;
  state.book.Clear();
  bool changed = false;
  for (const Side side : kSides) {
    for (size_t depth = 0; depth < ShownBook::kDepth; ++depth) {
      changed |= state.shown.Show(side, depth, {}, &tick_);
    }
    state.shown.ShowOrders(side, kEmpty, &tick_);
  }
  if (!changed) return;
  tick_.Put(FieldId::kQuoteTime, time_ns);
  Send(state, time_ns);
}

// The levels from the best that changed on. Prices that cannot be shown make
// all below them move up.
void DbnHandler::PutOrders(State& state, int64_t event_ns) {
  bool changed = false;
  for (const Side side : kSides) {
    const BookSide& levels = state.book.side(side);
    const size_t first = state.book.TakeChanged(side);
    size_t depth = state.unfit ? 0 : first;
    for (size_t at = depth; at < ShownBook::kDepth; ++depth) {
      ShownLevel shown;
      int64_t orders = kEmpty;
      if (depth < levels.size()) {
        const Level level = levels.At(depth);
        if (!state.scale.Scale(level.price, &shown.price)) continue;
        shown.size = static_cast<int64_t>(level.size);
        orders = level.orders;
      }
      changed |= state.shown.Show(side, at, shown, &tick_);
      if (at == 0) state.shown.ShowOrders(side, orders, &tick_);
      ++at;
    }
  }
  if (changed) tick_.Put(FieldId::kQuoteTime, event_ns);
}

void DbnHandler::PutLevels(State& state, std::span<const BidAsk> levels,
                           Kind kind, bool counts, int64_t event_ns) {
  if (kind < state.kind) return;
  state.kind = kind;
  bool changed = false;
  for (size_t depth = 0; depth < levels.size(); ++depth) {
    const BidAsk& level = levels[depth];
    for (const Side side : kSides) {
      const bool bid = side == Side::kBid;
      const int64_t price = bid ? level.bid : level.ask;
      ShownLevel shown;
      if (price != kUndefined) {
        if (state.scale.Scale(price, &shown.price)) {
          shown.size = bid ? level.bid_size : level.ask_size;
        } else {
          Reject();
        }
      }
      changed |= state.shown.Show(side, depth, shown, &tick_);
      if (depth > 0) continue;
      const bool told = counts && shown.price != kEmpty;
      state.shown.ShowOrders(
          side, told ? (bid ? level.bid_count : level.ask_count) : kEmpty,
          &tick_);
    }
  }
  if (changed) tick_.Put(FieldId::kQuoteTime, event_ns);
}

// Nothing is put if the price cannot be told or the volume would not fit.
void DbnHandler::PutTrade(State& state, int64_t price, uint32_t size, char side,
                          int64_t event_ns) {
  state.traded = true;
  int64_t scaled = 0;
  if (!state.scale.Scale(price, &scaled) || !state.day.Trade(scaled, size)) {
    Reject();
    return;
  }
  PutDay(state.day);
  tick_.Put(FieldId::kLastSize, size);
  tick_.Put(FieldId::kTradeTime, event_ns);
  if (!state.symbol.has_value()) return;
  publisher_.Report(*state.symbol,
                    {.price = scaled,
                     .size = size,
                     .taker = side == 'B'   ? Taker::kBuyer
                              : side == 'A' ? Taker::kSeller
                                            : Taker::kUnknown},
                    event_ns);
}

void DbnHandler::PutDay(const DayFields& day) {
  for (const FieldValue& v : day.Values()) tick_.Put(v.field, v.value);
}

// Undefined: the field becomes empty.
void DbnHandler::PutPrice(const State& state, FieldId field, int64_t price) {
  int64_t scaled = kEmpty;
  if (price != kUndefined && !state.scale.Scale(price, &scaled)) {
    Reject();
    return;
  }
  tick_.Put(field, scaled);
}

void DbnHandler::RollDay(int64_t event_ns) {
  for (State& state : states_) {
    if (state.day.last() == kEmpty) continue;
    state.day.Roll();
    PutDay(state.day);
    Send(state, event_ns);
  }
}

void DbnHandler::Send(const State& state, int64_t event_ns) {
  if (state.symbol.has_value()) {
    publisher_.Publish(*state.symbol, tick_.all(), event_ns);
  }
  tick_.Clear();
}

void DbnHandler::Ignore(int64_t* kind) {
  ++*kind;
  publisher_.counters().Add(Metric::kFeedMessagesIgnored);
}

}  // namespace streamhub::dbn
