// ITCH framing, decoding, books and ticks over any bytes: no crash, and after
// every message each level is the sum of its orders, levels are in order, and
// the market's cache holds the ten best. The first byte says in pieces of what
// size the rest arrives.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "feeds/itch/decoder.h"
#include "feeds/itch/framing.h"
#include "feeds/itch/itch_handler.h"
#include "feeds/publisher.h"
#include "gateway/base/check.h"
#include "gateway/base/clock.h"
#include "gateway/market/market.h"

namespace {

using streamhub::FieldId;
using streamhub::kEmpty;
using streamhub::itch::BookSide;
using streamhub::itch::Decoded;
using streamhub::itch::FrameReader;
using streamhub::itch::ItchHandler;
using streamhub::itch::Level;
using streamhub::itch::OrderBooks;
using streamhub::itch::Side;

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

// Remembers the name of each book, which the handler numbers as they appear.
class Checker {
 public:
  explicit Checker(streamhub::Publisher& publisher) : handler(publisher) {
    handler.StartDay(1);
  }

  template <typename T>
  void On(const T& message) {
    handler.On(message);
    if constexpr (requires { message.stock; }) {
      const std::string code{streamhub::itch::StockCode(message.stock)};
      if (handler.books().books() > codes.size()) codes.push_back(code);
    }
  }

  ItchHandler handler;
  std::vector<std::string> codes;
};

void CheckBooks(const OrderBooks& books) {
  std::map<std::tuple<OrderBooks::BookId, Side, uint32_t>, Level> sums;
  books.ForEachOrder([&](uint64_t, OrderBooks::BookId book, Side side,
                         uint32_t shares, uint32_t price) {
    STREAMHUB_CHECK(shares > 0);
    Level& level = sums[{book, side, price}];
    level.price = price;
    ++level.orders;
    level.shares += shares;
  });
  size_t levels = 0;
  for (OrderBooks::BookId book = 0; book < books.books(); ++book) {
    for (const Side side : {Side::kBuy, Side::kSell}) {
      const BookSide& s = books.side(book, side);
      for (size_t i = 0; i < s.size(); ++i, ++levels) {
        const Level level = s.At(i);
        const auto it = sums.find({book, side, level.price});
        STREAMHUB_CHECK(it != sums.end() && it->second == level);
        if (i == 0) continue;
        const uint32_t better = s.At(i - 1).price;
        STREAMHUB_CHECK(side == Side::kBuy ? better > level.price
                                           : better < level.price);
      }
    }
  }
  STREAMHUB_CHECK(levels == sums.size());
}

void CheckQuotes(const streamhub::Market& market, const Checker& checker) {
  const auto& layout = streamhub::BookLayout();
  for (OrderBooks::BookId book = 0; book < checker.codes.size(); ++book) {
    const auto id = market.symbols().Find(checker.codes[book]);
    if (!id.has_value()) continue;  // refused: a bad name, or too many
    streamhub::QuoteView view;
    STREAMHUB_CHECK(market.cache().Read(*id, layout.all(), &view));
    for (size_t i = 0; i < 10; ++i) {
      const auto f = streamhub::FieldsOfLevel(static_cast<int>(i) + 1);
      const std::array<std::tuple<Side, FieldId, FieldId>, 2> sides = {
          {{Side::kBuy, f.bid, f.bid_size}, {Side::kSell, f.ask, f.ask_size}}};
      for (const auto& [side, price, size] : sides) {
        const BookSide& s = checker.handler.books().side(book, side);
        const bool there = i < s.size();
        STREAMHUB_CHECK(view.value[layout.PositionOf(price)] ==
                        (there ? int64_t{s.At(i).price} : kEmpty));
        STREAMHUB_CHECK(
            view.value[layout.PositionOf(size)] ==
            (there ? static_cast<int64_t>(s.At(i).shares) : kEmpty));
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t piece = size_t{data[0]} + 1;
  std::span<const uint8_t> left(data + 1, size - 1);

  // A market costs a million stores to make: it is kept, as an epoch of which
  // nothing is left, until it is full of names.
  static std::unique_ptr<Rim> rim;
  if (rim == nullptr || rim->market.symbols().size() == kSymbolsMax) {
    rim = std::make_unique<Rim>();
  }
  rim->publisher.StartEpoch();
  Checker checker(rim->publisher);
  FrameReader frames;
  size_t given_out = 0;
  while (true) {
    std::span<const uint8_t> message;
    switch (frames.Read(&message)) {
      case FrameReader::Next::kMessage:
        STREAMHUB_CHECK(!message.empty() && message.size() <= 255);
        STREAMHUB_CHECK(frames.offset() == given_out);
        given_out += message.size() + 2;
        if (streamhub::itch::Decode(message, checker) == Decoded::kHandled) {
          CheckBooks(checker.handler.books());
          CheckQuotes(rim->market, checker);
        }
        break;
      case FrameReader::Next::kNeedMore: {
        const auto room = frames.Room();
        const size_t count = std::min({piece, left.size(), room.size()});
        if (count == 0) frames.Finish();
        std::copy_n(left.begin(), count, room.begin());
        frames.Filled(count);
        left = left.subspan(count);
        break;
      }
      case FrameReader::Next::kEnd:
        STREAMHUB_CHECK(frames.status().ok() && size - 1 - given_out <= 2);
        return 0;
      case FrameReader::Next::kDamaged:
        STREAMHUB_CHECK(!frames.status().ok() && given_out < size);
        return 0;
    }
  }
}
