// DBN streams, records, books and ticks over any bytes: no crash; what is cut
// out is whole; records that are written again are the same bytes; after every
// record each level is the sum of its orders and levels are in order; after
// every event of orders the market's cache holds the ten best. The first byte
// says in pieces of what size the rest arrives.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "feeds/dbn/dbn_handler.h"
#include "feeds/dbn/decoder.h"
#include "feeds/dbn/price_scale.h"
#include "feeds/dbn/stream_reader.h"
#include "feeds/dbn/symbol_names.h"
#include "feeds/dbn/writer.h"
#include "feeds/publisher.h"
#include "gateway/base/check.h"
#include "gateway/base/clock.h"
#include "gateway/market/market.h"

namespace {

using streamhub::FieldId;
using streamhub::kEmpty;
using streamhub::dbn::BookSide;
using streamhub::dbn::DbnHandler;
using streamhub::dbn::DecimalsSurvey;
using streamhub::dbn::Decoded;
using streamhub::dbn::Form;
using streamhub::dbn::Level;
using streamhub::dbn::OrderBook;
using streamhub::dbn::PriceScale;
using streamhub::dbn::Side;
using streamhub::dbn::StreamReader;
using streamhub::dbn::SymbolNames;

constexpr size_t kSymbolsMax = 8;

struct Rim {
  Rim() : publisher(market, AddFeed(), counters, streamhub::SystemClock()) {}

  streamhub::FeedId AddFeed() {
    streamhub::FeedInfo info;
    info.name = "replay";
    return market.AddFeed(info);
  }

  streamhub::Market market{"live", kSymbolsMax, 1};
  streamhub::Counters counters;
  streamhub::Publisher publisher;
};

void CheckBook(const OrderBook& book) {
  std::map<std::pair<Side, int64_t>, Level> sums;
  book.ForEachOrder([&](uint64_t, Side side, int64_t price, uint32_t size) {
    STREAMHUB_CHECK(size > 0);
    Level& level = sums[{side, price}];
    level.price = price;
    level.size += size;
    ++level.orders;
  });
  size_t levels = 0;
  for (const Side side : {Side::kBid, Side::kAsk}) {
    const BookSide& s = book.side(side);
    for (size_t i = 0; i < s.size(); ++i, ++levels) {
      const Level level = s.At(i);
      const auto it = sums.find({side, level.price});
      STREAMHUB_CHECK(it != sums.end() && it->second == level);
      if (i == 0) continue;
      const int64_t better = s.At(i - 1).price;
      STREAMHUB_CHECK(side == Side::kBid ? better > level.price
                                         : better < level.price);
    }
  }
  STREAMHUB_CHECK(levels == sums.size());
}

// Of a symbol whose event is over: the best ten of those that can be shown.
void CheckQuote(const streamhub::Market& market, streamhub::SymbolId id,
                const OrderBook& book) {
  const streamhub::SymbolInfo& info = market.symbols().Get(id);
  const PriceScale scale(info.price_decimals);
  streamhub::QuoteView view;
  STREAMHUB_CHECK(market.cache().Read(id, info.layout->all(), &view));
  for (const Side side : {Side::kBid, Side::kAsk}) {
    const BookSide& levels = book.side(side);
    size_t depth = 0;
    for (int i = 1; i <= 10; ++i, ++depth) {
      int64_t price = kEmpty;
      while (depth < levels.size() &&
             !scale.Scale(levels.At(depth).price, &price)) {
        ++depth;
      }
      const int64_t size = depth < levels.size()
                               ? static_cast<int64_t>(levels.At(depth).size)
                               : kEmpty;
      const auto f = streamhub::FieldsOfLevel(i);
      const bool bid = side == Side::kBid;
      STREAMHUB_CHECK(
          view.value[info.layout->PositionOf(bid ? f.bid : f.ask)] == price);
      STREAMHUB_CHECK(
          view.value[info.layout->PositionOf(bid ? f.bid_size : f.ask_size)] ==
          size);
    }
  }
}

// Hands records on, and looks at what became of them.
class Checker {
 public:
  Checker(Rim& rim, const streamhub::dbn::Metadata& metadata)
      : rim_(rim),
        form_(FormOf(metadata)),
        handler_(rim.publisher),
        refused_(RefusedSoFar()) {
    handler_.Use(handler_.Open(metadata));
    names_.Add(metadata);
    bars_ = metadata.schema == 5 || metadata.schema == 6 ||
            metadata.schema == 7 || metadata.schema == 8 ||
            metadata.schema == 13;
  }

  void Read(std::span<const uint8_t> record) {
    const Decoded decoded = Decode(record, form_, handler_.survey());
    record_ = {reinterpret_cast<const char*>(record.data()), record.size()};
    STREAMHUB_CHECK(Decode(record, form_, *this) == decoded);
    if (decoded == Decoded::kBadSize) {
      STREAMHUB_CHECK(!DescribeBadSize(record, form_).empty());
    }
    if (decoded != Decoded::kHandled) return;
    handler_.ForEachBook(
        [](std::string_view, const OrderBook& book) { CheckBook(book); });
  }

