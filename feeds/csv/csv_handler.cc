#include "feeds/csv/csv_handler.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <utility>

#include "feeds/csv/decimal.h"
#include "feeds/csv/fields.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub::csv {
namespace {

// More distinct symbols than any market holds: a file of rubbish.
constexpr size_t kStatesMax = 1 << 20;

struct Mapped {
  Column column;
  FieldId field;
};
constexpr Mapped kQuoteColumns[] = {{Column::kBid, FieldId::kBid},
                                    {Column::kBidSize, FieldId::kBidSize},
                                    {Column::kAsk, FieldId::kAsk},
                                    {Column::kAskSize, FieldId::kAskSize}};
constexpr Column kTradeColumns[] = {Column::kLast, Column::kLastSize};

// Who took, as trade files write it: "buy", "Sell", "B"; else it is not known.
Taker TakerOf(std::string_view side) {
  const auto is = [side](std::string_view word) {
    return absl::EqualsIgnoreCase(ToAbsl(side), ToAbsl(word)) ||
           absl::EqualsIgnoreCase(ToAbsl(side), ToAbsl(word.substr(0, 1)));
  };
  return is("buy")    ? Taker::kBuyer
         : is("sell") ? Taker::kSeller
                      : Taker::kUnknown;
}

// One that clients cannot be told is left out.
std::string_view IdOf(std::string_view text) {
  constexpr size_t kIdBytesMax = 64;
  return text.size() <= kIdBytesMax && IsValidUtf8(text) ? text
                                                         : std::string_view();
}

}  // namespace

CsvHandler::CsvHandler(Publisher& publisher, DecimalsFinder decimals)
    : publisher_(publisher), decimals_(std::move(decimals)) {}

void CsvHandler::StartAgain() {
  for (State& state : states_) {
    state.day = DayFields();
    state.book.reset();
  }
}

CsvHandler::State CsvHandler::MakeState(const Row& finest) {
  SymbolInfo info;
  info.code = std::string(finest.symbol);
  info.name = info.code;
  State state;
  state.decimals = decimals_.Find(finest);
  info.price_decimals = state.decimals.price;
  info.quantity_decimals = state.decimals.quantity;
  info.layout = books_ ? &BookLayout() : &QuoteLayout();
  // What the publisher refuses it has counted.
  const auto symbol = publisher_.Define(std::move(info));
  if (symbol.ok()) state.symbol = *symbol;
  return state;
}

template <typename Finest>
CsvHandler::State& CsvHandler::StateOf(std::string_view symbol, Finest finest) {
  if (symbol == last_code_) return states_[last_index_];
  const auto known = by_code_.find(ToAbsl(symbol));
  size_t index = states_.size();
  if (known != by_code_.end()) {
    index = known->second;
  } else {
    if (states_.size() == kStatesMax) {
      refused_ = MakeState(finest());
      return refused_;
    }
    states_.push_back(MakeState(finest()));
    by_code_.emplace(symbol, index);
  }
  last_code_ = std::string(symbol);
  last_index_ = index;
  return states_[index];
}

std::optional<CsvHandler::Refusal> CsvHandler::On(const Row& row,
                                                  const Columns& columns) {
  State& state = StateOf(row.symbol, [&] { return row; });
  bool traded = false;
  auto refusal = Scale(row, columns, state.decimals);
  if (!refusal.has_value()) {
    const bool quote = columns.Has(Column::kBid) || columns.Has(Column::kAsk);
    for (const auto& [column, field] : kQuoteColumns) {
      if (columns.Has(column)) Put(field, Scaled(column));
    }
    if (quote) Put(FieldId::kQuoteTime, row.time_ns);
    traded = !row[Column::kLast].empty();
    if (traded &&
        !PutTrade(state, columns.Has(Column::kLastSize), row.time_ns)) {
      refusal = {Column::kLastSize, "makes the day's volume too big"};
    }
  }
  if (refusal.has_value()) {
    publisher_.counters().Add(Metric::kTicksRejected);
    count_ = 0;
    return refusal;
  }
  if (Scaled(Column::kAsk) < Scaled(Column::kBid) &&
      Scaled(Column::kAsk) != kEmpty) {
    publisher_.counters().Add(Metric::kQuotesCrossed);
  }
  if (traded && state.symbol.has_value()) {
    publisher_.Report(*state.symbol,
                      {.price = Scaled(Column::kLast),
                       .size = Scaled(Column::kLastSize),
                       .taker = TakerOf(row[Column::kSide]),
                       .id = IdOf(row[Column::kId])},
                      row.time_ns);
  }
  Send(state, row.time_ns);
  return std::nullopt;
}

std::optional<CsvHandler::Refusal> CsvHandler::Scale(const Row& row,
                                                     const Columns& columns,
                                                     const Decimals& decimals) {
  scaled_.fill(kEmpty);
  const auto scale = [&](Column column) -> std::optional<Refusal> {
    const std::string_view text = row[column];
    if (!columns.Has(column) || text.empty()) return std::nullopt;
    const bool size = column == Column::kBidSize ||
                      column == Column::kAskSize || column == Column::kLastSize;
    const int places = size ? decimals.quantity : decimals.price;
    switch (ParseScaled(text, places, &scaled_[static_cast<size_t>(column)])) {
      case Fit::kFits:
        return std::nullopt;
      case Fit::kTooFine:
        return Refusal{column, absl::StrCat("has more than the ", places,
                                            " decimals of the symbol")};
      case Fit::kTooBig:
        return Refusal{column, absl::StrCat("with ", places,
                                            " decimals is beyond 64 bits")};
      case Fit::kNoDecimal:
        break;
    }
    return Refusal{column, "is no decimal"};
  };
  for (const auto& [column, field] : kQuoteColumns) {
    if (auto refusal = scale(column)) return refusal;
  }
  for (const Column column : kTradeColumns) {
    if (auto refusal = scale(column)) return refusal;
  }
  return std::nullopt;
}

