// The golden facts beside captures that are not part of the source tree:
// without them these tests are skipped. The facts were computed from the
// venues' rules by other programs.

#ifndef STREAMHUB_TESTS_FEEDS_CRYPTO_GOLDEN_CAPTURE_H_
#define STREAMHUB_TESTS_FEEDS_CRYPTO_GOLDEN_CAPTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "feeds/crypto/capture_line.h"
#include "feeds/csv/decimal.h"
#include "feeds/csv/line_reader.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/crypto_reader.h"
#include "tests/feeds/crypto/feeding.h"
#include "tests/support/golden.h"

namespace streamhub::crypto {

using golden::element;
using golden::object;

inline constexpr char kFolder[] = STREAMHUB_SOURCE_DIR "/../shared/data/";
inline constexpr int64_t kForEver = std::numeric_limits<int64_t>::max();

inline int64_t Scaled(std::string_view decimal, int decimals) {
  int64_t value = 0;
  EXPECT_EQ(csv::ParseScaled(decimal, decimals, &value), csv::Fit::kFits)
      << decimal;
  return value;
}

inline int64_t SecondsOf(std::string_view text) { return Scaled(text, 9); }

// The number or text behind a name in the message as it was received.
inline std::string_view Behind(std::string_view json, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":";
  const size_t at = json.find(key);
  if (at == json.npos) return {};
  std::string_view rest = json.substr(at + key.size());
  const bool quoted = rest.starts_with('"');
  if (quoted) rest.remove_prefix(1);
  return rest.substr(0, rest.find_first_of(quoted ? "\"" : ",}"));
}

// The lines of a capture, one by one.
class Lines {
 public:
  explicit Lines(const std::string& path)
      : source_(*ByteSource::Open(path)), lines_(kCaptureLineBytesMax) {}

  // False at the end.
  bool Next(CaptureLine* split) {
    while (true) {
      std::string_view line;
      switch (lines_.Read(&line)) {
        case csv::LineReader::Next::kLine:
          EXPECT_EQ(SplitLine(line, split), nullptr) << line;
          return true;
        case csv::LineReader::Next::kNeedMore:
          break;
        default:
          return false;
      }
      size_t bytes = 0;
      if (source_->Read(lines_.Room(), 1000, &bytes) ==
          ByteSource::Result::kBytes) {
        lines_.Filled(bytes);
      } else {
        EXPECT_EQ(source_->status(), absl::OkStatus());
        lines_.Finish();
      }
    }
  }

 private:
  const std::unique_ptr<ByteSource> source_;
  csv::LineReader lines_;
};

class CaptureGoldenTest : public testing::Test {
 protected:
  // False: it is not there.
  bool Open(const std::string& folder, const std::string& name) {
    path_ = kFolder + folder + "/" + name;
    if (!std::filesystem::exists(path_)) return false;
    facts_ = golden::LoadFiles(kFolder + folder + "/golden_" + folder +
                               ".json")[name];
    feed_ = std::make_unique<Feeding>("");
    Lines first(path_);
    CaptureLine line;
    for (size_t i = 0; i < CryptoReader::kSurveyLines && first.Next(&line);
         ++i) {
      if (feed_->decoder.Decode(line.json, &feed_->message)) {
        feed_->handler.Survey(feed_->message);
      }
    }
    lines_ = std::make_unique<Lines>(path_);
    has_next_ = lines_->Next(&line_);
    first_ns_ = line_.received_ns;
    return true;
  }

  // Gives all lines that were received by then; calls each(outcome) behind
  // each of them, whose line is line_ and whose message is Given().
  template <typename Each>
  void Play(int64_t end_ns, Each each) {
    while (has_next_ && line_.received_ns <= end_ns) {
      ++count_;
      last_ns_ = line_.received_ns;
      const auto outcome = feed_->Give(line_.json);
      EXPECT_NE(outcome, CryptoHandler::Outcome::kRefused)
          << feed_->handler.complaint();
      EXPECT_NE(outcome, CryptoHandler::Outcome::kLost)
          << feed_->handler.complaint();
      each(outcome);
      has_next_ = lines_->Next(&line_);
    }
  }

