// Captures of crypto venues over any bytes: no crash; the same effect whatever
// the pieces; after every message each book is in order, without empty levels
// and within its depth, and the market shows its ten best levels or, where a
// best quote is newer, that one above them. The first byte says in pieces of
// what size the rest arrives.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "feeds/crypto/capture_line.h"
#include "feeds/crypto/crypto_handler.h"
#include "feeds/crypto/decoder.h"
#include "feeds/crypto/scaling.h"
#include "feeds/csv/line_reader.h"
#include "feeds/level_book.h"
#include "gateway/base/check.h"
#include "gateway/base/clock.h"
#include "gateway/market/market.h"

namespace {

using streamhub::FieldId;
using streamhub::kEmpty;
using streamhub::LevelBook;
using streamhub::LevelSide;
using streamhub::crypto::CaptureLine;
using streamhub::crypto::CryptoHandler;
using streamhub::crypto::Decoder;
using streamhub::crypto::Message;
using streamhub::csv::LineReader;

constexpr size_t kSymbolsMax = 8;
constexpr size_t kLineBytesMax = 4096;

struct Rim {
  Rim() : publisher(market, AddFeed(), counters, streamhub::SystemClock(), 4) {}

  streamhub::FeedId AddFeed() {
    streamhub::FeedInfo info;
    info.name = "replay";
    return market.AddFeed(info);
  }

  streamhub::Market market{"live", kSymbolsMax, 1};
  streamhub::Counters counters;
  streamhub::Publisher publisher;
};

// Fit to be logged.
void CheckText(std::string_view text) {
  STREAMHUB_CHECK(!text.empty() && text.size() < 1'000);
  STREAMHUB_CHECK(text.find('\n') == text.npos);
}

void CheckSide(const LevelSide& side, bool bids) {
  for (size_t i = 0; i < side.size(); ++i) {
    STREAMHUB_CHECK(side.At(i).size > 0);
    if (i == 0) continue;
    const int64_t better = side.At(i - 1).price;
    STREAMHUB_CHECK(bids ? better > side.At(i).price
                         : better < side.At(i).price);
  }
}

// The shown levels are in order, and all but the first are of the book.
void CheckShown(const streamhub::QuoteView& view, const LevelSide* side,
                bool bids) {
  const auto& layout = streamhub::BookLayout();
  int64_t above = kEmpty;
  for (int i = 1; i <= 10; ++i) {
    const auto f = streamhub::FieldsOfLevel(i);
    const int64_t price = view.value[layout.PositionOf(bids ? f.bid : f.ask)];
    const int64_t size =
        view.value[layout.PositionOf(bids ? f.bid_size : f.ask_size)];
    STREAMHUB_CHECK(price != kEmpty || size == kEmpty);
    if (i > 1 && price != kEmpty) {
      STREAMHUB_CHECK(side != nullptr && above != kEmpty);
      STREAMHUB_CHECK(bids ? above > price : above < price);
      bool there = false;
      for (size_t depth = 0; depth < side->size() && !there; ++depth) {
        there = side->At(depth).price == price && side->At(depth).size == size;
      }
      STREAMHUB_CHECK(there);
    }
    above = price;
  }
}

void CheckBook(const Rim& rim, const CryptoHandler& handler,
               const Message& message) {
  const auto id = rim.market.symbols().Find(message.symbol);
  const LevelBook* const book = handler.BookOf(message.symbol);
  if (book != nullptr) {
    CheckSide(book->bids, true);
    CheckSide(book->asks, false);
    if (message.kind == Message::Kind::kBook && message.book.depth > 0) {
      STREAMHUB_CHECK(book->bids.size() <= message.book.depth);
      STREAMHUB_CHECK(book->asks.size() <= message.book.depth);
    }
  }
  // Too many, or the name of a tape.
  if (!id.has_value() || rim.market.topic(*id) != nullptr) return;
  streamhub::QuoteView view;
  STREAMHUB_CHECK(
      rim.market.cache().Read(*id, streamhub::BookLayout().all(), &view));
  CheckShown(view, book == nullptr ? nullptr : &book->bids, true);
  CheckShown(view, book == nullptr ? nullptr : &book->asks, false);
}

// Plays all lines; what came of each, as one text.
std::string Play(std::string_view bytes, size_t piece, Rim& rim) {
  rim.publisher.StartEpoch();
  CryptoHandler handler(rim.publisher,
                        *streamhub::csv::DecimalsFinder::Create("3/2"));
  Decoder decoder;
  LineReader lines(kLineBytesMax);
  Message message;
  std::string log;
  while (true) {
    std::string_view line;
    const LineReader::Next next = lines.Read(&line);
    if (next == LineReader::Next::kEnd) break;
    if (next == LineReader::Next::kNeedMore) {
      const auto room = lines.Room();
      STREAMHUB_CHECK(!room.empty());
      const size_t count = std::min({piece, bytes.size(), room.size()});
      if (count == 0) lines.Finish();
      std::copy_n(bytes.begin(), count, room.begin());
      lines.Filled(count);
      bytes.remove_prefix(count);
      continue;
    }
    if (next == LineReader::Next::kTooLong) continue;
    streamhub::crypto::VenueOfStart(line);
    CaptureLine split;
    if (streamhub::crypto::SplitLine(line, &split) != nullptr) continue;
    if (!decoder.Decode(split.json, &message)) {
      CheckText(decoder.fault());
      log += decoder.fault() + "\n";
      continue;
    }
    streamhub::crypto::FinestOf(message);
    const auto outcome = handler.On(message);
    if (outcome == CryptoHandler::Outcome::kRefused ||
        outcome == CryptoHandler::Outcome::kLost) {
      CheckText(handler.complaint());
    }
    if (!message.symbol.empty()) CheckBook(rim, handler, message);
    log += std::to_string(static_cast<int>(outcome)) + "\n";
  }
  return log + std::to_string(handler.tally().updates);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t piece = size_t{data[0]} + 1;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1,
                               size - 1);
  // A market costs a million stores to make: it is kept, as an epoch of which
  // nothing is left, until it is full of names.
  static std::unique_ptr<Rim> rim;
  if (rim == nullptr || rim->market.symbols().size() >= kSymbolsMax) {
    rim = std::make_unique<Rim>();
  }
  const std::string log = Play(bytes, piece, *rim);
  STREAMHUB_CHECK(Play(bytes, size, *rim) == log);
  return 0;
}