bool CsvHandler::PutTrade(State& state, bool sized, int64_t time_ns) {
  const int64_t size = Scaled(Column::kLastSize);
  if (!state.day.Trade(Scaled(Column::kLast), size == kEmpty ? 0 : size)) {
    return false;
  }
  PutDay(state.day, sized);
  if (sized) Put(FieldId::kLastSize, size);
  Put(FieldId::kTradeTime, time_ns);
  return true;
}

void CsvHandler::PutDay(const DayFields& day, bool sized) {
  for (const FieldValue& v : day.Values()) {
    if (sized || v.field != FieldId::kVolume) values_[count_++] = v;
  }
}

std::optional<std::string> CsvHandler::OnBook(const BookRow& row, bool last) {
  State& state = StateOf(row.symbol, [&] { return FinestOf(row); });
  if (!state.symbol.has_value()) return std::nullopt;
  if (state.book == nullptr) state.book = std::make_unique<Book>();
  Book& book = *state.book;
  if (row.snapshot && (row.whole || !book.in_snapshot)) {
    book.levels.Clear();
    book.there = true;
  }
  book.in_snapshot = row.snapshot;
  if (!book.there) {
    publisher_.counters().Add(Metric::kFeedMessagesIgnored);
    return std::nullopt;
  }
  auto why = Apply(row.bids, state.decimals, book.levels.bids);
  if (!why.has_value()) {
    why = Apply(row.asks, state.decimals, book.levels.asks);
  }
  if (why.has_value()) {
    publisher_.counters().Add(Metric::kTicksRejected);
    EndBook(state, row.time_ns);
    return why;
  }
  if (!last) return std::nullopt;
  const LevelBook& levels = book.levels;
  if (levels.bids.size() > 0 && levels.asks.size() > 0 &&
      levels.asks.At(0).price < levels.bids.At(0).price) {
    publisher_.counters().Add(Metric::kQuotesCrossed);
  }
  PublishBook(state, row.time_ns);
  return std::nullopt;
}

// Says why not.
std::optional<std::string> CsvHandler::Apply(const LevelTexts& texts,
                                             const Decimals& decimals,
                                             LevelSide& side) {
  for (const LevelText& text : texts) {
    Level level;
    const Fit price = ParseScaled(text.price, decimals.price, &level.price);
    const Fit size = ParseScaled(text.size, decimals.quantity, &level.size);
    if (price != Fit::kFits || size != Fit::kFits) {
      return absl::StrCat(
          price != Fit::kFits ? "price " : "amount ",
          QuotedText(price != Fit::kFits ? text.price : text.size),
          " does not fit the decimals of the symbol, ", decimals.price, "/",
          decimals.quantity);
    }
    if (!side.Set(level)) {
      return absl::StrCat("is one level too many: there are ",
                          LevelSide::kLevelsMax);
    }
  }
  return std::nullopt;
}

void CsvHandler::LoseBook(std::string_view symbol, int64_t time_ns) {
  if (symbol.empty()) {
    for (State& state : states_) EndBook(state, time_ns);
    return;
  }
  const auto known = by_code_.find(ToAbsl(symbol));
  if (known != by_code_.end()) EndBook(states_[known->second], time_ns);
}

// The rest of a snapshot that is broken off is no new one.
void CsvHandler::EndBook(State& state, int64_t time_ns) {
  if (state.book == nullptr || !state.book->there) return;
  state.book->there = false;
  state.book->levels.Clear();
  PublishBook(state, time_ns);
}

void CsvHandler::PublishBook(State& state, int64_t time_ns) {
  Book& book = *state.book;
  count_ += PutChanged(FieldsOfBids(), TopOf(&book.levels.bids, nullptr),
                       &book.bids_told, &values_[count_]);
  count_ += PutChanged(FieldsOfAsks(), TopOf(&book.levels.asks, nullptr),
                       &book.asks_told, &values_[count_]);
  if (count_ > 0) Put(FieldId::kQuoteTime, time_ns);
  Send(state, time_ns);
}

const LevelBook* CsvHandler::BookOf(std::string_view symbol) const {
  const auto known = by_code_.find(ToAbsl(symbol));
  if (known == by_code_.end()) return nullptr;
  const Book* const book = states_[known->second].book.get();
  return book != nullptr && book->there ? &book->levels : nullptr;
}

void CsvHandler::RollDay(int64_t event_ns) {
  for (State& state : states_) {
    if (state.day.last() == kEmpty) continue;
    state.day.Roll();
    PutDay(state.day, /*sized=*/true);
    Send(state, event_ns);
  }
}

void CsvHandler::Send(const State& state, int64_t time_ns) {
  if (state.symbol.has_value()) {
    publisher_.Publish(*state.symbol, std::span(values_.data(), count_),
                       time_ns);
  }
  count_ = 0;
}

}  // namespace streamhub::csv
