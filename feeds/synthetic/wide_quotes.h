// Quotes of any width for measurements: of every symbol so many fields, and of
// every tick so many changes. Bid and ask move as the market says; the other
// fields are written in turn, each with a plausible value that differs from its
// last one, so that a tick changes exactly as many fields as were asked for.
// What is written in turn is of different moments: levels of a book may cross.
// `trading` is not touched. Pure; belongs to its market.

#ifndef STREAMHUB_FEEDS_SYNTHETIC_WIDE_QUOTES_H_
#define STREAMHUB_FEEDS_SYNTHETIC_WIDE_QUOTES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "feeds/synthetic/synthetic_symbols.h"
#include "gateway/market/layout.h"

namespace streamhub {

class WideQuotes {
 public:
  // `trading`, bid and ask with their sizes; the two that every tick moves.
  static constexpr int kFieldsMin = 5;
  static constexpr int kChangesMin = 2;

  // The layout of all symbols is the first `fields` of the dictionary,
  // kFieldsMin to 64. Of them `changes` change with every tick, kChangesMin to
  // fields - 1.
  WideQuotes(size_t symbols, int fields, int changes);

  const Layout& layout() const { return layout_; }

  // What a tick at `now_ns` moves bid and ask to, in grid steps.
  struct Move {
    int64_t bid, ask;
    int64_t now_ns;
  };

  // Every field but `trading`, to begin with. `append` takes field and value.
  template <typename Append>
  void Fill(size_t symbol, const Instrument& made, const Move& move,
            const Append& append) {
    Write(symbol, made, move, layout_.size() - 1, append);
  }

  // One tick: bid and ask, and the next ones in turn.
  template <typename Append>
  void Tick(size_t symbol, const Instrument& made, const Move& move,
            const Append& append) {
    Write(symbol, made, move, changes_, append);
  }

 private:
  template <typename Append>
  void Write(size_t symbol, const Instrument& made, const Move& move, int count,
             const Append& append) {
    append(FieldId::kBid, move.bid * made.tick);
    append(FieldId::kAsk, move.ask * made.tick);
    for (int i = kChangesMin; i < count; ++i) {
      const Other& other = TakeTurn(symbol);
      append(other.field, NextValue(symbol, made, move, other));
    }
  }

  // A field that is neither bid, ask nor `trading`.
  struct Other {
    FieldId field;
    FieldKind kind;
    int position;
    int level;  // of the book, if it is a price of one; else 0
    int side;   // where prices get worse: -1 the bids', 1 the asks'
  };

  // The one whose turn it is.
  const Other& TakeTurn(size_t symbol);
  int64_t NextValue(size_t symbol, const Instrument& made, const Move& move,
                    const Other& other);

  const Layout& layout_;
  const int changes_;
  std::vector<Other> others_;
  std::vector<uint8_t> turns_;   // by symbol: index into others_
  std::vector<int64_t> values_;  // by symbol and field, as written last
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_SYNTHETIC_WIDE_QUOTES_H_
