#include "feeds/csv/lobster_handler.h"

#include <span>
#include <utility>

namespace streamhub::csv {
namespace {

std::string_view TradingOf(int64_t price) {
  return price < 0 ? "halted" : price == 0 ? "auction" : "open";
}

}  // namespace

size_t LobsterHandler::Use(std::string_view code) {
  for (size_t i = 0; i < states_.size(); ++i) {
    if (states_[i].code == code) return i;
  }
  SymbolInfo info;
  info.code = std::string(code);
  info.name = info.code;
  info.currency = "USD";
  info.price_decimals = kLobsterPriceDecimals;
  info.quantity_decimals = 0;
  info.layout = &BookLayout();
  State state;
  state.code = info.code;
  // What the publisher refuses it has counted.
  const auto symbol = publisher_.Define(std::move(info));
  if (symbol.ok()) state.symbol = *symbol;
  states_.push_back(std::move(state));
  return states_.size() - 1;
}

bool LobsterHandler::On(size_t symbol, int64_t time_ns,
                        const LobsterMessage& message,
                        const LobsterBook& book) {
  State& state = states_[symbol];
  count_ +=
      PutChanged(FieldsOfBids(), book.bids, &state.bids_told, &values_[count_]);
  count_ +=
      PutChanged(FieldsOfAsks(), book.asks, &state.asks_told, &values_[count_]);
  if (count_ > 0) Put(FieldId::kQuoteTime, time_ns);
  if (book.asks[0].price < book.bids[0].price && book.asks[0].price != kEmpty) {
    publisher_.counters().Add(Metric::kQuotesCrossed);
  }
  bool fits = true;
  switch (message.type) {
    case LobsterType::kVisibleExecution:
    case LobsterType::kHiddenExecution:
    case LobsterType::kCross:
      fits = OnTrade(state, time_ns, message);
      break;
    case LobsterType::kHalt:
      Put(FieldId::kTrading, PackText(TradingOf(message.price)));
      break;
    default:
      break;
  }
  Send(state, time_ns);
  return fits;
}

bool LobsterHandler::OnTrade(State& state, int64_t time_ns,
                             const LobsterMessage& message) {
  const bool cross = message.type == LobsterType::kCross;
  const bool fits = cross ? state.day.AddVolume(message.shares)
                          : state.day.Trade(message.price, message.shares);
  if (!fits) {
    publisher_.counters().Add(Metric::kTicksRejected);
    return false;
  }
  PutDay(state.day);
  TradeReport report = {.price = message.price, .size = message.shares};
  if (cross) {
    report.cross = "other";
  } else {
    Put(FieldId::kLastSize, message.shares);
    Put(FieldId::kTradeTime, time_ns);
  }
  if (message.type == LobsterType::kVisibleExecution) {
    report.taker = message.buy ? Taker::kSeller : Taker::kBuyer;
  }
  if (state.symbol.has_value()) {
    publisher_.Report(*state.symbol, report, time_ns);
  }
  return true;
}

void LobsterHandler::PutDay(const DayFields& day) {
  for (const FieldValue& v : day.Values()) values_[count_++] = v;
}

void LobsterHandler::RollDay(int64_t event_ns) {
  for (State& state : states_) {
    if (state.day.last() == kEmpty) continue;
    state.day.Roll();
    PutDay(state.day);
    Send(state, event_ns);
  }
}

void LobsterHandler::Send(const State& state, int64_t time_ns) {
  if (state.symbol.has_value()) {
    publisher_.Publish(*state.symbol, std::span(values_.data(), count_),
                       time_ns);
  }
  count_ = 0;
}

}  // namespace streamhub::csv
