// Recordings of our own making, converted and read back: as a tick log they are
// the same market at any time; as CSV and as JSON lines they tell the same.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "feeds/replay/byte_sink.h"
#include "feeds/replay/csv_tap.h"
#include "feeds/replay/json_lines_tap.h"
#include "gateway/base/json_text.h"
#include "gateway/base/utc_text.h"
#include "tests/feeds/replay/played_run.h"
#include "tests/feeds/replay/sample_recordings.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/support/json_value.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

std::string BytesOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What a sink of that name gets by `write`.
template <typename Write>
std::string Written(Write write) {
  const TemporaryFile folder("unused", "");
  const std::string path = folder.path() + ".out";
  const auto sink =
      ByteSink::Create(path, ByteSink::Packing::kNone, /*replace=*/false);
  EXPECT_TRUE(sink.ok()) << sink.status();
  write(**sink);
  EXPECT_EQ((*sink)->Commit(), absl::OkStatus());
  return BytesOf(path);
}

std::vector<FieldId> QuoteFields() {
  std::vector<FieldId> fields;
  for (int i = 0; i < QuoteLayout().size(); ++i) {
    fields.push_back(QuoteLayout().field(i));
  }
  return fields;
}

std::string CsvOf(RecordingRun& run) {
  return Written([&run](ByteSink& sink) {
    CsvTap tap(sink, QuoteFields());
    run.SetTap(&tap);
    PlayTo(run, kToTheEnd);
    run.SetTap(nullptr);
  });
}

std::string JsonLinesOf(RecordingRun& run) {
  return Written([&run](ByteSink& sink) {
    JsonLinesTap tap(sink);
    run.SetTap(&tap);
    PlayTo(run, kToTheEnd);
    run.SetTap(nullptr);
  });
}

// Times of the records, one in so many.
std::vector<int64_t> Checkpoints(RecordingRun& run, int64_t every) {
  std::vector<int64_t> times;
  int64_t time_ns = 0;
  int64_t count = 0;
  while (PeekWaiting(run, &time_ns) == RecordReader::Next::kRecord) {
    if (++count % every == 0) times.push_back(time_ns);
    run.Apply();
  }
  return times;
}

TEST(ConversionTest, ATickLogIsTheSameMarketAtAnyTime) {
  for (const SampleRecording& sample : SampleRecordings()) {
    SCOPED_TRACE(sample.name);
    const TemporaryFile file(sample.name, sample.bytes);
    const auto first = Open(sample.options, file.path());
    const auto checkpoints = Checkpoints(*first, 97);
    const TemporaryFile log("sample.shtl",
                            TickLogOf(*Open(sample.options, file.path())));
    const auto direct = Open(sample.options, file.path());
    const auto again = Open({}, log.path());
    for (const int64_t time_ns : checkpoints) {
      PlayTo(*direct, time_ns);
      PlayAsFarAs(*direct, *again);
      ASSERT_EQ(MarketOf(again->market()).Ticked(),
                MarketOf(direct->market()).Ticked());
    }
    PlayTo(*direct, kToTheEnd);
    PlayTo(*again, kToTheEnd);
    const WholeMarket whole = MarketOf(direct->market());
    EXPECT_EQ(MarketOf(again->market()), whole);
    EXPECT_EQ(whole.quotes.size(), sample.symbols.size());
    EXPECT_EQ(again->status(), absl::OkStatus());
  }
}

TEST(ConversionTest, ATickLogOfATickLogIsTheSameToo) {
  const SampleRecording sample = SampleRecordings()[0];
  const TemporaryFile file(sample.name, sample.bytes);
  const TemporaryFile log("a.shtl", TickLogOf(*Open({}, file.path())));
  const TemporaryFile again("b.shtl", TickLogOf(*Open({}, log.path())));
  const auto direct = Open({}, file.path());
  const auto played = Open({}, again.path());
  PlayTo(*direct, kToTheEnd);
  PlayTo(*played, kToTheEnd);
  EXPECT_EQ(MarketOf(played->market()), MarketOf(direct->market()));
}

// What a CSV file has columns for.
std::map<std::string, std::vector<int64_t>> BestOf(const Market& market) {
  std::map<std::string, std::vector<int64_t>> best;
  for (SymbolId id = 0; id < market.symbols().size(); ++id) {
    const SymbolInfo& info = market.symbols().Get(id);
    if (market.topic(id) != nullptr) continue;
    QuoteView view;
    EXPECT_TRUE(market.cache().Read(id, info.layout->all(), &view));
    std::vector<int64_t>& values = best[info.code];
    values = {info.price_decimals};
    for (const FieldId field :
         {FieldId::kBid, FieldId::kBidSize, FieldId::kAsk, FieldId::kAskSize}) {
      const int position = info.layout->PositionOf(field);
      values.push_back(
          position < 0 ? kEmpty : view.value[static_cast<size_t>(position)]);
    }
  }
  return best;
}

