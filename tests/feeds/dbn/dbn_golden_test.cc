// The golden facts beside recorded DBN files, which are not part of the source
// tree: without them these tests are skipped. The facts were computed from the
// specification by other programs. Every leaf of the golden file is a fact, and
// each is compared as text, by its path.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "feeds/dbn/dbn_handler.h"
#include "feeds/dbn/decoder.h"
#include "feeds/dbn/stream_reader.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/dbn_reader.h"
#include "tests/feeds/dbn/facts.h"
#include "tests/support/golden.h"
#include "tests/support/json_value.h"
#include "tests/support/tape_reader.h"
#include "tests/support/test_market.h"

namespace streamhub::dbn {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

const char kFolder[] = STREAMHUB_SOURCE_DIR "/../shared/data/dbn/";

void Flatten(const element& value, const std::string& path, Facts* facts) {
  switch (value.type()) {
    case element_type::OBJECT: {
      if (object(value).size() == 0) (*facts)[path] = "nothing";
      for (const auto& [key, member] : object(value)) {
        const std::string name(key);
        Flatten(member, path.empty() ? name : path + "." + name, facts);
      }
      return;
    }
    case element_type::ARRAY: {
      const simdjson::dom::array items = value;
      if (items.size() == 0) (*facts)[path] = "nothing";
      size_t i = 0;
      for (const element item : items) {
        Flatten(item, path + "[" + std::to_string(i++) + "]", facts);
      }
      return;
    }
    case element_type::STRING:
      (*facts)[path] = std::string(std::string_view(value));
      return;
    default:
      (*facts)[path] = simdjson::minify(value);
  }
}

// Of a file by order: the book at the golden times, after each event, at the
// end.
class BookWatch {
 public:
  explicit BookWatch(const Facts& golden) {
    for (size_t i = 0;; ++i) {
      const auto at =
          golden.find("mbo.bbo_at" + Finder::Index(i) + ".ts_event_le");
      if (at == golden.end()) break;
      times_.push_back(std::stoull(at->second));
    }
  }

  void Before(const Mbo& next, const OrderBook& book, Finder* finder) {
    for (; next_ < times_.size() && next.head.ts_event > times_[next_];
         ++next_) {
      const std::string at = "mbo.bbo_at" + Finder::Index(next_) + ".";
      finder->Put(at + "ts_event_le", times_[next_]);
      finder->Put(at + "time", TimeText(static_cast<int64_t>(times_[next_])));
      finder->PutBook(at, book);
    }
  }

  void After(const Mbo& m, const OrderBook& book) {
    const BookSide& bids = book.side(Side::kBid);
    const BookSide& asks = book.side(Side::kAsk);
    if ((m.flags & kLastOfEvent) != 0 && bids.size() > 0 && asks.size() > 0 &&
        bids.At(0).price >= asks.At(0).price) {
      ++crossed_;
    }
  }

  int64_t crossed() const { return crossed_; }

 private:
  std::vector<uint64_t> times_;
  size_t next_ = 0;
  int64_t crossed_ = 0;
};

// Each mbo record to the handler, with a look at the book before and after.
struct Watched {
  void On(const Mbo& m) {
    if (const OrderBook* const book = handler.FindBook(symbol)) {
      watch.Before(m, *book, &finder);
    }
    handler.On(m);
    watch.After(m, *handler.FindBook(symbol));
  }
  template <typename T>
  void On(const T&) {}

