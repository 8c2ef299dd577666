// Books of CSV files over any bytes, from lines to the market's cache: no
// crash; the same rows whatever the pieces; what is published is what maps make
// of the rows. The first byte chooses the format, the second in pieces of what
// size the rest arrives. Of LOBSTER every other line is a book.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "feeds/csv/book_rows.h"
#include "feeds/csv/csv_handler.h"
#include "feeds/csv/decimal.h"
#include "feeds/csv/line_reader.h"
#include "feeds/csv/lobster.h"
#include "feeds/csv/lobster_handler.h"
#include "gateway/base/check.h"
#include "gateway/base/clock.h"
#include "gateway/market/market.h"

namespace {

using streamhub::FieldId;
using streamhub::kEmpty;
using streamhub::SymbolId;
using streamhub::csv::BookForm;
using streamhub::csv::BookRow;
using streamhub::csv::BookRowReader;
using streamhub::csv::CsvHandler;
using streamhub::csv::DecimalsFinder;
using streamhub::csv::FieldSplitter;
using streamhub::csv::Fit;
using streamhub::csv::LevelTexts;
using streamhub::csv::LineReader;
using streamhub::csv::LobsterBook;
using streamhub::csv::LobsterHandler;
using streamhub::csv::LobsterMessage;
using streamhub::csv::ParseScaled;

constexpr size_t kSymbolsMax = 8;

struct Rim {
  Rim() : publisher(market, AddFeed(), counters, streamhub::SystemClock()) {}

  streamhub::FeedId AddFeed() {
    streamhub::FeedInfo info;
    info.name = "replay";
    return market.AddFeed(info);
  }
  int64_t Value(SymbolId id, FieldId field) {
    const streamhub::SymbolInfo& info = market.symbols().Get(id);
    streamhub::QuoteView view;
    STREAMHUB_CHECK(market.cache().Read(id, info.layout->all(), &view));
    return view.value[info.layout->PositionOf(field)];
  }

