// One instrument's book as FIX market data entries build it: by entry id, by
// level number, or by price alone, whatever the entries bring. Knows nothing of
// FIX's bytes or of publishing. A book may be crossed: that is data. One
// thread.
//
// By "FIX 5.0 SP2", volume 3, "Market Data" ("FIX 4.4" likewise, without
// levels):
// - With MDPriceLevel(1023): New is put in there and moves worse levels down,
//   Change and Overlay set it, Delete takes it out. A side keeps no more levels
//   than the highest number that was used for it: venues do not delete what is
//   pushed out. DeleteThru: this level and all better ones; DeleteFrom: and all
//   worse ones.
// - Else with MDEntryID(278) or MDEntryRefID(280): one entry each; what a
//   Change does not say stays. Entries of one price are one level, their sizes
//   added. A New with an id that is there replaces that entry, a Change of an
//   unknown one is new if it says side and price.
// - Else by price: New and Change set the level of that price. A Change of
//   another price moves the level if it is the only one of its side: such feeds
//   have one level. A Delete without a price takes the only one out.
// - If MDBookType(1021) says that there is one level only, each entry replaces
//   it.

#ifndef STREAMHUB_FEEDS_FIX_PRICE_BOOK_H_
#define STREAMHUB_FEEDS_FIX_PRICE_BOOK_H_

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/fix/messages.h"
#include "gateway/market/field.h"

namespace streamhub::fix {

enum class Side : uint8_t { kBid, kAsk };

struct Level {
  int64_t price = 0;
  int64_t size = kEmpty;  // of all its entries; kEmpty: none of them tells
  uint32_t entries = 1;

  friend bool operator==(const Level&, const Level&) = default;
};

// The levels of one side, the best first.
class BookSide {
 public:
  static constexpr size_t kNone = ~size_t{0};

  explicit BookSide(Side side) : side_(side) {}

  size_t size() const { return levels_.size(); }
  const Level& At(size_t depth) const { return levels_[depth]; }

  // kNone: there is no level of that price.
  size_t Find(int64_t price) const;

  // By price. Add: one more entry, false if its level's size would not fit.
  // Take: one less, if there is such a level. Set: the level has that size.
  bool Add(int64_t price, int64_t size);
  void Take(int64_t price, int64_t size);
  void Set(int64_t price, int64_t size);

  // By number, from 0. False if the levels before it are not there.
  bool InsertAt(size_t depth, int64_t price, int64_t size);
  bool SetAt(size_t depth, int64_t price, int64_t size);

  // Of those there are. `end` may be beyond them.
  bool Erase(size_t first, size_t end);

  void Clear() { Erase(0, levels_.size()); }

  // Levels `first` up to `end` may differ from what they were at the last call.
  struct Changed {
    size_t first;
    size_t end;
  };
  Changed TakeChanged() { return std::exchange(changed_, {kNone, 0}); }

 private:
  void Touch(size_t first, size_t end) {
    if (first < changed_.first) changed_.first = first;
    if (end > changed_.end) changed_.end = end;
  }
  bool IsBetter(int64_t a, int64_t b) const {
    return side_ == Side::kBid ? a > b : a < b;
  }
  size_t PlaceOf(int64_t price) const;
  void Insert(size_t depth, const Level& level);

  const Side side_;
  std::vector<Level> levels_;
  // Levels came by number: then the venue says their order.
  bool numbered_ = false;
  size_t numbers_ = 0;  // the highest one
  Changed changed_ = {kNone, 0};
};

// MDEntryID, in place.
class EntryId {
 public:
  static constexpr size_t kBytesMax = 47;

  // `text` has at most kBytesMax bytes.
  explicit EntryId(std::string_view text)
      : size_(static_cast<uint8_t>(text.size())) {
    text.copy(text_.data(), text_.size());
  }

  friend bool operator==(const EntryId&, const EntryId&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const EntryId& id) {
    return H::combine(
        H::combine_contiguous(std::move(h), id.text_.data(), id.size_),
        id.size_);
  }

 private:
  std::array<char, kBytesMax> text_ = {};
  uint8_t size_;
};

class PriceBook {
 public:
  struct Change {
    Action action = Action::kNew;
    std::optional<Side> side;  // none: the entry's id says it
    std::string_view id;
    std::string_view ref_id;
    int level = 0;  // from 1; 0: none
    std::optional<int64_t> price;
    std::optional<int64_t> size;
    bool top = false;   // there is one level only
    bool more = false;  // of a snapshot: entries of one price add up
  };

  enum class Result {
    kDone,
    kUnknown,    // refers to nothing that is there
    kNoSide,     // says neither bid nor offer, nor an id that does
    kNoPrice,    // puts something in without one
    kIdTooLong,  // more than EntryId::kBytesMax
    kTooBig,     // its level's size would not fit 64 bits: it is left out
  };

  Result Apply(const Change& change);

  void Clear();

  bool Has(const EntryId& id) const { return entries_.contains(id); }

  // Of the entries by id, visit(id), in no order.
  template <typename Visit>
  void ForEachId(Visit visit) const {
    for (const auto& [id, entry] : entries_) visit(id);
  }

  const BookSide& side(Side side) const {
    return side == Side::kBid ? bids_ : asks_;
  }
  BookSide& side(Side side) { return side == Side::kBid ? bids_ : asks_; }

 private:
  struct Resting {
    Side side;
    int64_t price;
    int64_t size;
  };

  Result ByLevel(const Change& change, BookSide& side);
  Result ById(const Change& change);
  Result ByPrice(const Change& change, BookSide& side);

  BookSide bids_{Side::kBid};
  BookSide asks_{Side::kAsk};
  absl::flat_hash_map<EntryId, Resting> entries_;
};

}  // namespace streamhub::fix

#endif  // STREAMHUB_FEEDS_FIX_PRICE_BOOK_H_
