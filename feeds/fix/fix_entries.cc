// What each type of entry does to its instrument.

#include <optional>
#include <string_view>

#include "feeds/fix/fix_handler.h"
#include "gateway/base/utf8.h"

namespace streamhub::fix {
namespace {

// By OpenCloseSettlFlag(286): expected, or theoretical.
bool IsTheoretical(const Entry& entry) {
  return entry.flag.find_first_of("35") != entry.flag.npos;
}

// One that clients cannot be told is left out.
std::string_view IdOf(const Entry& entry) {
  constexpr size_t kIdBytesMax = 64;
  const std::string_view id =
      entry.trade_id.empty() ? entry.id : entry.trade_id;
  return id.size() <= kIdBytesMax && IsValidUtf8(id) ? id : std::string_view();
}

Taker TakerOf(const Entry& entry) {
  return entry.aggressor == '1'   ? Taker::kBuyer
         : entry.aggressor == '2' ? Taker::kSeller
                                  : Taker::kUnknown;
}

}  // namespace

void FixHandler::OnEntry(State& state, const Message& message,
                         const Entry& entry, int64_t event_ns) {
  Define(state, entry);
  switch (entry.type.size() == 1 ? entry.type[0]
          : entry.type.empty()   ? ' '
                                 : '?') {
    case ' ':
      return OnBook(state, message, entry, std::nullopt, event_ns);
    case '0':
      return OnBook(state, message, entry, Side::kBid, event_ns);
    case '1':
      return OnBook(state, message, entry, Side::kAsk, event_ns);
    case '2':
      return OnTrade(state, message, entry, event_ns);
    case '3':
      return OnIndex(state, entry, event_ns);
    case '4':
      return OnStated(state, entry, FieldId::kOpen);
    case '5':
      return OnClose(state, entry);
    case '6':
      return OnStated(state, entry, FieldId::kSettlement);
    case '7':
      return OnStated(state, entry, FieldId::kHigh);
    case '8':
      return OnStated(state, entry, FieldId::kLow);
    case '9':
      return OnStated(state, entry, FieldId::kVwap);
    case 'B':
      return OnStated(state, entry, FieldId::kVolume);
    case 'C':
      return OnStated(state, entry, FieldId::kOpenInterest);
    case 'J':
      ClearBook(state);
      state.book_ns = event_ns;
      return;
    default:
      ++ignored_.other_types;
  }
}

void FixHandler::OnBook(State& state, const Message& message,
                        const Entry& entry, std::optional<Side> side,
                        int64_t event_ns) {
  const bool snapshot = message.type == kSnapshot;
  PriceBook::Change change;
  change.action = snapshot ? Action::kNew : entry.action;
  change.side = side;
  change.id = entry.id;
  change.ref_id = entry.ref_id;
  change.level = entry.level;
  change.top = message.top_of_book;
  change.more = snapshot;
  if (!Scale(state, kMdEntryPx, entry.price, &change.price) ||
      !Scale(state, kMdEntrySize, entry.size, &change.size)) {
    return;
  }
  switch (state.book.Apply(change)) {
    case PriceBook::Result::kDone:
      state.book_ns = event_ns;
      break;
    case PriceBook::Result::kUnknown:
      Ignore(&ignored_.unknown);
      return;
    case PriceBook::Result::kNoSide:
      // Of an id that is not there, as what it was is not known either.
      if (!entry.id.empty() || !entry.ref_id.empty()) {
        Ignore(&ignored_.unknown);
      } else {
        Refuse(state.code, 269, {}, "is missing");
      }
      return;
    case PriceBook::Result::kNoPrice:
      Refuse(state.code, kMdEntryPx, {}, "is missing");
      return;
    case PriceBook::Result::kIdTooLong:
      Refuse(state.code, 278, entry.id.empty() ? entry.ref_id : entry.id,
             "is too long");
      return;
    case PriceBook::Result::kTooBig:
      Refuse(state.code, kMdEntrySize, entry.size, "makes the level too big");
      Disown(entry.ref_id.empty() ? entry.id : entry.ref_id, state);
      return;
  }
  if (change.level > 0 || change.top) return;
  if (!entry.ref_id.empty() && entry.ref_id != entry.id) {
    Disown(entry.ref_id, state);
  }
  const std::string_view id = entry.id.empty() ? entry.ref_id : entry.id;
  if (id.empty()) return;
  if (change.action == Action::kDelete) {
    Disown(id, state);
  } else {
    Own(id, state);
  }
}

void FixHandler::OnTrade(State& state, const Message& message,
                         const Entry& entry, int64_t event_ns) {
  std::optional<int64_t> price;
  std::optional<int64_t> size;
  if (!Scale(state, kMdEntryPx, entry.price, &price) ||
      !Scale(state, kMdEntrySize, entry.size, &size)) {
    return;
  }
  const bool snapshot = message.type == kSnapshot;
  if (!snapshot && entry.action == Action::kDelete) {
    const std::string_view id = IdOf(entry);
    if (state.symbol.has_value() && !id.empty()) {
      publisher_.Report(*state.symbol, {.id = id, .cancelled = true}, event_ns);
    }
    return;
  }
  if (!snapshot && entry.action != Action::kNew) {
    Ignore(&ignored_.trades_changed);
    return;
  }
  if (!price.has_value()) {
    Refuse(state.code, kMdEntryPx, {}, "is missing");
    return;
  }
  if (snapshot) {
    state.day.Last(*price, size.value_or(kEmpty), event_ns);
  } else if (!state.day.Trade(*price, size.value_or(kEmpty), event_ns)) {
    Refuse(state.code, kMdEntrySize, entry.size,
           "makes the day's volume too big");
    return;
  }
  state.day_changed = true;
  if (snapshot || !state.symbol.has_value()) return;
  publisher_.Report(*state.symbol,
                    {.price = *price,
                     .size = size.value_or(kEmpty),
                     .taker = TakerOf(entry),
                     .id = IdOf(entry)},
                    event_ns);
}

void FixHandler::OnIndex(State& state, const Entry& entry, int64_t event_ns) {
  std::optional<int64_t> price;
  if (!Scale(state, kMdEntryPx, entry.price, &price)) return;
  if (entry.action == Action::kDelete) {
    Ignore(&ignored_.trades_changed);
  } else if (!price.has_value()) {
    Refuse(state.code, kMdEntryPx, {}, "is missing");
  } else {
    state.day.Index(*price, event_ns);
    state.day_changed = true;
  }
}

void FixHandler::OnStated(State& state, const Entry& entry, FieldId field) {
  if (IsTheoretical(entry)) {
    ++ignored_.other_types;
    return;
  }
  const bool price = KindOf(field) == FieldKind::kPrice;
  const int tag = price ? kMdEntryPx : kMdEntrySize;
  std::optional<int64_t> value;
  if (!Scale(state, tag, price ? entry.price : entry.size, &value)) return;
  if (entry.action == Action::kDelete) {
    value = kEmpty;
  } else if (!value.has_value()) {
    Refuse(state.code, tag, {}, "is missing");
    return;
  }
  state.day.State(field, *value);
  state.day_changed = true;
}

void FixHandler::OnClose(State& state, const Entry& entry) {
  if (IsTheoretical(entry)) {
    ++ignored_.other_types;
    return;
  }
  std::optional<int64_t> price;
  if (!Scale(state, kMdEntryPx, entry.price, &price)) return;
  if (entry.action == Action::kDelete) {
    Ignore(&ignored_.trades_changed);
  } else if (!price.has_value()) {
    Refuse(state.code, kMdEntryPx, {}, "is missing");
  } else {
    state.day.Close(*price, entry.flag.find('4') != entry.flag.npos);
    state.day_changed = true;
  }
}

void FixHandler::ClearBook(State& state) {
  state.book.ForEachId([&](const EntryId& id) {
    const auto it = owners_.find(id);
    if (it != owners_.end() && it->second == &state) owners_.erase(it);
  });
  state.book.Clear();
}

void FixHandler::Own(std::string_view id, State& state) {
  owners_[EntryId(id)] = &state;
}

// The book has approved of the id's length.
void FixHandler::Disown(std::string_view id, const State& state) {
  const auto it = owners_.find(EntryId(id));
  if (it != owners_.end() && it->second == &state) owners_.erase(it);
}

// Null: no entry of that id is there.
FixHandler::State* FixHandler::OwnerOf(const Entry& entry) {
  const std::string_view id = entry.ref_id.empty() ? entry.id : entry.ref_id;
  if (entry.action == Action::kNew || id.empty() ||
      id.size() > EntryId::kBytesMax) {
    return nullptr;
  }
  const auto it = owners_.find(EntryId(id));
  return it == owners_.end() ? nullptr : it->second;
}

}  // namespace streamhub::fix
