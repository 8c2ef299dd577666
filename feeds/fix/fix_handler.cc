#include "feeds/fix/fix_handler.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "feeds/csv/decimal.h"
#include "feeds/csv/format.h"
#include "feeds/fix/utc_time.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub::fix {
namespace {

constexpr int kDepth = 10;

// More distinct symbols than any market holds: a file of rubbish.
constexpr size_t kStatesMax = 1 << 20;

// A book, and what venues state of a day.
const Layout& FixLayout() {
  static const Layout layout = [] {
    std::vector<FieldId> fields;
    fields.reserve(kLayoutFieldsMax);
    for (int i = 0; i < BookLayout().size(); ++i) {
      fields.push_back(BookLayout().field(i));
    }
    fields.insert(fields.end(), {FieldId::kVwap, FieldId::kSettlement,
                                 FieldId::kOpenInterest});
    return Layout(fields);
  }();
  return layout;
}

// For the finder, which is of CSV files: columns of prices and of sizes.
const csv::Columns& SurveyedColumns() {
  static const csv::Columns columns =
      *csv::Columns::Parse("time=0,symbol=1,last=2,last_size=3");
  return columns;
}

csv::Row RowOf(std::string_view code, const Entry& entry) {
  csv::Row row;
  row.symbol = code;
  row.values[static_cast<size_t>(csv::Column::kLast)] = entry.price;
  row.values[static_cast<size_t>(csv::Column::kLastSize)] = entry.size;
  return row;
}

int64_t EventNs(const Message& m, const Entry* entry) {
  const int64_t sent_ns = m.orig_sending_ns.value_or(*m.sending_ns);
  if (entry != nullptr && entry->time_ns.has_value()) {
    return entry->date_ns.has_value() ? *entry->date_ns + *entry->time_ns
                                      : NearestNs(*entry->time_ns, sent_ns);
  }
  if (entry != nullptr && entry->transact_ns.has_value()) {
    return *entry->transact_ns;
  }
  return m.transact_ns.value_or(sent_ns);
}

// Of SecurityTradingStatus(326); empty: it does not say.
std::string_view TradingOfSecurity(int status) {
  switch (status) {
    case 1:  // opening delay
    case 2:  // trading halt
    case 4:  // no open, no resume
      return "halted";
    case 3:   // resume
    case 17:  // ready to trade
    case 23:  // fast market
      return "open";
    case 18:  // not available for trading
    case 19:  // not traded on this market
    case 26:  // post-close
      return "closed";
    case 21:  // pre-open
    case 22:  // opening rotation
    case 24:  // pre-cross
    case 25:  // cross
      return "auction";
    case 20:  // unknown
      return "unknown";
    default:
      return {};
  }
}

// Of TradSesStatus(340); likewise.
std::string_view TradingOfSession(int status) {
  switch (status) {
    case 0:
      return "unknown";
    case 1:
      return "halted";
    case 2:
      return "open";
    case 3:
      return "closed";
    case 4:  // pre-open
    case 5:  // pre-close
      return "auction";
    default:
      return {};
  }
}

// Does the full refresh say what the book is? Trades and statistics may come in
// one of their own.
bool IsOfBook(const Message& message) {
  return message.entries.empty() ||
         std::any_of(message.entries.begin(), message.entries.end(),
                     [](const Entry& entry) {
                       return entry.type == "0" || entry.type == "1" ||
                              entry.type == "J";
                     });
}

}  // namespace

FixHandler::FixHandler(Publisher& publisher, csv::DecimalsFinder decimals)
    : publisher_(publisher), decimals_(std::move(decimals)) {}

bool FixHandler::NeedsSurvey() const {
  return decimals_.NeedsSurvey(SurveyedColumns());
}

void FixHandler::Survey(const Message& message) {
  std::string_view code = CodeOf(message.symbol, message.security_id);
  for (const Entry& entry : message.entries) {
    const std::string_view own = CodeOf(entry.symbol, entry.security_id);
    if (!own.empty()) code = own;
    if (!code.empty()) decimals_.Survey(RowOf(code, entry));
  }
}