  const std::string symbol;
  BookWatch& watch;
  DbnHandler& handler;
  Finder& finder;
};

class DbnGoldenTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kFolder)) {
      GTEST_SKIP() << "no recordings at " << kFolder;
    }
    files_ = golden::LoadFiles(std::string(kFolder) + "golden_dbn.json");
    ASSERT_GE(golden::object(files_).size(), 20u);
  }

  // Everything that is to be found in the file.
  static void Find(const std::string& path, const Facts& golden,
                   Finder* finder) {
    auto opened = ByteSource::Open(path);
    ASSERT_TRUE(opened.ok()) << opened.status();
    ByteSource& source = **opened;
    StreamReader frames;
    Form form;
    TestMarket market;
    DbnHandler handler(market.publisher);
    BookWatch watch(golden);
    const auto symbol = golden.find("metadata.symbols[0]");
    const bool by_order = golden.contains("mbo.live_orders_at_end");
    Watched watched{symbol == golden.end() ? "" : symbol->second, watch,
                    handler, *finder};
    std::array<int64_t, 256> types = {};
    std::vector<uint8_t> last;
    while (true) {
      std::span<const uint8_t> record;
      const StreamReader::Next next = frames.Read(&record);
      if (next == StreamReader::Next::kMetadata) {
        form = FormOf(frames.metadata());
        finder->OnMetadata(frames.metadata());
        handler.Use(handler.Open(frames.metadata()));
      } else if (next == StreamReader::Next::kRecord) {
        if (last.empty()) {
          last.assign(record.begin(), record.end());
          finder->Put("header_bytes", frames.offset());
          Describe("first_record", last, form, finder);
        }
        last.assign(record.begin(), record.end());
        ++types[TypeOf(record)];
        EXPECT_NE(Decode(record, form, *finder), Decoded::kBadSize);
        if (by_order) Decode(record, form, watched);
      } else if (next == StreamReader::Next::kNeedMore) {
        size_t bytes = 0;
        if (source.Read(frames.Room(), 0, &bytes) ==
            ByteSource::Result::kBytes) {
          frames.Filled(bytes);
        } else {
          frames.Finish();
        }
      } else {
        break;
      }
    }
    EXPECT_TRUE(frames.status().ok()) << frames.status();
    finder->Put("decompressed_bytes", source.plain_bytes());
    Describe("last_record", last, form, finder);
    finder->Finish(types);
    if (!by_order) return;
    const OrderBook* const book = handler.FindBook(watched.symbol);
    ASSERT_NE(book, nullptr);
    finder->PutBook("mbo.bbo_at_end.", *book);
    finder->Put("mbo.live_orders_at_end", book->orders());
    finder->Put("mbo.events_with_locked_or_crossed_book", watch.crossed());
    if (handler.ignored() == Ignored{}) {
      finder->Put("mbo.anomalies", "nothing");
    }
  }

  golden::element files_;
};

TEST_F(DbnGoldenTest, EveryFactOfEveryFile) {
  size_t all_checked = 0;
  for (const auto& [name, stated] : golden::object(files_)) {
    SCOPED_TRACE(name);
    Facts golden;
    Flatten(stated.raw(), "", &golden);
    Finder finder;
    Find(kFolder + std::string(name), golden, &finder);
    size_t right = 0;
    for (const auto& [path, value] : golden) {
      const auto found = finder.facts.find(path);
      const std::string got =
          found == finder.facts.end() ? "(not found)" : found->second;
      EXPECT_EQ(got, value) << path;
      right += got == value;
      golden::Note(std::string(name), path, got == value);
    }
    std::printf("%-50s %4zu facts, %4zu right\n", std::string(name).c_str(),
                golden.size(), right);
    all_checked += golden.size();
  }
  EXPECT_GT(all_checked, 1000u);
}

