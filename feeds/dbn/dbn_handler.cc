#include "feeds/dbn/dbn_handler.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub::dbn {
namespace {

// More instruments than any market holds: a file of rubbish.
constexpr size_t kInstrumentsMax = 1 << 20;

// The values of `schema` that mean bars: 1 s, 1 min, 1 h, 1 day, end of day.
constexpr std::array<uint16_t, 5> kBarSchemas = {5, 6, 7, 8, 13};

// Ten levels, day fields, and what definitions and statistics tell.
const Layout& DbnLayout() {
  static const Layout layout = [] {
    std::vector<FieldId> fields;
    fields.reserve(kLayoutFieldsMax);
    for (int i = 0; i < BookLayout().size(); ++i) {
      fields.push_back(BookLayout().field(i));
    }
    fields.insert(
        fields.end(),
        {FieldId::kBidCount, FieldId::kAskCount, FieldId::kAuctionPrice,
         FieldId::kAuctionSize, FieldId::kSettlement, FieldId::kOpenInterest,
         FieldId::kLimitUp, FieldId::kLimitDown, FieldId::kVwap});
    return Layout(fields);
  }();
  return layout;
}

// 0 if it is not told, or beyond what this program can tell.
int64_t TimeNs(uint64_t ns) {
  return ns > uint64_t{std::numeric_limits<int64_t>::max()}
             ? 0
             : static_cast<int64_t>(ns);
}

// Of a record of this kind: snapshots have the times of their orders.
int64_t EventNs(const Mbo& m) {
  return TimeNs((m.flags & kSnapshot) != 0 ? m.ts_recv : m.head.ts_event);
}

std::optional<Side> SideOf(char side) {
  if (side == 'B') return Side::kBid;
  if (side == 'A') return Side::kAsk;
  return std::nullopt;
}

// Empty: what was, is.
std::string_view TradingOf(const Status& m) {
  switch (m.action) {
    case StatusAction::kTrading:
      return "open";
    case StatusAction::kHalt:
    case StatusAction::kPause:
    case StatusAction::kSuspend:
      return "halted";
    case StatusAction::kClose:
    case StatusAction::kPostClose:
    case StatusAction::kNotAvailable:
      return "closed";
    case StatusAction::kPreOpen:
    case StatusAction::kPreCross:
    case StatusAction::kQuoting:
    case StatusAction::kCross:
    case StatusAction::kRotation:
    case StatusAction::kNewPriceIndication:
    case StatusAction::kPreClose:
      return m.is_trading == 'Y' ? "open" : "auction";
    case StatusAction::kNone:
    case StatusAction::kShortSaleChange:
      break;
  }
  return {};
}

struct StatisticFields {
  uint16_t type;
  std::optional<FieldId> price;
  std::optional<FieldId> quantity;
};
constexpr StatisticFields kStatisticFields[] = {
    {kIndicativeOpeningPrice, FieldId::kAuctionPrice, FieldId::kAuctionSize},
    {kSettlementPrice, FieldId::kSettlement, std::nullopt},
    {kOpenInterest, std::nullopt, FieldId::kOpenInterest},
    {kVwap, FieldId::kVwap, std::nullopt},
    {kUpperPriceLimit, FieldId::kLimitUp, std::nullopt},
    {kLowerPriceLimit, FieldId::kLimitDown, std::nullopt}};

}  // namespace

DbnHandler::DbnHandler(Publisher& publisher) : publisher_(publisher) {}

DbnHandler::StreamId DbnHandler::Open(const Metadata& metadata) {
  const auto known =
      std::find(datasets_.begin(), datasets_.end(), metadata.dataset);
  const auto dataset = static_cast<uint32_t>(known - datasets_.begin());
  if (known == datasets_.end()) {
    datasets_.push_back(metadata.dataset);
    names_.emplace_back();
  }
  names_[dataset].Add(metadata);
  // What was called by its digits may have a name now.
  places_.clear();
  last_key_.reset();
  const bool bars = metadata.schema.has_value() &&
                    std::find(kBarSchemas.begin(), kBarSchemas.end(),
                              *metadata.schema) != kBarSchemas.end();
  streams_.push_back({dataset, bars});
  return static_cast<StreamId>(streams_.size() - 1);
}

