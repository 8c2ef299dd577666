#include "feeds/itch/itch_handler.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <string>
#include <utility>

namespace streamhub::itch {
namespace {

constexpr size_t kDepth = 10;
constexpr OrderBooks::BookId kNoStock = ~OrderBooks::BookId{0};

struct LevelFields {
  FieldId price, size;
};

const std::array<LevelFields, kDepth>& FieldsOf(Side side) {
  static const auto both = [] {
    std::array<std::array<LevelFields, kDepth>, 2> made;
    for (size_t i = 0; i < kDepth; ++i) {
      const BookLevelFields f = FieldsOfLevel(static_cast<int>(i) + 1);
      made[static_cast<size_t>(Side::kBuy)][i] = {f.bid, f.bid_size};
      made[static_cast<size_t>(Side::kSell)][i] = {f.ask, f.ask_size};
    }
    return made;
  }();
  return both[static_cast<size_t>(side)];
}

std::string_view CrossName(char type) {
  switch (type) {
    case 'O':
      return "opening";
    case 'C':
      return "closing";
    case 'H':
      return "halt";
    default:
      return "other";
  }
}

// As words: comparing the arrays calls memcmp, for every order added.
bool IsSame(const Stock& a, const Stock& b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

}  // namespace

ItchHandler::ItchHandler(Publisher& publisher) : publisher_(publisher) {}

void ItchHandler::StartDay(int64_t midnight_ns) {
  if (midnight_ns == midnight_ns_) return;
  midnight_ns_ = midnight_ns;
  phase_ = Phase::kUnknown;
  ClearDay(midnight_ns);
}

void ItchHandler::RollDay(int64_t event_ns) {
  for (StockState& state : stocks_) {
    state.day.Roll();
    PutDay(state.day);
    Send(state, event_ns);
  }
}

void ItchHandler::ClearDay(int64_t event_ns) {
  for (Index index = 0; index < stocks_.size(); ++index) {
    StockState& state = stocks_[index];
    state.day.Roll();
    state.action = ' ';
    for (const Side side : {Side::kBuy, Side::kSell}) {
      if (books_.side(index, side).size() == 0) continue;
      for (const auto& [price, size] : FieldsOf(side)) {
        Put(price, kEmpty);
        Put(size, kEmpty);
      }
    }
    if (count_ > 0) Put(FieldId::kQuoteTime, event_ns);
    PutDay(state.day);
    PutTrading(state);
    Send(state, event_ns);
  }
  books_.Clear();
  by_locate_.clear();
}

ItchHandler::Index ItchHandler::IndexOf(const Head& head, const Stock& stock) {
  if (head.locate >= by_locate_.size()) {
    by_locate_.resize(size_t{head.locate} + 1, kNoStock);
  }
  Index& index = by_locate_[head.locate];
  // Writers that leave all locates zero exist, so the name decides.
  if (index == kNoStock || !IsSame(stocks_[index].stock, stock)) {
    index = Define(stock, TimeNs(head));
  }
  return index;
}

ItchHandler::Index ItchHandler::Define(const Stock& stock, int64_t event_ns) {
  const auto [it, added] = by_code_.try_emplace(stock, kNoStock);
  if (!added) return it->second;
  it->second = books_.AddBook();
  SymbolInfo info;
  info.code = std::string(StockCode(stock));
  info.name = info.code;
  info.currency = "USD";
  info.price_decimals = 4;
  info.quantity_decimals = 0;
  info.pip = 100;
  info.layout = &BookLayout();
  // What the publisher refuses it has counted; its book is kept all the same.
  const absl::StatusOr<SymbolId> symbol = publisher_.Define(std::move(info));
  StockState& state = stocks_.emplace_back();
  state.stock = stock;
  if (symbol.ok()) state.symbol = *symbol;
  PutTrading(state);
  Send(state, event_ns);
  return it->second;
}

std::string_view ItchHandler::TradingOf(const StockState& state) const {
  switch (state.action) {
    case 'H':
    case 'P':
      return "halted";
    case 'Q':
      return "auction";
    default:
      break;
  }
  switch (phase_) {
    case Phase::kClosed:
      return "closed";
    case Phase::kOpen:
      return "open";
    case Phase::kUnknown:
      break;
  }
  return state.action == 'T' ? "open" : "unknown";
}

void ItchHandler::PutBook(const OrderBooks::Change& change, int64_t event_ns) {
  const BookSide& side = books_.side(change.book, change.side);
  const auto& fields = FieldsOf(change.side);
  const size_t end = std::min(change.last + 1, kDepth);
  if (change.first >= end) return;
  for (size_t depth = change.first; depth < end; ++depth) {
    if (depth >= side.size()) {
      Put(fields[depth].price, kEmpty);
      Put(fields[depth].size, kEmpty);
      continue;
    }
    const Level level = side.At(depth);
    if (change.moved) Put(fields[depth].price, level.price);
    Put(fields[depth].size, static_cast<int64_t>(level.shares));
  }
  Put(FieldId::kQuoteTime, event_ns);
}

// False, and nothing is put, if the day's volume would not fit.
bool ItchHandler::PutTrade(StockState& state, uint32_t price, uint32_t shares,
                           int64_t event_ns) {
  if (!state.day.Trade(price, shares)) {
    publisher_.counters().Add(Metric::kTicksRejected);
    return false;
  }
  PutDay(state.day);
  Put(FieldId::kLastSize, shares);
  Put(FieldId::kTradeTime, event_ns);
  return true;
}

void ItchHandler::Report(const StockState& state, TradeReport trade,
                         uint64_t match, int64_t event_ns) {
  if (!state.symbol.has_value()) return;
  char text[20];
  const auto end = std::to_chars(text, text + sizeof text, match).ptr;
  trade.id = {text, static_cast<size_t>(end - text)};
  publisher_.Report(*state.symbol, trade, event_ns);
}

void ItchHandler::PutDay(const DayFields& day) {
  for (const FieldValue& v : day.Values()) values_[count_++] = v;
}

void ItchHandler::PutTrading(StockState& state) {
  const std::string_view trading = TradingOf(state);
  if (trading == state.trading) return;
  state.trading = trading;
  Put(FieldId::kTrading, PackText(trading));
}

void ItchHandler::Send(const StockState& state, int64_t event_ns) {
  if (state.symbol.has_value()) {
    publisher_.Publish(*state.symbol, std::span(values_.data(), count_),
                       event_ns);
  }
  count_ = 0;
}

void ItchHandler::Ignore(int64_t* kind) {
  ++*kind;
  publisher_.counters().Add(Metric::kFeedMessagesIgnored);
}

void ItchHandler::On(const SystemEvent& m) {
  const int64_t event_ns = TimeNs(m.head);
  switch (m.code) {
    case 'O':
      phase_ = Phase::kClosed;
      ClearDay(event_ns);
      return;
    case 'Q':
      phase_ = Phase::kOpen;
      break;
    case 'S':
    case 'M':
      phase_ = Phase::kClosed;
      break;
    default:
      return;
  }
  for (StockState& state : stocks_) {
    PutTrading(state);
    if (count_ > 0) Send(state, event_ns);
  }
}

void ItchHandler::On(const StockDirectory& m) { IndexOf(m.head, m.stock); }

void ItchHandler::On(const TradingAction& m) {
  StockState& state = stocks_[IndexOf(m.head, m.stock)];
  state.action = m.state;
  PutTrading(state);
  Send(state, TimeNs(m.head));
}

void ItchHandler::On(const AddOrder& m) {
  const Index index = IndexOf(m.head, m.stock);
  OrderBooks::Change change;
  if (books_.Add(m.ref, index, m.side, m.shares, m.price, &change) !=
      OrderBooks::Result::kDone) {
    Ignore(&ignored_.adds);
    return;
  }
  const int64_t event_ns = TimeNs(m.head);
  PutBook(change, event_ns);
  Send(stocks_[index], event_ns);
}

void ItchHandler::On(const OrderExecuted& m) {
  OnExecution(m.head, m.ref, m.shares, m.match, /*printable=*/true,
              std::nullopt);
}

void ItchHandler::On(const OrderExecutedWithPrice& m) {
  OnExecution(m.head, m.ref, m.shares, m.match, m.printable, m.price);
}

void ItchHandler::OnExecution(const Head& head, uint64_t ref, uint32_t shares,
                              uint64_t match, bool printable,
                              std::optional<uint32_t> price) {
  OrderBooks::Change change;
  if (books_.Take(ref, shares, &change) != OrderBooks::Result::kDone) {
    Ignore(&ignored_.executions);
    return;
  }
  StockState& state = stocks_[change.book];
  const int64_t event_ns = TimeNs(head);
  PutBook(change, event_ns);
  const uint32_t at = price.value_or(change.price);
  if (printable && PutTrade(state, at, shares, event_ns)) {
    Report(
        state,
        {.price = at,
         .size = shares,
         .taker = change.side == Side::kBuy ? Taker::kSeller : Taker::kBuyer},
        match, event_ns);
  }
  Send(state, event_ns);
}

void ItchHandler::On(const OrderCancel& m) {
  OrderBooks::Change change;
  if (books_.Take(m.ref, m.shares, &change) != OrderBooks::Result::kDone) {
    Ignore(&ignored_.cancels);
    return;
  }
  const int64_t event_ns = TimeNs(m.head);
  PutBook(change, event_ns);
  Send(stocks_[change.book], event_ns);
}

void ItchHandler::On(const OrderDelete& m) {
  OrderBooks::Change change;
  if (books_.Delete(m.ref, &change) != OrderBooks::Result::kDone) {
    Ignore(&ignored_.deletes);
    return;
  }
  const int64_t event_ns = TimeNs(m.head);
  PutBook(change, event_ns);
  Send(stocks_[change.book], event_ns);
}

void ItchHandler::On(const OrderReplace& m) {
  OrderBooks::Change change;
  switch (books_.Replace(m.old_ref, m.new_ref, m.shares, m.price, &change)) {
    case OrderBooks::Result::kUnknownRef:
      Ignore(&ignored_.replaces);
      return;
    case OrderBooks::Result::kKnownRef:
    case OrderBooks::Result::kNoShares:
      // The old order has gone all the same.
      Ignore(&ignored_.adds);
      break;
    case OrderBooks::Result::kDone:
      break;
  }
  const int64_t event_ns = TimeNs(m.head);
  PutBook(change, event_ns);
  Send(stocks_[change.book], event_ns);
}

void ItchHandler::On(const Trade& m) {
  StockState& state = stocks_[IndexOf(m.head, m.stock)];
  const int64_t event_ns = TimeNs(m.head);
  if (PutTrade(state, m.price, m.shares, event_ns)) {
    Report(state, {.price = m.price, .size = m.shares}, m.match, event_ns);
  }
  Send(state, event_ns);
}

void ItchHandler::On(const CrossTrade& m) {
  StockState& state = stocks_[IndexOf(m.head, m.stock)];
  const int64_t event_ns = TimeNs(m.head);
  // A cross of no shares says that there was none.
  if (m.shares > 0) {
    // Beyond 63 bits it is negative, which is refused.
    const auto shares = static_cast<int64_t>(m.shares);
    if (state.day.AddVolume(shares)) {
      PutDay(state.day);
      Report(state,
             {.price = m.price, .size = shares, .cross = CrossName(m.type)},
             m.match, event_ns);
    } else {
      publisher_.counters().Add(Metric::kTicksRejected);
    }
  }
  Send(state, event_ns);
}

void ItchHandler::On(const BrokenTrade& m) {
  Ignore(&ignored_.broken_trades);
  // 0 is no stock's number, but where a writer left all of them out.
  const uint16_t locate = m.head.locate;
  if (locate == 0 || locate >= by_locate_.size()) return;
  const Index index = by_locate_[locate];
  if (index == kNoStock) return;
  Report(stocks_[index], {.cancelled = true}, m.match, TimeNs(m.head));
}

}  // namespace streamhub::itch