FixHandler::State* FixHandler::StateOf(std::string_view code) {
  if (last_state_ != nullptr && last_state_->code == code) return last_state_;
  if (code.empty()) return nullptr;
  const auto known = by_code_.find(ToAbsl(code));
  if (known != by_code_.end()) return last_state_ = known->second;
  if (states_.size() == kStatesMax) return nullptr;
  State& made = states_.emplace_back();
  made.code = std::string(code);
  by_code_.emplace(made.code, &made);
  return last_state_ = &made;
}

// With the first price or size: then its decimals can be told.
void FixHandler::Define(State& state, const Entry& entry) {
  if (state.defined || (entry.price.empty() && entry.size.empty())) return;
  state.defined = true;
  state.decimals = decimals_.Find(RowOf(state.code, entry));
  SymbolInfo info;
  info.code = state.code;
  info.name = state.code;
  info.price_decimals = state.decimals.price;
  info.quantity_decimals = state.decimals.quantity;
  info.layout = &FixLayout();
  // What the publisher refuses it has counted.
  const auto symbol = publisher_.Define(std::move(info));
  if (symbol.ok()) state.symbol = *symbol;
}

int FixHandler::On(const Message& message) {
  refused_ = 0;
  if (message.type == kSnapshot) {
    OnSnapshot(message);
  } else if (message.type == kIncremental) {
    OnIncremental(message);
  } else if (message.type == kSecurityStatus) {
    OnSecurityStatus(message);
  } else if (message.type == kTradingSessionStatus) {
    OnSessionStatus(message);
  }
  return refused_;
}

void FixHandler::OnSnapshot(const Message& message) {
  State* const state = StateOf(CodeOf(message.symbol, message.security_id));
  int64_t event_ns = EventNs(message, nullptr);
  if (state == nullptr) {
    Refuse("an entry", 55, {}, "is missing");
    return;
  }
  if (IsOfBook(message)) {
    ClearBook(*state);
    state->book_ns = event_ns;
  }
  for (const Entry& entry : message.entries) {
    event_ns = EventNs(message, &entry);
    OnEntry(*state, message, entry, event_ns);
  }
  Send(*state, event_ns);
}

void FixHandler::OnIncremental(const Message& message) {
  State* state = nullptr;
  int64_t event_ns = 0;
  std::string_view code = CodeOf(message.symbol, message.security_id);
  for (const Entry& entry : message.entries) {
    const std::string_view own = CodeOf(entry.symbol, entry.security_id);
    if (!own.empty()) code = own;
    State* its = own.empty() ? OwnerOf(entry) : nullptr;
    if (its == nullptr) {
      its = StateOf(code);
    } else {
      code = its->code;
    }
    if (its == nullptr) {
      Refuse("an entry", 55, {}, "is missing");
      continue;
    }
    if (state != nullptr && state != its) Send(*state, event_ns);
    state = its;
    event_ns = EventNs(message, &entry);
    OnEntry(*state, message, entry, event_ns);
  }
  if (state != nullptr) Send(*state, event_ns);
}

void FixHandler::OnSecurityStatus(const Message& message) {
  State* const state = StateOf(CodeOf(message.symbol, message.security_id));
  if (state == nullptr) {
    Refuse("an entry", 55, {}, "is missing");
    return;
  }
  if (!message.trading_status.has_value()) return;
  const std::string_view says = TradingOfSecurity(*message.trading_status);
  if (says.empty()) return;
  state->status = says == "unknown" ? std::string_view() : says;
  Send(*state, EventNs(message, nullptr));
}

void FixHandler::OnSessionStatus(const Message& message) {
  if (!message.session_status.has_value()) return;
  const std::string_view says = TradingOfSession(*message.session_status);
  if (says.empty()) return;
  const int64_t event_ns = EventNs(message, nullptr);
  const std::string_view code = CodeOf(message.symbol, message.security_id);
  if (!code.empty()) {
    if (State* const state = StateOf(code); state != nullptr) {
      state->session = says;
      Send(*state, event_ns);
    }
    return;
  }
  session_ = says;
  for (State& state : states_) {
    if (TradingOf(state) != state.trading) Send(state, event_ns);
  }
}

std::string_view FixHandler::TradingOf(const State& state) const {
  if (!state.status.empty() && state.status != "open") return state.status;
  const std::string_view session =
      state.session.empty() ? session_ : state.session;
  if (!session.empty()) return session;
  return state.status.empty() ? "unknown" : state.status;
}

