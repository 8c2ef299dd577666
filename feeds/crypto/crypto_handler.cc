#include "feeds/crypto/crypto_handler.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "feeds/crypto/kraken_checksum.h"
#include "gateway/base/strings.h"

namespace streamhub::crypto {
namespace {

// More distinct symbols than any venue has: a capture of rubbish.
constexpr size_t kStatesMax = 1 << 16;

// What the symbol is priced in, where its code says so: behind "-" or "/".
std::string CurrencyOf(std::string_view code) {
  const size_t at = code.find_last_of("-/");
  return at == code.npos ? std::string() : std::string(code.substr(at + 1));
}

}  // namespace

CryptoHandler::CryptoHandler(Publisher& publisher, csv::DecimalsFinder decimals)
    : publisher_(publisher), decimals_(std::move(decimals)) {}

void CryptoHandler::Survey(const Message& message) {
  if (!message.symbol.empty()) decimals_.Survey(FinestOf(message));
}

void CryptoHandler::StartAgain() {
  for (State& s : states_) {
    EndBook(s);
    s.day = DayFields();
    s.best.reset();
    s.last_trade.reset();
    s.bids_told = s.asks_told = TopSide();
  }
}

const LevelBook* CryptoHandler::BookOf(std::string_view symbol) const {
  const auto found = by_code_.find(ToAbsl(symbol));
  if (found == by_code_.end()) return nullptr;
  const State& s = states_[found->second];
  return s.has_book ? &s.book : nullptr;
}

CryptoHandler::State CryptoHandler::MakeState(const Message& m) {
  State s;
  s.code = std::string(m.symbol);
  s.decimals = decimals_.Find(FinestOf(m));
  SymbolInfo info;
  info.code = s.code;
  info.name = s.code;
  info.currency = CurrencyOf(s.code);
  info.price_decimals = s.decimals.price;
  info.quantity_decimals = s.decimals.quantity;
  info.layout = &BookLayout();
  // What the publisher refuses it has counted; its book is kept all the same.
  const auto symbol = publisher_.Define(std::move(info));
  if (symbol.ok()) s.symbol = *symbol;
  return s;
}

// Null if there are too many.
CryptoHandler::State* CryptoHandler::StateOf(const Message& m) {
  if (last_index_ < states_.size() && states_[last_index_].code == m.symbol) {
    return &states_[last_index_];
  }
  const auto known = by_code_.find(ToAbsl(m.symbol));
  if (known != by_code_.end()) {
    last_index_ = known->second;
  } else {
    if (states_.size() == kStatesMax) return nullptr;
    last_index_ = states_.size();
    states_.push_back(MakeState(m));
    by_code_.emplace(m.symbol, last_index_);
  }
  return &states_[last_index_];
}

CryptoHandler::Outcome CryptoHandler::On(const Message& m) {
  if (m.kind == Message::Kind::kNotice) {
    return m.ended ? OnEnd(m) : Outcome::kDone;
  }
  if (m.kind == Message::Kind::kOther) return Ignore(&tally_.others);
  State* const state = StateOf(m);
  if (state == nullptr) {
    complaint_ = absl::StrCat(ToAbsl(m.symbol), ": is a symbol too many");
    publisher_.counters().Add(Metric::kTicksRejected);
    return Outcome::kRefused;
  }
  switch (m.kind) {
    case Message::Kind::kBook:
      return OnBook(*state, m);
    case Message::Kind::kBest:
      return OnBest(*state, m);
    default:
      return OnTrades(*state, m);
  }
}

CryptoHandler::Outcome CryptoHandler::OnBook(State& s, const Message& m) {
  if (!ScaleLevels(m.book.bids, "bid", s.decimals, &bids_, &complaint_) ||
      !ScaleLevels(m.book.asks, "ask", s.decimals, &asks_, &complaint_)) {
    // What there was would not be the venue's book without it.
    EndBook(s);
    PublishBook(s, m.event_ns);
    return Refuse(s);
  }
  if (m.venue != Venue::kBinance) return OnPlainBook(s, m);
  return m.book.snapshot ? OnNumberedSnapshot(s, m) : OnNumberedUpdate(s, m);
}

CryptoHandler::Outcome CryptoHandler::OnNumberedUpdate(State& s,
                                                       const Message& m) {
  UpdateChain::Gap gap;
  switch (s.chain.OnUpdate(m.book.ids, &gap)) {
    case UpdateChain::Step::kOld:
      return Ignore(&tally_.old_updates);
    case UpdateChain::Step::kKeep:
      Keep(s, m);
      return Outcome::kDone;
    case UpdateChain::Step::kGap:
      s.pending.Clear();
      Keep(s, m);
      // A quote from before the gap is none any more.
      if (s.best.has_value() && s.best->id <= m.book.ids.last) s.best.reset();
      return LoseUpdates(s, gap, m.event_ns);
    case UpdateChain::Step::kApply:
      break;
  }
  if (!s.book.Apply(bids_, asks_)) {
    return LoseBook(s, {.kind = Loss::Kind::kTooDeep, .event_ns = m.event_ns});
  }
  ++tally_.updates;
  PublishBook(s, m.event_ns);
  return Outcome::kDone;
}

CryptoHandler::Outcome CryptoHandler::OnNumberedSnapshot(State& s,
                                                         const Message& m) {
  if (!s.chain.OnSnapshot(m.book.ids.last)) {
    return Ignore(&tally_.old_snapshots);
  }
  bool fits = s.book.Assign(bids_, asks_);
  s.has_book = true;
  int64_t event_ns = m.event_ns;
  while (fits && !s.pending.empty()) {
    const PendingUpdate& next = s.pending.first();
    UpdateChain::Gap gap;
    switch (s.chain.OnUpdate(next.ids, &gap)) {
      case UpdateChain::Step::kGap:
        // The snapshot is too old; another one may do.
        s.chain.BreakAt(s.pending.last().ids.last);
        return LoseUpdates(s, gap, m.event_ns);
      case UpdateChain::Step::kOld:
        Ignore(&tally_.old_updates);
        break;
      case UpdateChain::Step::kApply:
      case UpdateChain::Step::kKeep:
        fits = s.book.Apply(next.bids, next.asks);
        event_ns = std::max(event_ns, next.event_ns);
        ++tally_.updates;
        break;
    }
    s.pending.DropFirst();
  }
  if (!fits) {
    return LoseBook(s, {.kind = Loss::Kind::kTooDeep, .event_ns = m.event_ns});
  }
  PublishBook(s, event_ns);
  return Outcome::kDone;
}

CryptoHandler::Outcome CryptoHandler::OnPlainBook(State& s, const Message& m) {
  bool fits = true;
  if (m.book.snapshot) {
    fits = s.book.Assign(bids_, asks_);
    s.has_book = true;
  } else if (!s.has_book) {
    return Ignore(&tally_.early_updates);
  } else {
    fits = s.book.Apply(bids_, asks_);
    ++tally_.updates;
  }
  if (!fits) {
    return LoseBook(s, {.kind = Loss::Kind::kTooDeep, .event_ns = m.event_ns});
  }
  if (m.book.depth > 0) s.book.Keep(m.book.depth);
  if (m.book.checksum.has_value()) {
    const uint32_t ours =
        KrakenChecksum(s.book, s.decimals.price, s.decimals.quantity);
    if (ours != *m.book.checksum) {
      return LoseBook(s, {.kind = Loss::Kind::kChecksum,
                          .first = *m.book.checksum,
                          .last = ours,
                          .event_ns = m.event_ns});
    }
    ++tally_.checksums;
  }
  PublishBook(s, m.event_ns);
  return Outcome::kDone;
}

CryptoHandler::Outcome CryptoHandler::OnBest(State& s, const Message& m) {
  Best best;
  best.id = m.best.id;
  best.of_book = m.best.of_book;
  if (!ScaleLevel(m.best.bid, "bid", s.decimals, &best.bid, &complaint_) ||
      !ScaleLevel(m.best.ask, "ask", s.decimals, &best.ask, &complaint_)) {
    return Refuse(s);
  }
  if (s.best.has_value() && best.id < s.best->id) {
    return Ignore(&tally_.old_quotes);
  }
  s.best = best;
  PublishBook(s, m.event_ns);
  return Outcome::kDone;
}

CryptoHandler::Outcome CryptoHandler::OnTrades(State& s, const Message& m) {
  trades_.clear();
  for (const TradeText& trade : m.trades) {
    ScaledTrade scaled;
    if (!ScaleTrade(trade, s.decimals, &scaled, &complaint_)) return Refuse(s);
    trades_.push_back(scaled);
  }
  Outcome worst = Outcome::kDone;
  for (size_t i = 0; i < trades_.size(); ++i) {
    worst = std::max(worst, OnTrade(s, m.trades[i], trades_[i]));
  }
  return worst;
}

CryptoHandler::Outcome CryptoHandler::OnTrade(State& s, const TradeText& trade,
                                              const ScaledTrade& scaled) {
  Outcome outcome = Outcome::kDone;
  if (trade.id.has_value()) {
    const std::optional<uint64_t> before = s.last_trade;
    if (before.has_value() && *trade.id <= *before) {
      return Ignore(&tally_.repeated_trades);
    }
    s.last_trade = trade.id;
    if (before.has_value() && *trade.id > *before + 1) {
      outcome = Lose({.kind = Loss::Kind::kTrades,
                      .symbol = s.code,
                      .first = *before + 1,
                      .last = *trade.id - 1,
                      .event_ns = trade.time_ns});
    }
  }
  if (trade.counts != TradeText::Counts::kYes) {
    const bool before = trade.counts == TradeText::Counts::kBefore;
    Ignore(before ? &tally_.earlier_trades : &tally_.other_trades);
    return std::max(outcome, Outcome::kIgnored);
  }
  if (!s.day.Trade(scaled.price, scaled.size)) {
    complaint_ = "a trade makes the day's volume too big";
    return Refuse(s);
  }
  ++tally_.trades;
  PutDay(s.day);
  Put(FieldId::kLastSize, scaled.size);
  if (trade.time_ns != 0) Put(FieldId::kTradeTime, trade.time_ns);
  if (s.symbol.has_value()) {
    char text[20] = {};
    const char* end = text;
    if (trade.id.has_value()) {
      end = std::to_chars(text, text + sizeof text, *trade.id).ptr;
    }
    publisher_.Report(*s.symbol,
                      {.price = scaled.price,
                       .size = scaled.size,
                       .taker = trade.taker,
                       .id = {text, static_cast<size_t>(end - text)}},
                      trade.time_ns);
  }
  Send(s, trade.time_ns);
  return outcome;
}

// No loss: no more was asked for.
CryptoHandler::Outcome CryptoHandler::OnEnd(const Message& m) {
  const auto known = by_code_.find(ToAbsl(m.symbol));
  if (known == by_code_.end()) return Outcome::kDone;
  State& s = states_[known->second];
  EndBook(s);
  PublishBook(s, m.event_ns);
  return Outcome::kDone;
}

void CryptoHandler::Keep(State& s, const Message& m) {
  const size_t dropped = s.pending.Add({m.book.ids, m.event_ns, bids_, asks_});
  tally_.dropped_updates += static_cast<int64_t>(dropped);
}

void CryptoHandler::EndBook(State& s) {
  s.has_book = false;
  s.book.Clear();
  s.chain.Break();
  s.pending.Clear();
  // One that does not count with the book may be older than its end.
  if (s.best.has_value() && !s.best->of_book) s.best.reset();
}

CryptoHandler::Outcome CryptoHandler::Ignore(int64_t* kind) {
  ++*kind;
  publisher_.counters().Add(Metric::kFeedMessagesIgnored);
  return Outcome::kIgnored;
}

// For what the complaint says already, but for whose it is.
CryptoHandler::Outcome CryptoHandler::Refuse(const State& s) {
  complaint_.insert(0, s.code + ": ");
  publisher_.counters().Add(Metric::kTicksRejected);
  return Outcome::kRefused;
}

CryptoHandler::Outcome CryptoHandler::Lose(Loss loss) {
  ++tally_.losses;
  complaint_ = Describe(loss);
  if (losses_.size() < kLossesMax) losses_.push_back(std::move(loss));
  return Outcome::kLost;
}

// The chain has been broken already, and keeps what comes.
CryptoHandler::Outcome CryptoHandler::LoseUpdates(State& s,
                                                  const UpdateChain::Gap& gap,
                                                  int64_t event_ns) {
  s.has_book = false;
  s.book.Clear();
  PublishBook(s, event_ns);
  return Lose({.kind = Loss::Kind::kUpdates,
               .symbol = s.code,
               .first = gap.first,
               .last = gap.last,
               .event_ns = event_ns});
}

CryptoHandler::Outcome CryptoHandler::LoseBook(State& s, Loss loss) {
  EndBook(s);
  PublishBook(s, loss.event_ns);
  loss.symbol = s.code;
  return Lose(std::move(loss));
}

void CryptoHandler::PublishBook(State& s, int64_t event_ns) {
  const bool show_best =
      s.best.has_value() &&
      (!s.has_book || (s.best->of_book && s.best->id > s.chain.last()));
  const TopSide bids = TopOf(s.has_book ? &s.book.bids : nullptr,
                             show_best ? &s.best->bid : nullptr);
  const TopSide asks = TopOf(s.has_book ? &s.book.asks : nullptr,
                             show_best ? &s.best->ask : nullptr);
  count_ += PutChanged(FieldsOfBids(), bids, &s.bids_told, &values_[count_]);
  count_ += PutChanged(FieldsOfAsks(), asks, &s.asks_told, &values_[count_]);
  if (count_ > 0 && event_ns != 0) Put(FieldId::kQuoteTime, event_ns);
  Send(s, event_ns);
}

void CryptoHandler::PutDay(const DayFields& day) {
  for (const FieldValue& v : day.Values()) values_[count_++] = v;
}

void CryptoHandler::RollDay(int64_t event_ns) {
  for (State& s : states_) {
    if (s.day.last() == kEmpty) continue;
    s.day.Roll();
    PutDay(s.day);
    Send(s, event_ns);
  }
}

void CryptoHandler::Send(const State& s, int64_t event_ns) {
  if (s.symbol.has_value()) {
    publisher_.Publish(*s.symbol, std::span(values_.data(), count_), event_ns);
  }
  count_ = 0;
}

}  // namespace streamhub::crypto
