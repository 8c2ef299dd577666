// A tick log of anything, made from a seed, and what must be read of it.

#ifndef STREAMHUB_TESTS_FEEDS_TICKLOG_RANDOM_LOG_H_
#define STREAMHUB_TESTS_FEEDS_TICKLOG_RANDOM_LOG_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/ticklog/log_writer.h"
#include "tests/feeds/ticklog/log_notes.h"

namespace streamhub::ticklog {

class RandomLog {
 public:
  RandomLog(uint64_t seed, int records, size_t block_bytes)
      : random_(seed), numbers_(1 + seed % 40) {
    LogWriter writer(
        [this](std::string_view piece) {
          bytes += piece;
          ends.push_back(bytes.size());
          lines_at.push_back(lines.size());
          return absl::OkStatus();
        },
        {.block_bytes = block_bytes, .level = 1});
    for (int i = 0; i < records; ++i) Add(writer);
    happened = writer.records();
    static_cast<void>(writer.Close());
  }

  std::string bytes;
  std::vector<std::string> lines;
  std::vector<size_t> ends;      // of the file's head, of each block, of it all
  std::vector<size_t> lines_at;  // lines up to each of these
  uint64_t happened = 0;

 private:
  struct Symbol {
    std::string code;
    const Layout* layout = nullptr;
  };

  uint64_t Below(uint64_t limit) { return random_() % limit; }

  int64_t Word() {
    switch (Below(6)) {
      case 0:
        return kEmpty;
      case 1:
        return static_cast<int64_t>(random_());
      case 2:
        return std::numeric_limits<int64_t>::max();
      default:
        return static_cast<int64_t>(Below(100000));
    }
  }

  int64_t Event() { return Below(3) == 0 ? 0 : now_ - int64_t(Below(1000)); }

  std::vector<FieldValue> Values(const Layout& layout) {
    std::vector<FieldValue> values;
    for (int i = 0; i < layout.size(); ++i) {
      const FieldId field = layout.field(i);
      if (Below(8) != 0) continue;
      values.push_back({field, KindOf(field) == FieldKind::kText
                                   ? PackText(Below(2) == 0 ? "open" : "halt")
                                   : Word()});
    }
    return values;
  }

  void Add(LogWriter& writer) {
    now_ += int64_t(Below(3) == 0 ? Below(1000) : 0);
    const auto number = static_cast<uint32_t>(Below(numbers_.size()));
    Symbol& symbol = numbers_[number];
    if (symbol.layout == nullptr || Below(100) == 0) {
      Define(writer, number);
      return;
    }
    switch (Below(16)) {
      case 0:
        AddOther(writer);
        break;
      case 1: {
        const auto values = Values(*symbol.layout);
        const int64_t event = Event();
        lines.push_back(
            ValuesLine("state", symbol.code, values, now_ - 7, event));
        writer.Refresh(number, values, now_ - 7, event);
        break;
      }
      case 2:
      case 3:
        AddTrade(writer, number);
        break;
      default: {
        const auto values = Values(*symbol.layout);
        const int64_t event = Event();
        lines.push_back(ValuesLine("tick", symbol.code, values, now_, event));
        writer.Tick(number, values, now_, event);
      }
    }
  }

  void Define(LogWriter& writer, uint32_t number) {
    Symbol& symbol = numbers_[number];
    symbol.code = "S" + std::to_string(Below(1000));
    const Layout* const layouts[] = {&QuoteLayout(), &BookLayout(),
                                     &DictionaryLayout(64),
                                     &DictionaryLayout(1)};
    symbol.layout = layouts[Below(4)];
    SymbolInfo info;
    info.code = symbol.code;
    info.name = Below(2) == 0 ? "Zürich" : "";
    info.currency = Below(2) == 0 ? "CHF" : "";
    info.price_decimals = static_cast<int>(Below(13));
    info.quantity_decimals = static_cast<int>(Below(13));
    info.pip = int64_t(Below(3));
    info.layout = symbol.layout;
    const std::string feed = Below(2) == 0 ? "itch" : "";
    lines.push_back(SymbolLine(info, feed));
    writer.Symbol(number, info, feed);
  }

  void AddTrade(LogWriter& writer, uint32_t number) {
    const std::string id = Below(2) == 0 ? std::to_string(random_()) : "";
    TradeReport trade;
    trade.price = Word();
    trade.size = Word();
    trade.taker = static_cast<Taker>(Below(3));
    trade.id = id;
    trade.cross = Below(4) == 0 ? "opening" : "";
    trade.cancelled = Below(4) == 0;
    const int64_t event = Event();
    lines.push_back(TradeLine(numbers_[number].code, trade, now_, event));
    writer.Trade(number, trade, now_, event);
  }

  void AddOther(LogWriter& writer) {
    switch (Below(4)) {
      case 0: {
        const uint64_t epoch = random_();
        lines.push_back(absl::StrCat("epoch ", epoch, " ", now_));
        writer.Epoch(epoch, now_);
        break;
      }
      case 1: {
        const auto status = static_cast<FeedStatus>(Below(4));
        lines.push_back(
            absl::StrCat("status iex ", static_cast<int>(status), " ", now_));
        writer.Status("iex", status, now_);
        break;
      }
      case 2:
        lines.push_back(absl::StrCat("gap 17 ", now_ - 5, " ", now_));
        writer.Gap(17, now_ - 5, now_);
        break;
      default: {
        const std::string told = std::string("{\"x\":\0\xFF}", 8);
        SentRecord sent;
        sent.session = random_();
        sent.transport = "ws";
        sent.encoding = "json";
        sent.time_ns = now_;
        sent.batch = Below(100);
        sent.symbol = Below(2) == 0 ? "S1" : "";
        sent.bytes = told;
        lines.push_back(SentLine(sent));
        writer.Sent(sent);
      }
    }
  }

  std::mt19937_64 random_;
  std::vector<Symbol> numbers_;
  int64_t now_ = 1'700'000'000'000'000'000;
};

}  // namespace streamhub::ticklog

#endif  // STREAMHUB_TESTS_FEEDS_TICKLOG_RANDOM_LOG_H_