// A tape without what CSV has no column for.
std::vector<std::string> WithoutCross(std::vector<std::string> tape) {
  for (std::string& message : tape) {
    const size_t at = message.find(",\"cross\"");
    if (at == message.npos) continue;
    message = message.substr(0, at) + "}";
  }
  return tape;
}

TEST(ConversionTest, CsvIsReadBackWithTheSameQuotesAndTrades) {
  for (const SampleRecording& sample : SampleRecordings()) {
    // No decimals of a symbol can be seen in a file that has no price of it.
    if (sample.format == "dbn") continue;
    SCOPED_TRACE(sample.name);
    const TemporaryFile file(sample.name, sample.bytes);
    const auto direct = Open(sample.options, file.path());
    const TemporaryFile rows("rows.csv", CsvOf(*direct));
    ReplayOptions options;
    options.csv_columns = kReadBackColumns;
    const auto again = Open(options, rows.path());
    PlayTo(*again, kToTheEnd);
    EXPECT_EQ(again->status(), absl::OkStatus());
    EXPECT_EQ(BestOf(again->market()), BestOf(direct->market()));
    const WholeMarket whole = MarketOf(direct->market());
    const WholeMarket read = MarketOf(again->market());
    EXPECT_EQ(read.tapes.size(), whole.tapes.size());
    for (const auto& [code, tape] : whole.tapes) {
      EXPECT_EQ(read.tapes.at(code), WithoutCross(tape)) << code;
    }
  }
}

// Puts the market together from its lines. Values stay text.
struct ReadLines {
  explicit ReadLines(const std::string& lines) {
    for (size_t begin = 0; begin < lines.size();) {
      const size_t end = lines.find('\n', begin);
      EXPECT_NE(end, lines.npos);
      if (end == lines.npos) return;
      Take(std::string_view(lines).substr(begin, end - begin));
      begin = end + 1;
    }
  }

  void Take(std::string_view line) {
    const auto value = JsonReader(line).Read();
    ASSERT_TRUE(value.has_value()) << line;
    const std::string kind(value->Text("kind"));
    ++kinds[kind];
    const std::string symbol(value->Text("symbol"));
    if (kind == "symbol") {
      for (const JsonValue& field : value->Find("fields")->items) {
        fields[symbol][field.text] = field.text == "trading" ? "unknown" : "";
      }
    } else if (kind == "tick") {
      for (const auto& [name, field] : value->Find("fields")->members) {
        fields[symbol][name] = field.text;
      }
    } else if (kind == "trade") {
      trades[symbol].push_back(std::string(value->Text("price")));
    }
  }

  std::map<std::string, int> kinds;
  std::map<std::string, std::map<std::string, std::string>> fields;
  std::map<std::string, std::vector<std::string>> trades;
};

std::string TextOf(const SymbolInfo& info, FieldId field, int64_t value) {
  std::string text;
  char storage[8];
  if (value == kEmpty) return text;
  switch (KindOf(field)) {
    case FieldKind::kPrice:
      AppendDecimal(value, info.price_decimals, &text);
      break;
    case FieldKind::kQuantity:
      AppendDecimal(value, info.quantity_decimals, &text);
      break;
    case FieldKind::kTime:
      AppendUtc(value, &text);
      break;
    case FieldKind::kText:
      text = std::string(UnpackText(value, storage));
      break;
  }
  return text;
}