bool FixHandler::Scale(const State& state, int tag, std::string_view text,
                       std::optional<int64_t>* value) {
  if (text.empty()) return true;
  const int places =
      tag == kMdEntryPx ? state.decimals.price : state.decimals.quantity;
  int64_t scaled = 0;
  switch (csv::ParseScaled(text, places, &scaled)) {
    case csv::Fit::kFits:
      if (tag == kMdEntrySize && scaled < 0) {
        Refuse(state.code, tag, text, "is negative");
        return false;
      }
      *value = scaled;
      return true;
    case csv::Fit::kTooFine:
      Refuse(state.code, tag, text,
             absl::StrCat("has more than the ", places,
                          " decimals of the symbol"));
      return false;
    case csv::Fit::kTooBig:
      Refuse(state.code, tag, text,
             absl::StrCat("with ", places, " decimals is beyond 64 bits"));
      return false;
    case csv::Fit::kNoDecimal:
      break;
  }
  Refuse(state.code, tag, text, "is no decimal");
  return false;
}

void FixHandler::Refuse(std::string_view code, int tag, std::string_view text,
                        std::string_view why) {
  publisher_.counters().Add(Metric::kTicksRejected);
  if (++refused_ > 1) return;
  const std::string_view name = tag == 55           ? "Symbol"
                                : tag == 269        ? "MDEntryType"
                                : tag == kMdEntryPx ? "MDEntryPx"
                                : tag == 278        ? "MDEntryID"
                                                    : "MDEntrySize";
  refusal_ = absl::StrCat(ToAbsl(name), "(", tag, ") ");
  if (!text.empty()) {
    absl::StrAppend(&refusal_, "'", ForTerminal(ShownText(text)), "' ");
  }
  absl::StrAppend(&refusal_, "of ", ForTerminal(ShownText(code)), " ",
                  ToAbsl(why));
}

void FixHandler::PutSide(State& state, Side side) {
  BookSide& its = state.book.side(side);
  const BookSide::Changed changed = its.TakeChanged();
  const size_t end = std::min<size_t>(changed.end, kDepth);
  for (size_t depth = changed.first; depth < end; ++depth) {
    const BookLevelFields f = FieldsOfLevel(static_cast<int>(depth) + 1);
    const bool there = depth < its.size();
    Put(side == Side::kBid ? f.bid : f.ask,
        there ? its.At(depth).price : kEmpty);
    Put(side == Side::kBid ? f.bid_size : f.ask_size,
        there ? its.At(depth).size : kEmpty);
  }
}

void FixHandler::Send(State& state, int64_t event_ns) {
  // Until it is defined nothing is in it but what it is told of its status.
  if (!state.defined) return;
  PutSide(state, Side::kBid);
  PutSide(state, Side::kAsk);
  if (count_ > 0) {
    Put(FieldId::kQuoteTime, state.book_ns.value_or(event_ns));
  }
  if (state.day_changed) {
    for (const FieldValue& v : state.day.Values()) values_[count_++] = v;
  }
  if (const std::string_view trading = TradingOf(state);
      trading != state.trading) {
    state.trading = trading;
    Put(FieldId::kTrading, PackText(trading));
  }
  state.day_changed = false;
  state.book_ns.reset();
  if (state.symbol.has_value()) {
    publisher_.Publish(*state.symbol, std::span(values_.data(), count_),
                       event_ns);
  }
  count_ = 0;
}

void FixHandler::RollDay(int64_t event_ns) {
  for (State& state : states_) {
    state.day.Roll();
    state.day_changed = true;
    Send(state, event_ns);
  }
}

void FixHandler::StartAgain() {
  owners_.clear();
  session_ = {};
  for (State& state : states_) {
    state.book.Clear();
    for (const Side side : {Side::kBid, Side::kAsk}) {
      state.book.side(side).TakeChanged();
    }
    state.day = StatedDay();
    state.status = state.session = {};
    state.trading = "unknown";
    state.day_changed = false;
    state.book_ns.reset();
  }
}

void FixHandler::Ignore(int64_t* kind) {
  ++*kind;
  publisher_.counters().Add(Metric::kFeedMessagesIgnored);
}

}  // namespace streamhub::fix
