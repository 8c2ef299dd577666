// Bytes, as they come, to lines. Pure; memory does not grow with the input but
// with its longest line, up to a limit: a line that is longer is told and
// passed over. One thread.
//
//   switch (lines.Read(&line)) {
//     case kNeedMore: copy bytes into lines.Room(); lines.Filled(count); or,
//                     at the end of the input, lines.Finish();

#ifndef STREAMHUB_FEEDS_CSV_LINE_READER_H_
#define STREAMHUB_FEEDS_CSV_LINE_READER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace streamhub::csv {

// Of rows; of other lines who reads them says it.
inline constexpr size_t kLineBytesMax = 16 * 1024;

class LineReader {
 public:
  explicit LineReader(size_t line_bytes_max = kLineBytesMax);

  enum class Next {
    kLine,
    kTooLong,  // a line of more than `line_bytes_max`, passed over
    kNeedMore,
    kEnd,
  };

  // `*line` is without its end, LF or CRLF, and without a byte order mark
  // (UTF-8) before the first one. The last one needs no end. Valid until the
  // next call of anything here.
  Next Read(std::string_view* line);

  // Where the next bytes go; never empty after kNeedMore.
  std::span<uint8_t> Room();
  void Filled(size_t count) { end_ += count; }
  void Finish() { finished_ = true; }

  // Of the line that Read() gave last: 1, 2, ...; 0 before the first.
  int64_t number() const { return number_; }

  // Where in the input that line begins, in bytes.
  int64_t offset() const { return offset_; }

 private:
  const size_t line_bytes_max_;
  std::vector<uint8_t> buffer_;
  size_t begin_ = 0;  // of what was not given out yet
  size_t scan_ = 0;   // up to here it has no line's end
  size_t end_ = 0;
  bool too_long_ = false;  // the line at hand; its start was dropped
  bool finished_ = false;
  int64_t number_ = 0;
  int64_t offset_ = 0;
  int64_t begin_offset_ = 0;  // in the input, of the line that follows
  int64_t dropped_ = 0;       // bytes of its start
};

}  // namespace streamhub::csv

#endif  // STREAMHUB_FEEDS_CSV_LINE_READER_H_