TEST(ConversionTest, JsonLinesTellTheWholeMarket) {
  for (const SampleRecording& sample : SampleRecordings()) {
    SCOPED_TRACE(sample.name);
    const TemporaryFile file(sample.name, sample.bytes);
    const auto run = Open(sample.options, file.path(), /*tape=*/100'000);
    const ReadLines read(JsonLinesOf(*run));
    const Market& market = run->market();
    size_t symbols = 0;
    for (SymbolId id = 0; id < market.symbols().size(); ++id) {
      const SymbolInfo& info = market.symbols().Get(id);
      if (market.topic(id) != nullptr) continue;
      ++symbols;
      QuoteView view;
      ASSERT_TRUE(market.cache().Read(id, info.layout->all(), &view));
      const auto& fields = read.fields.at(info.code);
      ASSERT_EQ(fields.size(), static_cast<size_t>(info.layout->size()));
      for (int i = 0; i < info.layout->size(); ++i) {
        const FieldId field = info.layout->field(i);
        EXPECT_EQ(fields.at(std::string(FieldName(field))),
                  TextOf(info, field, view.value[static_cast<size_t>(i)]))
            << info.code << " " << FieldName(field);
      }
      const auto tape = TapeOf(market, info.code);
      const auto trades = read.trades.find(info.code);
      EXPECT_EQ(trades == read.trades.end() ? 0 : trades->second.size(),
                tape.size());
    }
    EXPECT_EQ(read.fields.size(), symbols);
    EXPECT_EQ(read.kinds.at("tick"), run->counters().Get(Metric::kTicks));
  }
}

// Both texts of a few ticks, byte by byte.
class TextTapTest : public testing::Test {
 protected:
  void Play(TickTap* tap) {
    market_.publisher.SetTap(tap);
    market_.clock.SetWallNs(1'704'206'100'000'000'001);
    const SymbolId id = market_.Add("A\"B");
    market_.Tick(id, {{FieldId::kBid, -1995}, {FieldId::kBid2, 7}},
                 1'704'206'099'000'000'000);
    market_.publisher.BeginBatch();
    market_.publisher.Report(id,
                             {.price = 2005,
                              .size = 10,
                              .taker = Taker::kSeller,
                              .id = "7,\"x\"",
                              .cross = "opening"},
                             0);
    market_.publisher.Report(id, {.id = " 7", .cancelled = true}, 5);
    market_.publisher.EndBatch();
    market_.Tick(id, {{FieldId::kTrading, PackText("open")},
                      {FieldId::kBid, kEmpty},
                      {FieldId::kQuoteTime, 1}});
    market_.publisher.StartEpoch();
    market_.Tick(id, {});
    market_.publisher.SetTap(nullptr);
  }

  TestMarket market_;
};

TEST_F(TextTapTest, CsvRowsAreExact) {
  const std::string text = Written([this](ByteSink& sink) {
    CsvTap tap(sink, std::vector{FieldId::kTrading, FieldId::kBid,
                                 FieldId::kQuoteTime});
    Play(&tap);
  });
  const std::string received = "2024-01-02T14:35:00.000000001Z";
  EXPECT_EQ(text,
            "time,received,symbol,kind,price,size,side,id,cross,trading,bid,"
            "quote_time\n"
            "2024-01-02T14:34:59.000000000Z," +
                received + ",\"A\"\"B\",tick,,,,,,unknown,-19.95,\n" +
                received + "," + received +
                ",\"A\"\"B\",trade,20.05,10,sell,\"7,\"\"x\"\"\",opening,"
                "unknown,-19.95,\n"
                "1970-01-01T00:00:00.000000005Z," +
                received + ",\"A\"\"B\",cancel,,,,\" 7\",,unknown,-19.95,\n" +
                received + "," + received +
                ",\"A\"\"B\",tick,,,,,,open,,1970-01-01T00:00:00.000000001Z\n" +
                received + "," + received +
                ",\"A\"\"B\",tick,,,,,,unknown,,\n");
}

TEST_F(TextTapTest, JsonLinesAreExact) {
  const std::string text = Written([this](ByteSink& sink) {
    JsonLinesTap tap(sink);
    Play(&tap);
  });
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 7u);
  EXPECT_THAT(
      lines[0],
      StartsWith(R"({"kind":"symbol","symbol":"A\"B","name":"Name of A)"
                 R"(\"B","currency":"USD","price_decimals":2,)"
                 R"("quantity_decimals":0,"fields":["trading","bid",)"));
  const std::string received = R"("received":"2024-01-02T14:35:00.000000001Z")";
  EXPECT_EQ(lines[1], R"({"kind":"tick","time":"2024-01-02T14:34:59.)"
                      R"(000000000Z",)" +
                          received +
                          R"(,"symbol":"A\"B","fields":{"bid":-19.95}})");
  EXPECT_EQ(lines[2], R"({"kind":"trade","time":null,)" + received +
                          R"(,"symbol":"A\"B","price":20.05,"size":10,)"
                          R"("side":"sell","id":"7,\"x\"","cross":"opening"})");
  EXPECT_EQ(lines[3], R"({"kind":"trade","time":"1970-01-01T00:00:00.)"
                      R"(000000005Z",)" +
                          received +
                          R"(,"symbol":"A\"B","id":" 7","cancelled":true})");
  EXPECT_EQ(lines[4], R"({"kind":"tick","time":null,)" + received +
                          R"(,"symbol":"A\"B","fields":{"trading":"open",)"
                          R"("bid":null,"quote_time":)"
                          R"("1970-01-01T00:00:00.000000001Z"}})");
  EXPECT_THAT(lines[5], StartsWith(R"({"kind":"epoch",)" + received));
  EXPECT_EQ(lines[6], R"({"kind":"tick","time":null,)" + received +
                          R"(,"symbol":"A\"B","fields":{}})");
}

}  // namespace
}  // namespace streamhub
