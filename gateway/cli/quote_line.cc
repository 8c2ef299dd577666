#include "gateway/cli/quote_line.h"

#include <absl/strings/str_cat.h>

#include "gateway/codec/json.h"

namespace streamhub {

std::string UpdateLine(const QuoteBoard::Quote& quote,
                       const QuoteBoard::Update& update,
                       std::string_view state) {
  std::string line = "{\"symbol\":";
  AppendString(quote.symbol, &line);
  absl::StrAppend(&line, ",\"v\":", quote.version);
  if (update.snapshot) line += ",\"snapshot\":true";
  absl::StrAppend(&line, ",\"ticks\":", quote.ticks,
                  ",\"received\":", quote.received_us);
  if (quote.event_us > 0) {
    absl::StrAppend(&line, ",\"event\":", quote.event_us);
  }
  line += ",\"state\":";
  AppendString(state, &line);
  for (const auto& [field, raw] : update.fields) {
    line += ',';
    AppendString(field, &line);
    line += ':' + raw;
  }
  line += "}\n";
  return line;
}

std::string MessageLines(std::string_view name, const QuoteBoard::Part& part) {
  std::string lines;
  const auto begin = [&] {
    lines += "{\"topic\":";
    AppendString(name, &lines);
  };
  if (!part.lost.empty()) {
    begin();
    absl::StrAppend(&lines, ",\"lost\":", part.lost, "}\n");
  }
  for (const QuoteBoard::Part::Message& message : part.messages) {
    begin();
    absl::StrAppend(&lines, ",\"seq\":", message.seq,
                    ",\"time\":", message.time_us, ",\"data\":", message.data,
                    "}\n");
  }
  return lines;
}

std::string StateLine(const QuoteBoard::Quote& quote, std::string_view state) {
  std::string line = "{\"symbol\":";
  AppendString(quote.symbol, &line);
  line += ",\"state\":";
  AppendString(state, &line);
  return line + "}\n";
}

}  // namespace streamhub