void DbnHandler::Use(StreamId stream) {
  stream_ = streams_[stream];
  survey_.Use(stream_.dataset);
}

DbnHandler::State* DbnHandler::Find(const Head& head, uint64_t index_ns,
                                    const Known& known) {
  const uint64_t key = InstrumentKey(stream_.dataset, head.instrument);
  const int64_t time_ns =
      TimeNs(index_ns == kUndefinedTime ? head.ts_event : index_ns);
  if (last_key_ == key && time_ns >= last_.from_ns &&
      time_ns < last_.until_ns) {
    return &states_[last_.state];
  }
  return FindSlowly(key, time_ns, known);
}

DbnHandler::State* DbnHandler::FindSlowly(uint64_t key, int64_t time_ns,
                                          const Known& known) {
  auto it = places_.find(key);
  if (it == places_.end() || time_ns < it->second.from_ns ||
      time_ns >= it->second.until_ns ||
      states_[it->second.state].instrument != key) {
    if (it == places_.end() && (places_.size() >= kInstrumentsMax ||
                                states_.size() >= kInstrumentsMax)) {
      Ignore(&ignored_.instruments);
      return nullptr;
    }
    const SymbolNames::Name name = names_[stream_.dataset].Find(
        static_cast<uint32_t>(key & 0xFFFFFFFF), time_ns);
    const Place place{StateOf(name.text, key, known), name.from_ns,
                      name.until_ns};
    it = places_.insert_or_assign(key, place).first;
    State& state = states_[place.state];
    if (state.instrument != key) BecomeOther(state, key, time_ns);
  }
  last_key_ = key;
  last_ = it->second;
  return &states_[last_.state];
}

uint32_t DbnHandler::StateOf(std::string_view name, uint64_t key,
                             const Known& known) {
  const auto next = static_cast<uint32_t>(states_.size());
  const auto [it, added] = by_name_.try_emplace(std::string(name), next);
  if (!added) return it->second;
  const Definition* const d = known.definition;
  const int64_t step = d != nullptr && d->min_price_increment > 0
                           ? d->min_price_increment
                           : kUndefined;
  const PriceScale scale(survey_.Find(key, step, known.price));
  SymbolInfo info;
  info.code = std::string(name);
  info.name = info.code;
  if (d && IsValidUtf8(d->currency)) info.currency = d->currency;
  info.price_decimals = scale.decimals();
  scale.Scale(step, &info.pip);
  info.layout = &DbnLayout();
  // What the publisher refuses it has counted; its book is kept all the same.
  const absl::StatusOr<SymbolId> symbol = publisher_.Define(std::move(info));
  State& state = states_.emplace_back(key, scale);
  if (symbol.ok()) {
    state.symbol = *symbol;
    // One of an earlier run keeps the decimals that it had.
    state.scale = PriceScale(
        std::min(publisher_.market().symbols().Get(*symbol).price_decimals,
                 kPriceDecimals));
  }
  return next;
}

void DbnHandler::On(const Mbo& m) {
  State* const found = Find(m.head, m.ts_recv, {m.price});
  if (found == nullptr) return;
  State& state = *found;
  const int64_t event_ns = EventNs(m);
  const bool snapshot = (m.flags & kSnapshot) != 0;
  const bool last = (m.flags & kLastOfEvent) != 0;
  if (state.in_snapshot && !snapshot && state.kind == Kind::kMbo) {
    PutOrders(state, state.snapshot_ns);
    Send(state, state.snapshot_ns);
  }
  state.in_snapshot = snapshot && !last;
  if (snapshot) state.snapshot_ns = event_ns;
  Apply(m, state);
  const bool traded = m.action == 'T';
  if (traded) PutTrade(state, m.price, m.size, m.side, event_ns);
  if (last && state.kind == Kind::kMbo) PutOrders(state, event_ns);
  if (traded || last) Send(state, event_ns);
}

