#include "feeds/csv/book_rows.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "feeds/csv/decimal.h"
#include "feeds/csv/line_reader.h"
#include "gateway/base/strings.h"
#include "gateway/market/symbol.h"

namespace streamhub::csv {
namespace {

constexpr std::string_view kStart =
    "exchange,symbol,timestamp,local_timestamp,";
constexpr TimeForm kUnixMicroseconds = {TimeForm::Base::kEpoch, 6};

int Digits(std::string_view text) {
  return text.empty() ? 0 : DigitsAfterPoint(text);
}

}  // namespace

std::string_view BookFormOfStart(std::string_view start) {
  if (start.starts_with("\xEF\xBB\xBF")) start.remove_prefix(3);
  if (!start.starts_with(kStart)) return {};
  start.remove_prefix(kStart.size());
  if (start.starts_with("is_snapshot,side,price,amount")) return "tardis-book";
  if (start.starts_with("asks[0].price,") ||
      start.starts_with("bids[0].price,")) {
    return "tardis-snapshot";
  }
  return {};
}

Row FinestOf(const BookRow& row) {
  Row finest;
  finest.time_ns = row.time_ns;
  finest.symbol = row.symbol;
  auto& price = finest.values[static_cast<size_t>(Column::kBid)];
  auto& size = finest.values[static_cast<size_t>(Column::kBidSize)];
  for (const LevelTexts* side : {&row.bids, &row.asks}) {
    for (const LevelText& level : *side) {
      if (price.empty() || Digits(level.price) > Digits(price)) {
        price = level.price;
      }
      if (size.empty() || Digits(level.size) > Digits(size)) size = level.size;
    }
  }
  return finest;
}

BookRowReader::BookRowReader(BookForm form, const SessionTime& zone)
    : form_(form), times_(kUnixMicroseconds, zone, 0) {}

BookRowReader::Result BookRowReader::ReadTooLong() {
  fault_ = absl::StrCat("has more than ", kLineBytesMax, " bytes");
  return std::exchange(first_, false) ? Result::kUnusable : Result::kBad;
}

BookRowReader::Result BookRowReader::Read(std::string_view line,
                                          FieldSplitter& fields, BookRow* row) {
  *row = {};
  if (line.find_first_not_of(" \t") == line.npos) return Result::kNoRow;
  const bool first = std::exchange(first_, false);
  if (const char* const wrong = fields.Split(line)) {
    fault_ = wrong;
    return first ? Result::kUnusable : Result::kBad;
  }
  if (first) return ReadHeader(fields) ? Result::kNoRow : Result::kUnusable;
  if (fields.fields().size() != width_) {
    fault_ =
        absl::StrCat("has ", fields.fields().size(), " columns, want ", width_);
    return Result::kBad;
  }
  const std::string_view symbol = fields.fields()[symbol_];
  if (!IsValidSymbol(symbol)) {
    Complain("symbol", symbol, "is no symbol");
    return Result::kBad;
  }
  row->symbol = symbol;
  if (!ReadTimes(fields, row)) return Result::kBad;
  if (form_ == BookForm::kUpdates) {
    return ReadUpdate(fields, row) ? Result::kRow : Result::kBad;
  }
  row->snapshot = row->whole = true;
  for (size_t i = 0; i < depth_; ++i) {
    if (!ReadLevel(fields, bids_[i], &row->bids) ||
        !ReadLevel(fields, asks_[i], &row->asks)) {
      return Result::kBad;
    }
  }
  return Result::kRow;
}

bool BookRowReader::ReadHeader(const FieldSplitter& fields) {
  width_ = fields.fields().size();
  if (!FindColumn(fields, "symbol", &symbol_) ||
      !FindColumn(fields, "timestamp", &time_) ||
      !FindColumn(fields, "local_timestamp", &local_)) {
    return false;
  }
  if (form_ == BookForm::kUpdates) {
    return FindColumn(fields, "is_snapshot", &is_snapshot_) &&
           FindColumn(fields, "side", &side_) &&
           FindColumn(fields, "price", &update_.price) &&
           FindColumn(fields, "amount", &update_.size);
  }
  const auto names = fields.fields();
  for (; depth_ < kTopDepth; ++depth_) {
    const std::string bid = absl::StrCat("bids[", depth_, "].");
    const std::string ask = absl::StrCat("asks[", depth_, "].");
    if (depth_ > 0 &&
        std::find(names.begin(), names.end(), bid + "price") == names.end()) {
      return true;  // that deep it is
    }
    if (!FindColumn(fields, bid + "price", &bids_[depth_].price) ||
        !FindColumn(fields, bid + "amount", &bids_[depth_].size) ||
        !FindColumn(fields, ask + "price", &asks_[depth_].price) ||
        !FindColumn(fields, ask + "amount", &asks_[depth_].size)) {
      return false;
    }
  }
  return true;
}

bool BookRowReader::FindColumn(const FieldSplitter& fields,
                               std::string_view name, size_t* number) {
  const auto names = fields.fields();
  const auto count = std::count(names.begin(), names.end(), name);
  if (count != 1) {
    fault_ =
        absl::StrCat("the header has ", count == 0 ? "no" : "more than one",
                     " column ", QuotedText(name));
    return false;
  }
  *number = static_cast<size_t>(std::find(names.begin(), names.end(), name) -
                                names.begin());
  return true;
}

bool BookRowReader::ReadTimes(const FieldSplitter& fields, BookRow* row) {
  constexpr std::string_view kWrong = "is no time of the form unix-us";
  const std::string_view time = fields.fields()[time_];
  if (!times_.Read(time, &row->time_ns)) {
    return Complain("timestamp", time, kWrong);
  }
  const std::string_view local = fields.fields()[local_];
  return times_.Read(local, &row->local_ns) ||
         Complain("local_timestamp", local, kWrong);
}

bool BookRowReader::ReadUpdate(const FieldSplitter& fields, BookRow* row) {
  const std::string_view is_snapshot = fields.fields()[is_snapshot_];
  row->snapshot = is_snapshot == "true";
  if (!row->snapshot && is_snapshot != "false") {
    return Complain("is_snapshot", is_snapshot, "is neither true nor false");
  }
  const std::string_view side = fields.fields()[side_];
  if (side != "bid" && side != "ask") {
    return Complain("side", side, "is neither bid nor ask");
  }
  LevelTexts* const levels = side == "bid" ? &row->bids : &row->asks;
  if (!ReadLevel(fields, update_, levels)) return false;
  return levels->count == 1 || Complain("price", "", "is empty");
}

// Without a price there is no level.
bool BookRowReader::ReadLevel(const FieldSplitter& fields,
                              const LevelPlace& place, LevelTexts* side) {
  const LevelText level = {fields.fields()[place.price],
                           fields.fields()[place.size]};
  if (level.price.empty() && level.size.empty()) return true;
  if (!IsDecimal(level.price)) {
    return Complain("price", level.price, "is no decimal");
  }
  if (!IsDecimal(level.size)) {
    return Complain("amount", level.size, "is no decimal");
  }
  if (level.size.front() == '-') {
    return Complain("amount", level.size, "is negative");
  }
  side->Add(level);
  return true;
}

bool BookRowReader::Complain(std::string_view name, std::string_view text,
                             std::string_view why) {
  fault_ = absl::StrCat(ToAbsl(name), ": ", QuotedText(text), " ", ToAbsl(why));
  return false;
}

}  // namespace streamhub::csv