// What clients see after the whole file: trades, and the book by order.
TEST_F(DbnGoldenTest, TheMarketAtTheEndOfEachFile) {
  for (const auto& [name, stated] : golden::object(files_)) {
    SCOPED_TRACE(name);
    Facts golden;
    Flatten(stated.raw(), "", &golden);
    TestMarket market(1000, TestMarket::Info(), /*tape=*/10'000);
    DbnHandler handler(market.publisher);
    auto source = ByteSource::Open(kFolder + std::string(name));
    ASSERT_TRUE(source.ok()) << source.status();
    DbnReader reader(*std::move(source), handler, market.counters);
    int64_t event_ns = 0;
    int64_t before_ns = 0;
    bool ordered = true;
    RecordReader::Next next;
    while ((next = reader.Peek(0, &event_ns)) == RecordReader::Next::kRecord) {
      ordered &= event_ns >= before_ns;
      before_ns = event_ns;
      reader.Apply();
    }
    EXPECT_EQ(next, RecordReader::Next::kEnd) << reader.status();
    EXPECT_TRUE(ordered || name.starts_with("small/live"));
    EXPECT_EQ(market.counters.Get(Metric::kTicksRejected), 0);
    const bool live = !golden.contains("metadata.symbols[0]");
    const std::string code = live ? "ESZ4" : golden.at("metadata.symbols[0]");
    const auto id = market.market.symbols().Find(code);
    const auto value = [&](FieldId field) {
      return id.has_value() ? market.Value(*id, field) : kEmpty;
    };
    const auto scaled = [&](const std::string& path) {
      std::string digits = golden.at(path);
      const size_t point = digits.find('.');
      const int decimals = market.market.symbols().Get(*id).price_decimals;
      digits.erase(point, 1);
      digits.resize(point + static_cast<size_t>(decimals));
      return std::stoll(digits);
    };
    for (const auto& [path, instrument_volume] : golden) {
      if (!path.starts_with("trades_by_instrument_id.") ||
          !path.ends_with(".trade_volume")) {
        continue;
      }
      ASSERT_TRUE(id.has_value());
      const std::string at = path.substr(0, path.rfind('.') + 1);
      EXPECT_EQ(value(FieldId::kVolume), std::stoll(instrument_volume));
      EXPECT_EQ(value(FieldId::kLast), scaled(at + "last_trade.price"));
      EXPECT_EQ(value(FieldId::kLastSize),
                std::stoll(golden.at(at + "last_trade.size")));
      EXPECT_EQ(value(FieldId::kTradeTime),
                std::stoll(golden.at(at + "last_trade.ts_event")));
      std::map<std::string, int64_t> taken;
      int64_t trades = 0;
      for (const std::string& text : TapeOf(market.market, code)) {
        const auto trade = JsonReader(text).Read();
        ASSERT_TRUE(trade.has_value()) << text;
        taken[std::string(trade->Text("side"))] += trade->Int("size");
        ++trades;
      }
      EXPECT_EQ(trades, std::stoll(golden.at(at + "trade_count")));
      EXPECT_EQ(taken["buy"],
                std::stoll(golden.at(at + "buy_aggressor_volume")));
      EXPECT_EQ(taken["sell"],
                std::stoll(golden.at(at + "sell_aggressor_volume")));
      EXPECT_EQ(taken[""], std::stoll(golden.at(at + "no_side_volume")));
    }
    if (!golden.contains("mbo.live_orders_at_end")) continue;
    EXPECT_EQ(market.market.symbols().Get(*id).price_decimals, 2);
    EXPECT_EQ(value(FieldId::kBid), scaled("mbo.bbo_at_end.bid_px"));
    EXPECT_EQ(value(FieldId::kAsk), scaled("mbo.bbo_at_end.ask_px"));
    for (const auto& [field, fact] : {std::pair(FieldId::kBidSize, "bid_sz"),
                                      {FieldId::kAskSize, "ask_sz"},
                                      {FieldId::kBidCount, "bid_ct"},
                                      {FieldId::kAskCount, "ask_ct"}}) {
      EXPECT_EQ(value(field),
                std::stoll(golden.at(std::string("mbo.bbo_at_end.") + fact)));
    }
    // Ten levels, against the book.
    const OrderBook& book = *handler.FindBook(code);
    const PriceScale scale(2);
    for (size_t i = 0; i < ShownBook::kDepth; ++i) {
      const BookLevelFields f = FieldsOfLevel(static_cast<int>(i) + 1);
      for (const auto& [side, price, size] :
           {std::tuple(Side::kBid, f.bid, f.bid_size),
            {Side::kAsk, f.ask, f.ask_size}}) {
        const Level level = book.side(side).At(i);
        int64_t want = 0;
        ASSERT_TRUE(scale.Scale(level.price, &want));
        EXPECT_EQ(value(price), want);
        EXPECT_EQ(value(size), static_cast<int64_t>(level.size));
      }
    }
  }
}

}  // namespace
}  // namespace streamhub::dbn