void DbnHandler::Apply(const Mbo& m, State& state) {
  switch (m.action) {
    case 'A':
    case 'M':
      ApplyOrder(m, state);
      break;
    case 'C':
      if (state.book.Cancel(m.order_id, m.size) != OrderBook::Result::kDone) {
        Ignore(&ignored_.cancels);
      }
      break;
    case 'R':
      state.book.Clear();
      state.unfit = false;
      break;
    case 'T':
    case 'F':
    case 'N':
      return;  // tell nothing of the book
    default:
      Ignore(&ignored_.actions);
      return;
  }
  state.kind = Kind::kMbo;
}

void DbnHandler::ApplyOrder(const Mbo& m, State& state) {
  const std::optional<Side> side = SideOf(m.side);
  const bool add = m.action == 'A';
  int64_t* const ignored = add ? &ignored_.adds : &ignored_.modifies;
  const bool top = add && (m.flags & kTopOfBook) != 0 && side.has_value();
  if (top && m.price == kUndefined) {
    state.book.SetTop(m.order_id, *side, 0, 0);
    return;
  }
  if (m.price == kUndefined || (!side.has_value() && add) ||
      (!side.has_value() && !state.book.Has(m.order_id))) {
    Ignore(ignored);
    return;
  }
  int64_t scaled = 0;
  if (!state.scale.Scale(m.price, &scaled)) {
    state.unfit = true;
    Reject();
  }
  if (top) {
    state.book.SetTop(m.order_id, *side, m.price, m.size);
    return;
  }
  const Side at = side.value_or(Side::kBid);  // it keeps the one that it has
  const OrderBook::Result result =
      add ? state.book.Add(m.order_id, at, m.price, m.size)
          : state.book.Modify(m.order_id, at, m.price, m.size);
  if (result != OrderBook::Result::kDone) Ignore(ignored);
}

void DbnHandler::On(const Trade& m) {
  State* const state = Find(m.head, m.ts_recv, {m.price});
  if (state == nullptr || m.action != 'T') return;
  const int64_t event_ns = TimeNs(m.head.ts_event);
  PutTrade(*state, m.price, m.size, m.side, event_ns);
  Send(*state, event_ns);
}

void DbnHandler::OnMbp(const Trade& change, std::span<const BidAsk> levels,
                       Kind kind) {
  State* const state = Find(change.head, change.ts_recv, {change.price});
  if (state == nullptr) return;
  const int64_t event_ns = TimeNs(change.head.ts_event);
  const bool traded = change.action == 'T';
  const bool last = (change.flags & kLastOfEvent) != 0;
  if (traded) {
    PutTrade(*state, change.price, change.size, change.side, event_ns);
  }
  if (last) PutLevels(*state, levels, kind, /*counts=*/true, event_ns);
  if (traded || last) Send(*state, event_ns);
}

void DbnHandler::On(const Cmbp1& m) {
  State* const state = Find(m.change.head, m.change.ts_recv, {m.change.price});
  if (state == nullptr) return;
  const int64_t event_ns = TimeNs(m.change.head.ts_event);
  const bool traded = m.change.action == 'T';
  const bool last = (m.change.flags & kLastOfEvent) != 0;
  if (traded) {
    PutTrade(*state, m.change.price, m.change.size, m.change.side, event_ns);
  }
  if (last) {
    PutLevels(*state, {&m.level, 1}, Kind::kMbp1, /*counts=*/false, event_ns);
  }
  if (traded || last) Send(*state, event_ns);
}