  const Message& Given() { return feed_->message; }
  int PriceDecimals(std::string_view symbol) {
    return feed_->Info(symbol).price_decimals;
  }
  int SizeDecimals(std::string_view symbol) {
    return feed_->Info(symbol).quantity_decimals;
  }
  int64_t Price(std::string_view symbol, const element& text) {
    return Scaled(text, PriceDecimals(symbol));
  }
  int64_t Size(std::string_view symbol, const element& text) {
    return Scaled(text, SizeDecimals(symbol));
  }

  // The book, and what the market shows of it, against a fact of the form
  // {bid, bid_size, ask, ask_size, bid_levels, ask_levels}; `size` is what
  // sizes are called there.
  void ExpectBook(std::string_view symbol, const element& fact,
                  const std::string& size, bool shown = true) {
    const LevelBook* const book = feed_->handler.BookOf(symbol);
    ASSERT_EQ(book == nullptr, fact.is_null()) << symbol;
    if (book == nullptr) return;
    EXPECT_EQ(book->bids.size(), uint64_t(fact["bid_levels"])) << symbol;
    EXPECT_EQ(book->asks.size(), uint64_t(fact["ask_levels"])) << symbol;
    const auto best = [&](const LevelSide& side, const std::string& name) {
      EXPECT_EQ(side.At(0).price, Price(symbol, fact[name])) << symbol;
      EXPECT_EQ(side.At(0).size, Size(symbol, fact[name + "_" + size]))
          << symbol;
    };
    best(book->bids, "bid");
    best(book->asks, "ask");
    if (!shown) return;
    const auto ten = [](const LevelSide& side) {
      auto levels = LevelsOf(side);
      levels.resize(std::min<size_t>(levels.size(), 10));
      return levels;
    };
    EXPECT_EQ(feed_->Bids(symbol), ten(book->bids)) << symbol;
    EXPECT_EQ(feed_->Asks(symbol), ten(book->asks)) << symbol;
  }

  // The same by way of a replay's reader: the market ends up as this one.
  void ExpectSameByReader() {
    TestMarket other(100, TestMarket::Info(), /*tape=*/100);
    CryptoHandler handler(other.publisher, *csv::DecimalsFinder::Create(""));
    CryptoReader reader(*ByteSource::Open(path_), handler, other.counters);
    int64_t records = 0;
    int64_t time_ns = 0;
    while (reader.Peek(1000, &time_ns) == RecordReader::Next::kRecord) {
      ++records;
      reader.Apply();
    }
    EXPECT_EQ(reader.status(), absl::OkStatus());
    EXPECT_EQ(records, count_);
    EXPECT_EQ(time_ns, last_ns_);
    EXPECT_EQ(handler.tally(), feed_->handler.tally());
    const auto& symbols = feed_->market.market.symbols();
    ASSERT_EQ(other.market.symbols().size(), symbols.size());
    for (SymbolId id = 0; id < symbols.size(); ++id) {
      const SymbolInfo& info = symbols.Get(id);
      if (info.topic != nullptr) continue;
      for (int i = 0; i < info.layout->size(); ++i) {
        const FieldId field = info.layout->field(i);
        EXPECT_EQ(other.Value(id, field), feed_->market.Value(id, field))
            << info.code << " " << FieldName(field);
      }
      EXPECT_EQ(TapeOf(other.market, info.code),
                TapeOf(feed_->market.market, info.code));
    }
  }

  element facts_;
  std::string path_;
  std::unique_ptr<Feeding> feed_;
  std::unique_ptr<Lines> lines_;
  CaptureLine line_;
  bool has_next_ = false;
  int64_t count_ = 0;
  int64_t first_ns_ = 0;
  int64_t last_ns_ = 0;
};

}  // namespace streamhub::crypto

#endif  // STREAMHUB_TESTS_FEEDS_CRYPTO_GOLDEN_CAPTURE_H_
