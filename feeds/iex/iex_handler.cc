#include "feeds/iex/iex_handler.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <span>
#include <string>
#include <utility>

namespace streamhub::iex {
namespace {

constexpr size_t kDepth = 10;
constexpr int64_t kDayNs = 86'400 * kSecond;

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

// What quotes or books have, and the auction fields.
Layout MakeLayout(const Layout& base) {
  std::vector<FieldId> fields;
  fields.reserve(kLayoutFieldsMax);
  for (int i = 0; i < base.size(); ++i) fields.push_back(base.field(i));
  fields.push_back(FieldId::kAuctionPrice);
  fields.push_back(FieldId::kAuctionSize);
  return Layout(fields);
}

// Live for ever: markets refer to them.
const Layout& LayoutOf(Protocol protocol) {
  static const auto& tops = *new Layout(MakeLayout(QuoteLayout()));
  static const auto& deep = *new Layout(MakeLayout(BookLayout()));
  return protocol == Protocol::kDeep ? deep : tops;
}

std::string_view CrossName(char auction) {
  switch (auction) {
    case 'O':
      return "opening";
    case 'C':
      return "closing";
    case 'H':
    case 'V':
      return "halt";
    default:
      return "other";
  }
}

}  // namespace

void IexHandler::On(const RunStart& run) {
  protocol_ = run.protocol;
  const int64_t date = run.sent_ns / kDayNs;
  const bool same = session_ == run.session;
  const bool first = !session_.has_value();
  const bool new_day = date != date_;
  session_ = run.session;
  date_ = date;
  if (!same && !first) StartSession(new_day, run.sent_ns);
}

void IexHandler::StartSession(bool new_day, int64_t event_ns) {
  phase_ = Phase::kUnknown;
  for (State& state : states_) {
    state.status = state.halt = state.auction = ' ';
    if (state.quoted) {
      state.quoted = false;
      PutOrEmpty(FieldId::kBid, FieldId::kBidSize, 0, 0);
      PutOrEmpty(FieldId::kAsk, FieldId::kAskSize, 0, 0);
      Put(FieldId::kQuoteTime, event_ns);
    }
    for (const Side side : {Side::kBuy, Side::kSell}) {
      const auto at = static_cast<size_t>(side);
      if (state.levels[at].size() > 0) {
        state.changed[at].Add({0, state.levels[at].size() - 1});
      }
      state.levels[at].Clear();
    }
    PutLevels(state, event_ns);
    PutOrEmpty(FieldId::kAuctionPrice, FieldId::kAuctionSize, 0, 0);
    if (new_day) {
      state.day.Roll();
      PutDay(state.day);
    }
    PutTrading(state);
    Send(state, event_ns);
  }
}

void IexHandler::RollDay(int64_t event_ns) {
  for (State& state : states_) {
    state.day.Roll();
    PutDay(state.day);
    Send(state, event_ns);
  }
}

IexHandler::State& IexHandler::StateOf(const Symbol& symbol, int64_t event_ns) {
  const auto word = std::bit_cast<uint64_t>(symbol);
  if (word == last_symbol_ && !states_.empty()) return states_[last_index_];
  const auto known = by_symbol_.find(word);
  if (known == by_symbol_.end()) return Define(symbol, event_ns);
  last_symbol_ = word;
  last_index_ = known->second;
  return states_[last_index_];
}

IexHandler::State& IexHandler::Define(const Symbol& symbol, int64_t event_ns) {
  last_symbol_ = std::bit_cast<uint64_t>(symbol);
  last_index_ = static_cast<uint32_t>(states_.size());
  by_symbol_.emplace(last_symbol_, last_index_);
  SymbolInfo info;
  info.code = std::string(SymbolCode(symbol));
  info.name = info.code;
  info.currency = "USD";
  info.price_decimals = 4;
  info.quantity_decimals = 0;
  info.pip = 100;
  info.layout = &LayoutOf(protocol_);
  // What the publisher refuses it has counted; its state is kept all the same.
  const absl::StatusOr<SymbolId> id = publisher_.Define(std::move(info));
  State& state = states_.emplace_back();
  if (id.ok()) state.symbol = *id;
  PutTrading(state);
  Send(state, event_ns);
  return state;
}

const PriceLevels* IexHandler::Levels(std::string_view code, Side side) const {
  const auto known = by_symbol_.find(std::bit_cast<uint64_t>(MakeSymbol(code)));
  if (known == by_symbol_.end()) return nullptr;
  return &states_[known->second].levels[static_cast<size_t>(side)];
}

std::string_view IexHandler::TradingOf(const State& state) const {
  if (state.halt == 'O') return "halted";
  switch (state.status) {
    case 'H':
      return "halted";
    case 'O':
    case 'P':
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
  return state.status == 'T' ? "open" : "unknown";
}

void IexHandler::HeardOf(const Symbol& symbol, int64_t event_ns) {
  Send(StateOf(symbol, event_ns), event_ns);
}

// Both, or neither: without a size there is no price.
void IexHandler::PutOrEmpty(FieldId price_field, FieldId size_field,
                            int64_t price, int64_t size) {
  Put(price_field, size == 0 ? kEmpty : price);
  Put(size_field, size == 0 ? kEmpty : size);
}

void IexHandler::PutLevels(State& state, int64_t event_ns) {
  bool put = false;
  for (const Side side : {Side::kBuy, Side::kSell}) {
    const auto at = static_cast<size_t>(side);
    const ChangedLevels changed = std::exchange(state.changed[at], {});
    const PriceLevels& levels = state.levels[at];
    const auto& fields = FieldsOf(side);
    const size_t end = changed.none() ? 0 : std::min(changed.last + 1, kDepth);
    for (size_t depth = changed.first; depth < end; ++depth) {
      const PriceLevels::Level level =
          depth < levels.size() ? levels.At(depth) : PriceLevels::Level{};
      PutOrEmpty(fields[depth].price, fields[depth].size, level.price,
                 level.size);
      put = true;
    }
  }
  if (put) Put(FieldId::kQuoteTime, event_ns);
}

void IexHandler::PutDay(const DayFields& day) {
  for (const FieldValue& v : day.Values()) values_[count_++] = v;
}

void IexHandler::PutTrading(State& state) {
  const std::string_view trading = TradingOf(state);
  if (trading == state.trading) return;
  state.trading = trading;
  Put(FieldId::kTrading, PackText(trading));
}

void IexHandler::Send(const State& state, int64_t event_ns) {
  if (state.symbol.has_value()) {
    publisher_.Publish(*state.symbol, std::span(values_.data(), count_),
                       event_ns);
  }
  count_ = 0;
}

void IexHandler::Report(const State& state, TradeReport trade, int64_t id,
                        int64_t event_ns) {
  if (!state.symbol.has_value()) return;
  char text[20];
  const auto end = std::to_chars(text, text + sizeof text, id).ptr;
  trade.id = {text, static_cast<size_t>(end - text)};
  publisher_.Report(*state.symbol, trade, event_ns);
}

void IexHandler::Ignore(int64_t* kind) {
  ++*kind;
  publisher_.counters().Add(Metric::kFeedMessagesIgnored);
}

void IexHandler::On(const SystemEvent& m) {
  switch (m.code) {
    case 'R':
      phase_ = Phase::kOpen;
      break;
    case 'O':
    case 'S':
    case 'M':
    case 'E':
      phase_ = Phase::kClosed;
      break;
    default:
      return;
  }
  for (State& state : states_) {
    PutTrading(state);
    if (count_ > 0) Send(state, m.time_ns);
  }
}

void IexHandler::On(const SecurityDirectory& m) {
  State& state = StateOf(m.symbol, m.time_ns);
  if (m.adjusted_close > 0) {
    state.day.SetPrevClose(m.adjusted_close);
    PutDay(state.day);
  }
  Send(state, m.time_ns);
}

void IexHandler::On(const TradingStatus& m) {
  State& state = StateOf(m.symbol, m.time_ns);
  state.status = m.status;
  PutTrading(state);
  Send(state, m.time_ns);
}

void IexHandler::On(const OperationalHalt& m) {
  State& state = StateOf(m.symbol, m.time_ns);
  state.halt = m.status;
  PutTrading(state);
  Send(state, m.time_ns);
}

void IexHandler::On(const QuoteUpdate& m) {
  if (protocol_ == Protocol::kDeep) return Ignore(&ignored_.foreign);
  State& state = StateOf(m.symbol, m.time_ns);
  if (m.bid == kEmpty || m.ask == kEmpty) {
    Reject();
  } else {
    PutOrEmpty(FieldId::kBid, FieldId::kBidSize, m.bid, m.bid_size);
    PutOrEmpty(FieldId::kAsk, FieldId::kAskSize, m.ask, m.ask_size);
    Put(FieldId::kQuoteTime, m.time_ns);
    state.quoted = m.bid_size != 0 || m.ask_size != 0;
  }
  Send(state, m.time_ns);
}

void IexHandler::On(const PriceLevel& m) {
  if (protocol_ != Protocol::kDeep) return Ignore(&ignored_.foreign);
  State& state = StateOf(m.symbol, m.time_ns);
  if (m.price == kEmpty) {
    Reject();
  } else {
    const auto at = static_cast<size_t>(m.side);
    const ChangedLevels changed = state.levels[at].Set(m.price, m.size);
    if (changed.none()) Ignore(&ignored_.levels);
    state.changed[at].Add(changed);
  }
  if ((m.flags & kEventComplete) != 0) PutLevels(state, m.time_ns);
  Send(state, m.time_ns);
}

void IexHandler::On(const Trade& m) {
  State& state = StateOf(m.symbol, m.time_ns);
  ++traded_.reports;
  traded_.volume += m.size;
  const bool sets_price = SetsPrice(m.flags);
  if (m.price == kEmpty || !(sets_price ? state.day.Trade(m.price, m.size)
                                        : state.day.AddVolume(m.size))) {
    Reject();
    return Send(state, m.time_ns);
  }
  PutDay(state.day);
  if (sets_price) {
    Put(FieldId::kLastSize, m.size);
    Put(FieldId::kTradeTime, m.time_ns);
  }
  streamhub::TradeReport trade{.price = m.price, .size = m.size};
  if ((m.flags & kSinglePriceCross) != 0) {
    trade.cross = CrossName(state.auction);
    PutOrEmpty(FieldId::kAuctionPrice, FieldId::kAuctionSize, 0, 0);
  }
  Report(state, trade, m.id, m.time_ns);
  Send(state, m.time_ns);
}

void IexHandler::On(const TradeBreak& m) {
  State& state = StateOf(m.symbol, m.time_ns);
  ++traded_.breaks;
  traded_.broken_volume += m.size;
  Report(state, {.cancelled = true}, m.id, m.time_ns);
  Send(state, m.time_ns);
}

void IexHandler::On(const AuctionInformation& m) {
  State& state = StateOf(m.symbol, m.time_ns);
  state.auction = m.type;
  if (m.indicative_price > 0) {
    Put(FieldId::kAuctionPrice, m.indicative_price);
    Put(FieldId::kAuctionSize, m.paired_shares);
  } else {
    PutOrEmpty(FieldId::kAuctionPrice, FieldId::kAuctionSize, 0, 0);
  }
  Send(state, m.time_ns);
}

}  // namespace streamhub::iex
