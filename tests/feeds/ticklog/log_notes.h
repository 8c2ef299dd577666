// What a tick log tells, a line for each record: symbols by their code, since
// numbers are the file's own.

#ifndef STREAMHUB_TESTS_FEEDS_TICKLOG_LOG_NOTES_H_
#define STREAMHUB_TESTS_FEEDS_TICKLOG_LOG_NOTES_H_

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/field_value.h"
#include "feeds/tape.h"
#include "feeds/tick_record.h"
#include "feeds/ticklog/log_reader.h"
#include "gateway/base/strings.h"

namespace streamhub::ticklog {

inline std::string SymbolLine(const SymbolInfo& info, std::string_view feed) {
  std::string line =
      absl::StrCat("symbol ", info.code, " '", info.name, "' ", info.currency,
                   " ", info.price_decimals, " ", info.quantity_decimals, " ",
                   info.pip, " of ", ToAbsl(feed), ":");
  for (int i = 0; i < info.layout->size(); ++i) {
    absl::StrAppend(&line, " ", ToAbsl(FieldName(info.layout->field(i))));
  }
  return line;
}

inline std::string ValuesLine(std::string_view kind, std::string_view code,
                              std::span<const FieldValue> values,
                              int64_t time_ns, int64_t event_ns) {
  std::string line = absl::StrCat(ToAbsl(kind), " ", ToAbsl(code), " ", time_ns,
                                  " ", event_ns);
  for (const FieldValue& v : values) {
    absl::StrAppend(&line, " ", ToAbsl(FieldName(v.field)), "=");
    if (v.value == kEmpty) {
      line += "empty";
    } else {
      absl::StrAppend(&line, v.value);
    }
  }
  return line;
}

inline std::string TradeLine(std::string_view code, const TradeReport& trade,
                             int64_t time_ns, int64_t event_ns) {
  return absl::StrCat("trade ", ToAbsl(code), " ", time_ns, " ", event_ns, " ",
                      trade.price, " ", trade.size, " ",
                      static_cast<int>(trade.taker), " '", ToAbsl(trade.id),
                      "' '", ToAbsl(trade.cross), "'",
                      trade.cancelled ? " void" : "");
}

inline std::string SentLine(const SentRecord& sent) {
  return absl::StrCat("sent ", sent.session, " ", ToAbsl(sent.transport), " ",
                      ToAbsl(sent.encoding), " ", sent.time_ns, " ", sent.batch,
                      " ", ToAbsl(sent.symbol), " ",
                      absl::CHexEscape(ToAbsl(sent.bytes)), " ", sent.cut);
}

class LogNotes {
 public:
  void Add(const TickRecord& r) {
    const std::string& code = codes_[r.number];
    switch (r.kind) {
      case TickRecord::Kind::kSymbol:
        codes_[r.number] = r.info->code;
        lines.push_back(SymbolLine(*r.info, r.feed));
        break;
      case TickRecord::Kind::kTick:
        lines.push_back(
            ValuesLine("tick", code, r.values, r.time_ns, r.event_ns));
        break;
      case TickRecord::Kind::kRefresh:
        lines.push_back(
            ValuesLine("state", code, r.values, r.time_ns, r.event_ns));
        break;
      case TickRecord::Kind::kTrade:
        lines.push_back(TradeLine(code, r.trade, r.time_ns, r.event_ns));
        break;
      case TickRecord::Kind::kEpoch:
        lines.push_back(absl::StrCat("epoch ", r.epoch, " ", r.time_ns));
        break;
      case TickRecord::Kind::kStatus:
        lines.push_back(absl::StrCat("status ", ToAbsl(r.feed), " ",
                                     static_cast<int>(r.status), " ",
                                     r.time_ns));
        break;
      case TickRecord::Kind::kGap:
        lines.push_back(
            absl::StrCat("gap ", r.lost, " ", r.from_ns, " ", r.time_ns));
        break;
      case TickRecord::Kind::kSent:
        lines.push_back(SentLine(r.sent));
        break;
    }
  }

  std::vector<std::string> lines;

 private:
  std::map<uint32_t, std::string> codes_;
};

// Reads all of `bytes`, in pieces of at most `piece`. How it ended.
inline LogReader::Next ReadAll(LogReader& reader, std::string_view bytes,
                               size_t piece, LogNotes* notes) {
  for (;;) {
    TickRecord record;
    const LogReader::Next next = reader.Read(&record);
    if (next == LogReader::Next::kRecord) {
      notes->Add(record);
    } else if (next != LogReader::Next::kNeedMore) {
      return next;
    } else if (bytes.empty()) {
      reader.Finish();
    } else {
      const std::span<uint8_t> room = reader.Room();
      const size_t count = std::min({room.size(), bytes.size(), piece});
      std::copy_n(bytes.begin(), count, room.begin());
      reader.Filled(count);
      bytes.remove_prefix(count);
    }
  }
}

}  // namespace streamhub::ticklog

#endif  // STREAMHUB_TESTS_FEEDS_TICKLOG_LOG_NOTES_H_
