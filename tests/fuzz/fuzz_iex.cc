// IEX-TP segments, their sequence, messages, books and ticks over any bytes:
// no crash; every segment and message is counted once; after each complete
// event the market's cache holds the ten best levels of a naive book. The first
// byte chooses one of two markets, the rest are payloads, each after its length
// in two bytes.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "feeds/iex/iex_handler.h"
#include "feeds/iex/receiver.h"
#include "feeds/publisher.h"
#include "gateway/base/check.h"
#include "gateway/base/clock.h"
#include "gateway/market/market.h"

namespace {

using streamhub::FieldId;
using streamhub::kEmpty;
using streamhub::iex::IexHandler;
using streamhub::iex::PriceLevel;
using streamhub::iex::PriceLevels;
using streamhub::iex::Receiver;
using streamhub::iex::RunStart;
using streamhub::iex::Side;
using streamhub::iex::Symbol;

constexpr size_t kSymbolsMax = 8;

struct Rim {
  Rim() : publisher(market, AddFeed(), counters, streamhub::SystemClock(), 4) {}

  streamhub::FeedId AddFeed() {
    streamhub::FeedInfo info;
    info.name = "iex";
    return market.AddFeed(info);
  }

  streamhub::Market market{"live", kSymbolsMax, 1};
  streamhub::Counters counters;
  streamhub::Publisher publisher;
};

class Checker {
 public:
  explicit Checker(Rim& rim) : handler(rim.publisher), rim_(rim) {}

  template <typename T>
  void On(const T& m) {
    handler.On(m);
  }
  void On(const RunStart& m) {
    if (session_ != m.session) books_.clear();
    session_ = m.session;
    deep_ = m.protocol == streamhub::iex::Protocol::kDeep;
    handler.On(m);
  }
  void On(const PriceLevel& m) {
    handler.On(m);
    if (!deep_) return;
    auto& levels = books_[m.symbol][static_cast<size_t>(m.side)];
    if (m.size == 0) {
      levels.erase(m.price);
    } else if (m.price != kEmpty) {
      levels[m.price] = m.size;
    }
    CheckLevels(m.symbol, m.side, levels);
    if ((m.flags & streamhub::iex::kEventComplete) != 0) CheckQuotes(m.symbol);
  }

  IexHandler handler;

 private:
  using Levels = std::map<int64_t, uint32_t>;

  void CheckLevels(const Symbol& symbol, Side side, const Levels& naive) {
    const PriceLevels* const levels =
        handler.Levels(streamhub::iex::SymbolCode(symbol), side);
    STREAMHUB_CHECK(levels != nullptr && levels->size() == naive.size());
    size_t i = 0;
    for (const auto& [price, size] : naive) {
      const size_t depth = side == Side::kBuy ? naive.size() - 1 - i : i;
      STREAMHUB_CHECK((levels->At(depth) == PriceLevels::Level{price, size}));
      ++i;
    }
  }

  void CheckQuotes(const Symbol& symbol) {
    const auto id =
        rim_.market.symbols().Find(streamhub::iex::SymbolCode(symbol));
    if (!id.has_value()) return;  // refused: a bad name, or too many
    const auto& layout = *rim_.market.symbols().Get(*id).layout;
    // Made by an earlier input, of TOPS.
    if (layout.PositionOf(FieldId::kBid2) < 0) return;
    streamhub::QuoteView view;
    STREAMHUB_CHECK(rim_.market.cache().Read(*id, layout.all(), &view));
    for (const Side side : {Side::kBuy, Side::kSell}) {
      const PriceLevels& levels =
          *handler.Levels(streamhub::iex::SymbolCode(symbol), side);
      for (size_t i = 0; i < 10; ++i) {
        const auto f = streamhub::FieldsOfLevel(static_cast<int>(i) + 1);
        const bool there = i < levels.size();
        const FieldId price = side == Side::kBuy ? f.bid : f.ask;
        const FieldId size = side == Side::kBuy ? f.bid_size : f.ask_size;
        STREAMHUB_CHECK(view.value[layout.PositionOf(price)] ==
                        (there ? levels.At(i).price : kEmpty));
        STREAMHUB_CHECK(view.value[layout.PositionOf(size)] ==
                        (there ? int64_t{levels.At(i).size} : kEmpty));
      }
    }
  }

  Rim& rim_;
  std::optional<uint32_t> session_;
  bool deep_ = false;
  std::map<Symbol, std::array<Levels, 2>> books_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  // A market costs a million stores to make: it is kept, as an epoch of which
  // nothing is left, until it is full of names. One each for TOPS and DEEP,
  // whose layouts differ.
  static std::array<std::unique_ptr<Rim>, 2> rims;
  std::unique_ptr<Rim>& rim = rims[data[0] & 1];
  if (rim == nullptr || rim->market.symbols().size() >= kSymbolsMax) {
    rim = std::make_unique<Rim>();
  }
  rim->publisher.StartEpoch();
  Checker checker(*rim);
  Receiver receiver(rim->counters);

  std::span<const uint8_t> left(data + 1, size - 1);
  int64_t taken = 0;
  while (left.size() >= 2) {
    const size_t length =
        std::min(size_t{left[0]} | size_t{left[1]} << 8, left.size() - 2);
    // A copy of its own, so that a sanitizer sees a read beyond its end.
    const std::vector<uint8_t> payload(
        left.begin() + 2, left.begin() + 2 + static_cast<ptrdiff_t>(length));
    left = left.subspan(2 + length);
    const int64_t bad =
        receiver.counts().bad_segments + receiver.counts().bad_messages;
    const bool ok = receiver.Take(payload, ++taken, checker).ok();
    STREAMHUB_CHECK(ok == (bad == receiver.counts().bad_segments +
                                      receiver.counts().bad_messages));
  }
  const auto& counts = receiver.counts();
  const auto& sequence = receiver.sequence().counts();
  STREAMHUB_CHECK(
      sequence.segments + counts.bad_segments + counts.other_streams == taken);
  const int64_t typed =
      std::accumulate(counts.by_type.begin(), counts.by_type.end(), int64_t{0});
  STREAMHUB_CHECK(typed <= sequence.messages &&
                  sequence.messages - typed <= counts.bad_messages);
  STREAMHUB_CHECK(sequence.lost >= sequence.gaps);
  STREAMHUB_CHECK(receiver.sequence().gaps().size() <=
                  receiver.sequence().kGapsKept);
  return 0;
}
