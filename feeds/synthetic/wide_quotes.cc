#include "feeds/synthetic/wide_quotes.h"

#include "gateway/base/check.h"

namespace streamhub {

WideQuotes::WideQuotes(size_t symbols, int fields, int changes)
    : layout_(DictionaryLayout(fields)), changes_(changes) {
  STREAMHUB_CHECK(fields >= kFieldsMin && changes >= kChangesMin &&
                  changes < fields);
  for (int i = 0; i < layout_.size(); ++i) {
    const FieldId field = layout_.field(i);
    if (field == FieldId::kBid || field == FieldId::kAsk) continue;
    if (KindOf(field) == FieldKind::kText) continue;
    Other other{field, KindOf(field), i, 0, 1};
    for (int level = 2; level <= 10; ++level) {
      const BookLevelFields book = FieldsOfLevel(level);
      if (field != book.bid && field != book.ask) continue;
      other.level = level;
      other.side = field == book.bid ? -1 : 1;
    }
    others_.push_back(other);
  }
  turns_.resize(symbols);
  values_.resize(symbols * static_cast<size_t>(fields), kEmpty);
}

const WideQuotes::Other& WideQuotes::TakeTurn(size_t symbol) {
  uint8_t& turn = turns_[symbol];
  const Other& other = others_[turn];
  turn = static_cast<uint8_t>((turn + 1u) % others_.size());
  return other;
}

int64_t WideQuotes::NextValue(size_t symbol, const Instrument& made,
                              const Move& move, const Other& other) {
  const auto position = static_cast<size_t>(other.position);
  int64_t& value =
      values_[symbol * static_cast<size_t>(layout_.size()) + position];
  const int64_t last = value;
  switch (other.kind) {
    case FieldKind::kPrice: {
      const int64_t best = other.side < 0 ? move.bid : move.ask;
      const int64_t away = other.level == 0
                               ? other.position % 16
                               : (other.level - 1) * made.level_gap;
      value = (best + other.side * away) * made.tick;
      if (value == last) value += other.side * made.tick;
      break;
    }
    case FieldKind::kQuantity: {
      const uint64_t bits =
          MixBits(static_cast<uint64_t>(move.now_ns) ^ position << 56);
      value = static_cast<int64_t>(1 + bits % made.lots_max) * made.lot;
      if (value == last) value += made.lot;
      break;
    }
    case FieldKind::kTime:
      value = move.now_ns != last ? move.now_ns : last + 1;
      break;
    case FieldKind::kText:
      STREAMHUB_CHECK(false);  // none is among others_
  }
  return value;
}

}  // namespace streamhub
