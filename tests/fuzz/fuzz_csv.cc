// CSV lines, fields, times, decimals and ticks over any bytes: no crash; the
// same rows whatever the pieces; every value in the market's cache is the text
// of its row, digit for digit, or the row was refused. The first byte chooses
// the format, the second in pieces of what size the rest arrives.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/csv/csv_handler.h"
#include "feeds/csv/decimal.h"
#include "feeds/csv/decimals.h"
#include "feeds/csv/format.h"
#include "feeds/csv/line_reader.h"
#include "feeds/csv/row_reader.h"
#include "gateway/base/check.h"
#include "gateway/base/clock.h"
#include "gateway/market/market.h"

namespace {

using streamhub::FieldId;
using streamhub::kEmpty;
using streamhub::csv::Column;
using streamhub::csv::Columns;
using streamhub::csv::CsvHandler;
using streamhub::csv::Decimals;
using streamhub::csv::DecimalsFinder;
using streamhub::csv::Fit;
using streamhub::csv::Format;
using streamhub::csv::LineReader;
using streamhub::csv::Row;
using streamhub::csv::RowReader;

constexpr size_t kSymbolsMax = 8;
constexpr int64_t kMidnightNs = 1'399'248'000 * streamhub::kSecond;
constexpr int64_t kTimeNsEnd = 7'289'740'800 * streamhub::kSecond;  // + 1 day

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

Format Custom(std::string_view columns, std::string_view time) {
  return {*Columns::Parse(columns), *streamhub::csv::FindTimeForm(time), "UTC"};
}

const std::vector<Format>& Formats() {
  static const auto& formats = *new std::vector<Format>{
      *streamhub::csv::FindPreset("fxcm"),
      *streamhub::csv::FindPreset("truefx"),
      *streamhub::csv::FindPreset("tardis-quotes"),
      *streamhub::csv::FindPreset("tardis-trades"),
      Custom("time=0,bid=1,bid_size=2,ask=3,last=4", "unix-ms"),
      Custom("symbol=0,time=1,last=2,last_size=3", "s-of-day"),
      Custom("time=0,last=1", "iso")};
  return formats;
}

// Scaled integer to text without noughts at its ends, by other means than the
// decoder's.
std::string Plain(std::string text) {
  bool negative = false;
  if (text.starts_with('-') || text.starts_with('+')) {
    negative = text[0] == '-';
    text.erase(0, 1);
  }
  if (text.find('.') == text.npos) text += '.';
  text.erase(0, std::min(text.find_first_not_of('0'), text.size()));
  text.erase(text.find_last_not_of('0') + 1);
  return text == "." ? text : (negative ? "-" : "") + text;
}

std::string Text(int64_t scaled, int decimals) {
  std::string digits = std::to_string(scaled < 0 ? -scaled : scaled);
  const auto least = static_cast<size_t>(decimals) + 1;
  if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
  digits.insert(digits.size() - static_cast<size_t>(decimals), ".");
  return (scaled < 0 ? "-" : "") + digits;
}

void CheckRow(const Row& row, const Format& format) {
  STREAMHUB_CHECK(streamhub::IsValidSymbol(row.symbol));
  STREAMHUB_CHECK(row.time_ns > -streamhub::kSecond * 86'400 &&
                  row.time_ns < kTimeNsEnd);
  for (size_t i = 2; i < row.values.size(); ++i) {
    const std::string_view text = row.values[i];
    const auto column = static_cast<Column>(i);
    const bool any = column == Column::kSide || column == Column::kId;
    STREAMHUB_CHECK(text.empty() || any || streamhub::csv::IsDecimal(text));
    STREAMHUB_CHECK(text.empty() || format.columns.Has(column));
  }
}

// With the decimals that a survey finds every row fits that 64 bits hold.
void CheckDecimals(const Row& row, const Decimals& found) {
  STREAMHUB_CHECK(0 <= found.price && found.price <= 12);
  STREAMHUB_CHECK(0 <= found.quantity && found.quantity <= 12);
  for (const Column column : {Column::kBid, Column::kAsk, Column::kLast}) {
    const std::string_view text = row[column];
    if (text.empty() || streamhub::csv::DigitsAfterPoint(text) > 12) continue;
    int64_t value = 0;
    const Fit fit = streamhub::csv::ParseScaled(text, found.price, &value);
    STREAMHUB_CHECK(fit == Fit::kFits || fit == Fit::kTooBig);
  }
}

void CheckTick(const Rim& rim, const Row& row, const Columns& columns) {
  const auto id = rim.market.symbols().Find(row.symbol);
  if (!id.has_value()) return;  // too many
  const streamhub::SymbolInfo& info = rim.market.symbols().Get(*id);
  streamhub::QuoteView view;
  STREAMHUB_CHECK(rim.market.cache().Read(*id, info.layout->all(), &view));
  constexpr std::pair<Column, FieldId> kFields[] = {
      {Column::kBid, FieldId::kBid},   {Column::kBidSize, FieldId::kBidSize},
      {Column::kAsk, FieldId::kAsk},   {Column::kAskSize, FieldId::kAskSize},
      {Column::kLast, FieldId::kLast}, {Column::kLastSize, FieldId::kLastSize}};
  for (const auto& [column, field] : kFields) {
    const bool trade = column == Column::kLast || column == Column::kLastSize;
    if (!columns.Has(column) || (trade && row[Column::kLast].empty())) continue;
    const int64_t value = view.value[info.layout->PositionOf(field)];
    STREAMHUB_CHECK(row[column].empty() == (value == kEmpty));
    if (value == kEmpty) continue;
    const int decimals =
        streamhub::KindOf(field) == streamhub::FieldKind::kPrice
            ? info.price_decimals
            : info.quantity_decimals;
    STREAMHUB_CHECK(Plain(std::string(row[column])) ==
                    Plain(Text(value, decimals)));
  }
}

// Calls each(result, row) for every line, until one makes the file unusable.
template <typename Each>
void ReadAll(std::string_view bytes, size_t piece, RowReader& rows, Each each) {
  LineReader lines;
  while (true) {
    std::string_view line;
    Row row;
    const LineReader::Next next = lines.Read(&line);
    if (next == LineReader::Next::kEnd) return;
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
    const RowReader::Result result = next == LineReader::Next::kTooLong
                                         ? rows.ReadTooLong()
                                         : rows.Read(line, &row);
    each(result, row);
    if (result == RowReader::Result::kUnusable) return;
  }
}

// Everything that was read, as one text.
std::string Log(std::string_view bytes, size_t piece, const Format& format) {
  static const auto zone = *streamhub::SessionTime::Create("America/New_York");
  RowReader rows(format, "ONE", zone, kMidnightNs);
  std::string log;
  ReadAll(bytes, piece, rows, [&](RowReader::Result result, const Row& row) {
    log += std::to_string(static_cast<int>(result)) + ' ' +
           std::to_string(row.time_ns) + ' ' + std::string(row.symbol) + ' ';
    for (const std::string_view value : row.values) log.append(value) += ',';
    const bool faulty = result == RowReader::Result::kBad ||
                        result == RowReader::Result::kUnusable;
    if (!faulty) return;
    // Fit to be logged.
    STREAMHUB_CHECK(!rows.fault().empty() && rows.fault().size() < 1'000);
    STREAMHUB_CHECK(rows.fault().find('\n') == std::string::npos);
    log += rows.fault();
  });
  return log;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const Format& format = Formats()[data[0] % Formats().size()];
  const size_t piece = size_t{data[1]} + 1;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2,
                               size - 2);
  STREAMHUB_CHECK(Log(bytes, piece, format) == Log(bytes, size, format));

  // A market costs a million stores to make: it is kept, as an epoch of which
  // nothing is left, until it is full of names. So the decimals are fixed.
  static std::unique_ptr<Rim> rim;
  if (rim == nullptr || rim->market.symbols().size() == kSymbolsMax) {
    rim = std::make_unique<Rim>();
  }
  rim->publisher.StartEpoch();
  static const auto zone = *streamhub::SessionTime::Create("UTC");
  CsvHandler handler(rim->publisher, *DecimalsFinder::Create("3/1"));
  DecimalsFinder finder = *DecimalsFinder::Create("");
  RowReader rows(format, "ONE", zone, kMidnightNs);
  ReadAll(bytes, piece, rows, [&](RowReader::Result result, const Row& row) {
    if (result != RowReader::Result::kRow) return;
    CheckRow(row, format);
    finder.Survey(row);
    CheckDecimals(row, finder.Find(row));
    const auto refusal = handler.On(row, format.columns);
    if (!refusal.has_value()) return CheckTick(*rim, row, format.columns);
    STREAMHUB_CHECK(!rows.Describe(row, refusal->column, refusal->why).empty());
  });
  return 0;
}
