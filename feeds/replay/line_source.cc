#include "feeds/replay/line_source.h"

#include <utility>

#include "feeds/replay/fill.h"

namespace streamhub {
namespace {

// Of lines that are no records, and of reads that bring no line's end.
constexpr int kLinesPerTurn = 2000;
constexpr int kReadsPerLine = 16;

}  // namespace

LineSource::LineSource(std::unique_ptr<ByteSource> source,
                       size_t line_bytes_max)
    : source_(std::move(source)), lines_(line_bytes_max) {}

void LineSource::BeginTurn() { lines_left_ = kLinesPerTurn; }

LineSource::Got LineSource::GetNew(int wait_ms_max, std::string_view* line) {
  if (--lines_left_ < 0) return Got::kWaiting;
  for (int i = 0; i < kReadsPerLine; ++i) {
    switch (lines_.Read(line)) {
      case csv::LineReader::Next::kLine:
        return Got::kLine;
      case csv::LineReader::Next::kTooLong:
        return Got::kTooLong;
      case csv::LineReader::Next::kEnd:
        return Got::kEnd;
      case csv::LineReader::Next::kNeedMore:
        break;
    }
    const ByteSource::Result filled = Fill(*source_, wait_ms_max, lines_);
    if (filled == ByteSource::Result::kWaiting) return Got::kWaiting;
    if (filled == ByteSource::Result::kFailed) return Got::kFailed;
  }
  return Got::kWaiting;
}

LineSource::Got LineSource::Get(int wait_ms_max, std::string_view* line) {
  if (surveyed_.empty()) {
    const Got got = GetNew(wait_ms_max, line);
    number_ = lines_.number();
    return got;
  }
  line_ = std::move(surveyed_.front());
  surveyed_.pop_front();
  number_ = line_.number;
  *line = line_.text;
  return line_.too_long ? Got::kTooLong : Got::kLine;
}

void LineSource::Keep(Got got, std::string_view line) {
  surveyed_bytes_ += line.size();
  surveyed_.push_back(
      {std::string(line), lines_.number(), got == Got::kTooLong});
}

}  // namespace streamhub