  void On(const streamhub::dbn::Mbo& m) {
    CheckSame(m);
    Give(m.head.instrument, m);
    if ((m.flags & streamhub::dbn::kLastOfEvent) == 0) return;
    const std::string name = NameOf(m.head, m.ts_recv);
    const OrderBook* const book = handler_.FindBook(name);
    STREAMHUB_CHECK(book != nullptr);
    const auto id = rim_.market.symbols().Find(name);
    // Refused: a bad name or currency, or too many. The market may have the
    // symbol from an input before.
    if (id.has_value() && !Refused() && book->orders() > 0) {
      CheckQuote(rim_.market, *id, *book);
    }
  }
  void On(const streamhub::dbn::Trade& m) {
    CheckSame(m);
    Give(m.head.instrument, m);
  }
  template <size_t kLevels>
  void On(const streamhub::dbn::Mbp<kLevels>& m) {
    CheckSame(m);
    Give(m.change.head.instrument, m);
  }
  void On(const streamhub::dbn::Cmbp1& m) { Give(m.change.head.instrument, m); }
  void On(const streamhub::dbn::Ohlcv& m) {
    CheckSame(m);
    handler_.On(m);
    if (bars_) seen_.insert(m.head.instrument);
  }
  void On(const streamhub::dbn::Definition& m) {
    if (!seen_.contains(m.head.instrument)) names_.Learn(m);
    Give(m.head.instrument, m);
  }
  void On(const streamhub::dbn::SymbolMapping& m) {
    names_.Set(m);
    seen_.erase(m.head.instrument);
    handler_.On(m);
  }
  void On(const streamhub::dbn::SystemMessage& m) { handler_.On(m); }
  void On(const streamhub::dbn::ErrorMessage& m) { handler_.On(m); }
  template <typename T>
  void On(const T& m) {
    Give(m.head.instrument, m);
  }

 private:
  int64_t RefusedSoFar() const {
    return rim_.counters.Get(streamhub::Metric::kSymbolsRefused);
  }
  bool Refused() const { return RefusedSoFar() != refused_; }

  template <typename T>
  void Give(uint32_t instrument, const T& m) {
    handler_.On(m);
    seen_.insert(instrument);
  }

  // All bytes of such a record are in its struct.
  template <typename T>
  void CheckSame(const T& m) {
    if (form_.ts_out) return;
    std::string again;
    Append(m, form_, &again);
    STREAMHUB_CHECK(again == record_);
  }

  std::string NameOf(const streamhub::dbn::Head& head, uint64_t ts_recv) const {
    const uint64_t ns =
        ts_recv == streamhub::dbn::kUndefinedTime ? head.ts_event : ts_recv;
    constexpr auto kMax =
        static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    return names_
        .Find(head.instrument, ns > kMax ? 0 : static_cast<int64_t>(ns))
        .text;
  }

  Rim& rim_;
  const Form form_;
  DbnHandler handler_;
  SymbolNames names_;
  bool bars_ = false;        // that count
  std::set<uint32_t> seen_;  // that have a symbol
  std::string_view record_;  // at hand
  const int64_t refused_;    // symbols, before this input
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t piece = size_t{data[0]} + 1;
  std::span<const uint8_t> left(data + 1, size - 1);

  // A market costs a million stores to make: it is kept, as an epoch of which
  // nothing is left, until it is full of names.
  static std::unique_ptr<Rim> rim;
  if (rim == nullptr || rim->market.symbols().size() >= kSymbolsMax) {
    rim = std::make_unique<Rim>();
  }
  rim->publisher.StartEpoch();
  std::unique_ptr<Checker> checker;
  StreamReader frames;
  size_t given_out = 0;
  while (true) {
    std::span<const uint8_t> record;
    switch (frames.Read(&record)) {
      case StreamReader::Next::kMetadata:
        STREAMHUB_CHECK(checker == nullptr && frames.offset() == 0);
        checker = std::make_unique<Checker>(*rim, frames.metadata());
        given_out = 8 + (size_t{data[5]} | size_t{data[6]} << 8 |
                         size_t{data[7]} << 16 | size_t{data[8]} << 24);
        break;
      case StreamReader::Next::kRecord:
        STREAMHUB_CHECK(checker != nullptr && frames.offset() == given_out);
        STREAMHUB_CHECK(record.size() >= 16 && record.size() % 4 == 0);
        given_out += record.size();
        checker->Read(record);
        break;
      case StreamReader::Next::kNeedMore: {
        const auto room = frames.Room();
        const size_t count = std::min({piece, left.size(), room.size()});
        if (count == 0) frames.Finish();
        std::copy_n(left.begin(), count, room.begin());
        frames.Filled(count);
        left = left.subspan(count);
        break;
      }
      case StreamReader::Next::kEnd:
        STREAMHUB_CHECK(frames.status().ok() && size - 1 == given_out);
        return 0;
      case StreamReader::Next::kDamaged:
        STREAMHUB_CHECK(!frames.status().ok() && given_out < size);
        return 0;
    }
  }
}