  streamhub::Market market{"live", kSymbolsMax, 1};
  streamhub::Counters counters;
  streamhub::Publisher publisher;
};

// A market costs a million stores to make: it is kept, as an epoch of which
// nothing is left, until it is full of names.
Rim& Fresh() {
  static std::unique_ptr<Rim> rim;
  if (rim == nullptr || rim->market.symbols().size() == kSymbolsMax) {
    rim = std::make_unique<Rim>();
  }
  rim->publisher.StartEpoch();
  return *rim;
}

template <typename Each>
void ReadLines(std::string_view bytes, size_t piece, Each each) {
  LineReader lines;
  while (true) {
    std::string_view line;
    const LineReader::Next next = lines.Read(&line);
    if (next == LineReader::Next::kEnd) return;
    if (next == LineReader::Next::kNeedMore) {
      const auto room = lines.Room();
      const size_t count = std::min({piece, bytes.size(), room.size()});
      if (count == 0) lines.Finish();
      std::copy_n(bytes.begin(), count, room.begin());
      lines.Filled(count);
      bytes.remove_prefix(count);
      continue;
    }
    if (!each(next == LineReader::Next::kTooLong, line)) return;
  }
}

// Calls each(result, row) for every line, until one makes the file unusable.
template <typename Each>
void ReadRows(std::string_view bytes, size_t piece, BookRowReader& rows,
              Each each) {
  FieldSplitter fields;
  ReadLines(bytes, piece, [&](bool too_long, std::string_view line) {
    BookRow row;
    const BookRowReader::Result result =
        too_long ? rows.ReadTooLong() : rows.Read(line, fields, &row);
    each(result, row);
    return result != BookRowReader::Result::kUnusable;
  });
}

const streamhub::SessionTime& Utc() {
  static const auto zone = *streamhub::SessionTime::Create("UTC");
  return zone;
}

// Everything that was read, as one text.
std::string Log(std::string_view bytes, size_t piece, BookForm form) {
  BookRowReader rows(form, Utc());
  std::string log;
  ReadRows(bytes, piece, rows,
           [&](BookRowReader::Result result, const BookRow& row) {
             log += std::to_string(static_cast<int>(result)) + ' ' +
                    std::to_string(row.time_ns) + ' ' +
                    std::to_string(row.local_ns) + ' ' +
                    std::string(row.symbol) + (row.snapshot ? " s" : " u");
             for (const LevelTexts* side : {&row.bids, &row.asks}) {
               for (const auto& level : *side) {
                 log.append(level.price).append("x").append(level.size) += ',';
               }
               log += ';';
             }
             if (result != BookRowReader::Result::kBad &&
                 result != BookRowReader::Result::kUnusable) {
               return;
             }
             // Fit to be logged.
             STREAMHUB_CHECK(!rows.fault().empty());
             STREAMHUB_CHECK(rows.fault().size() < 1'000);
             STREAMHUB_CHECK(rows.fault().find('\n') == std::string::npos);
             log += rows.fault();
           });
  return log;
}

// What a symbol's rows come to.
struct Naive {
  std::map<int64_t, int64_t> bids;  // by price turned around: best first
  std::map<int64_t, int64_t> asks;
  bool there = false;
  bool in_snapshot = false;

  void Clear() {
    bids.clear();
    asks.clear();
  }
  // False: something does not fit.
  bool Take(const BookRow& row) {
    if (row.snapshot && (row.whole || !in_snapshot)) {
      Clear();
      there = true;
    }
    in_snapshot = row.snapshot;
    if (!there) return true;
    if (Set(row.bids, -1, &bids) && Set(row.asks, 1, &asks)) return true;
    there = false;
    Clear();
    return false;
  }
  static bool Set(const LevelTexts& texts, int64_t sign,
                  std::map<int64_t, int64_t>* side) {
    for (const auto& text : texts) {
      int64_t price = 0;
      int64_t size = 0;
      if (ParseScaled(text.price, 3, &price) != Fit::kFits ||
          ParseScaled(text.size, 1, &size) != Fit::kFits) {
        return false;
      }
      if (size == 0) {
        side->erase(sign * price);
      } else {
        (*side)[sign * price] = size;
      }
    }
    return true;
  }
};

void CheckSide(Rim& rim, SymbolId id, bool bids,
               const std::map<int64_t, int64_t>& side) {
  auto it = side.begin();
  for (int i = 1; i <= 10; ++i) {
    const streamhub::BookLevelFields f = streamhub::FieldsOfLevel(i);
    const int64_t price = rim.Value(id, bids ? f.bid : f.ask);
    const int64_t size = rim.Value(id, bids ? f.bid_size : f.ask_size);
    STREAMHUB_CHECK((it == side.end()) == (price == kEmpty));
    STREAMHUB_CHECK((price == kEmpty) == (size == kEmpty));
    if (it == side.end()) continue;
    STREAMHUB_CHECK(price == (bids ? -it->first : it->first));
    STREAMHUB_CHECK(size == it->second);
    ++it;
  }
}

void CheckTardis(std::string_view bytes, size_t piece, BookForm form) {
  STREAMHUB_CHECK(Log(bytes, piece, form) ==
                  Log(bytes, bytes.size() + 1, form));
  Rim& rim = Fresh();
  CsvHandler handler(rim.publisher, *DecimalsFinder::Create("3/1"));
  handler.ExpectBooks();
  BookRowReader rows(form, Utc());
  std::map<std::string, Naive, std::less<>> naive;
  ReadRows(
      bytes, piece, rows,
      [&](BookRowReader::Result result, const BookRow& row) {
        if (result == BookRowReader::Result::kBad) {
          handler.LoseBook(row.symbol, 1);
          for (auto& [symbol, book] : naive) {
            if (!row.symbol.empty() && row.symbol != symbol) continue;
            book.there = false;
            book.Clear();
          }
          return;
        }
        if (result != BookRowReader::Result::kRow) return;
        STREAMHUB_CHECK(streamhub::csv::FinestOf(row).symbol == row.symbol);
        const bool refused = handler.OnBook(row, /*last=*/true).has_value();
        const auto id = rim.market.symbols().Find(row.symbol);
        if (!id.has_value()) return;  // too many
        Naive& book = naive[std::string(row.symbol)];
        STREAMHUB_CHECK(refused == !book.Take(row));
        STREAMHUB_CHECK((handler.BookOf(row.symbol) != nullptr) == book.there);
        CheckSide(rim, *id, true, book.bids);
        CheckSide(rim, *id, false, book.asks);
      });
}

void CheckLobster(std::string_view bytes, size_t piece) {
  Rim& rim = Fresh();
  LobsterHandler handler(rim.publisher);
  const size_t symbol = handler.Use("A");
  const SymbolId id = *rim.market.symbols().Find("A");
  std::optional<LobsterMessage> message;
  ReadLines(bytes, piece, [&](bool too_long, std::string_view line) {
    if (too_long) return true;
    if (!message.has_value()) {
      LobsterMessage read;
      if (ParseLobsterMessage(line, &read) == nullptr) message = read;
      return true;
    }
    LobsterBook book;
    if (ParseLobsterBook(line, &book) == nullptr) {
      STREAMHUB_CHECK(book.levels > 0);
      handler.On(symbol, message->since_midnight_ns, *message, book);
      for (int i = 0; i < 10; ++i) {
        const streamhub::BookLevelFields f = streamhub::FieldsOfLevel(i + 1);
        const auto at = static_cast<size_t>(i);
        STREAMHUB_CHECK(rim.Value(id, f.bid) == book.bids[at].price);
        STREAMHUB_CHECK(rim.Value(id, f.ask) == book.asks[at].price);
        STREAMHUB_CHECK(rim.Value(id, f.ask_size) == book.asks[at].size);
      }
    }
    message.reset();
    return true;
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const size_t piece = size_t{data[1]} + 1;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2,
                               size - 2);
  switch (data[0] % 3) {
    case 0:
      CheckTardis(bytes, piece, BookForm::kUpdates);
      break;
    case 1:
      CheckTardis(bytes, piece, BookForm::kSnapshots);
      break;
    default:
      CheckLobster(bytes, piece);
  }
  return 0;
}
