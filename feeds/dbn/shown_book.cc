#include "feeds/dbn/shown_book.h"

namespace streamhub::dbn {
namespace {

struct LevelFields {
  FieldId price, size;
};

const LevelFields& FieldsOf(Side side, size_t depth) {
  static const auto both = [] {
    std::array<std::array<LevelFields, ShownBook::kDepth>, 2> made;
    for (size_t i = 0; i < ShownBook::kDepth; ++i) {
      const BookLevelFields f = FieldsOfLevel(static_cast<int>(i) + 1);
      made[static_cast<size_t>(Side::kBid)][i] = {f.bid, f.bid_size};
      made[static_cast<size_t>(Side::kAsk)][i] = {f.ask, f.ask_size};
    }
    return made;
  }();
  return both[static_cast<size_t>(side)][depth];
}

}  // namespace

bool ShownBook::Show(Side side, size_t depth, const ShownLevel& level,
                     TickValues* tick) {
  ShownLevel& shown = levels_[static_cast<size_t>(side)][depth];
  if (shown == level) return false;
  const LevelFields& fields = FieldsOf(side, depth);
  if (shown.price != level.price) tick->Put(fields.price, level.price);
  if (shown.size != level.size) tick->Put(fields.size, level.size);
  shown = level;
  return true;
}

void ShownBook::ShowOrders(Side side, int64_t orders, TickValues* tick) {
  int64_t& shown = orders_[static_cast<size_t>(side)];
  if (shown == orders) return;
  shown = orders;
  tick->Put(side == Side::kBid ? FieldId::kBidCount : FieldId::kAskCount,
            orders);
}

}  // namespace streamhub::dbn