void DbnHandler::On(const Bbo& m) {
  State* const state = Find(m.head, m.ts_recv, {m.level.bid});
  if (state == nullptr) return;
  const int64_t event_ns = TimeNs(m.ts_recv);
  PutLevels(*state, {&m.level, 1}, Kind::kBbo, /*counts=*/true, event_ns);
  int64_t last = kEmpty;
  if (!state->traded && m.price != kUndefined) {
    if (state->scale.Scale(m.price, &last)) {
      tick_.Put(FieldId::kLast, last);
      tick_.Put(FieldId::kLastSize, m.size);
      tick_.Put(FieldId::kTradeTime, TimeNs(m.head.ts_event));
    } else {
      Reject();
    }
  }
  Send(*state, event_ns);
}

void DbnHandler::On(const Ohlcv& m) {
  if (!stream_.bars) {
    Ignore(&ignored_.bars);
    return;
  }
  State* const state = Find(m.head, m.head.ts_event, {m.close});
  if (state == nullptr) return;
  const std::array<int64_t, 4> prices = {m.open, m.high, m.low, m.close};
  std::array<int64_t, 4> scaled = {};
  for (size_t i = 0; i < prices.size(); ++i) {
    if (!state->scale.Scale(prices[i], &scaled[i])) {
      Reject();
      return;
    }
  }
  // Beyond 63 bits it is negative, which is refused.
  if (!state->day.AddVolume(static_cast<int64_t>(m.volume))) {
    Reject();
    return;
  }
  for (const int64_t price : scaled) state->day.Trade(price, 0);
  PutDay(state->day);
  Send(*state, TimeNs(m.head.ts_event));
}

void DbnHandler::On(const Status& m) {
  State* const state = Find(m.head, m.ts_recv, {});
  if (state == nullptr) return;
  if (m.action > StatusAction::kNotAvailable) Ignore(&ignored_.actions);
  const std::string_view trading = TradingOf(m);
  if (!trading.empty() && trading != state->trading) {
    state->trading = trading;
    tick_.Put(FieldId::kTrading, PackText(trading));
  }
  Send(*state, TimeNs(m.head.ts_event));
}

void DbnHandler::On(const Definition& m) {
  // What has a symbol already keeps it, and its book.
  if (!places_.contains(InstrumentKey(stream_.dataset, m.head.instrument))) {
    names_[stream_.dataset].Learn(m);
  }
  State* const state = Find(m.head, m.ts_recv, {kUndefined, &m});
  if (state == nullptr) return;
  PutPrice(*state, FieldId::kLimitUp, m.high_limit_price);
  PutPrice(*state, FieldId::kLimitDown, m.low_limit_price);
  Send(*state, TimeNs(m.head.ts_event));
}

void DbnHandler::On(const Statistics& m) {
  State* const state = Find(m.head, m.ts_recv, {m.price});
  if (state == nullptr) return;
  constexpr uint8_t kDeleted = 2;
  const bool deleted = m.update_action == kDeleted;
  for (const StatisticFields& fields : kStatisticFields) {
    if (fields.type != m.type) continue;
    if (fields.price.has_value()) {
      PutPrice(*state, *fields.price, deleted ? kUndefined : m.price);
    }
    if (fields.quantity.has_value()) {
      const bool told = !deleted && m.quantity != kUndefined;
      tick_.Put(*fields.quantity, told ? m.quantity : kEmpty);
    }
  }
  Send(*state, TimeNs(m.head.ts_event));
}

void DbnHandler::On(const SymbolMapping& m) {
  names_[stream_.dataset].Set(m);
  places_.erase(InstrumentKey(stream_.dataset, m.head.instrument));
  last_key_.reset();
}

const OrderBook* DbnHandler::FindBook(std::string_view symbol) const {
  const auto found = by_name_.find(ToAbsl(symbol));
  return found == by_name_.end() ? nullptr : &states_[found->second].book;
}

}  // namespace streamhub::dbn
