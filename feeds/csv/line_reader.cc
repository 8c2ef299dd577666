#include "feeds/csv/line_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace streamhub::csv {
namespace {

constexpr size_t kBufferBytes = 64 * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

LineReader::LineReader(size_t line_bytes_max)
    : line_bytes_max_(line_bytes_max), buffer_(kBufferBytes) {}

LineReader::Next LineReader::Read(std::string_view* line) {
  const auto* const bytes = reinterpret_cast<const char*>(buffer_.data());
  size_t line_end = std::string_view(bytes, end_).find('\n', scan_);
  size_t next = line_end + 1;
  if (line_end == std::string_view::npos) {
    scan_ = end_;
    if (end_ - begin_ > line_bytes_max_) {
      too_long_ = true;
      dropped_ += static_cast<int64_t>(end_ - begin_);
      begin_ = end_;
    }
    if (!finished_) return Next::kNeedMore;
    if (begin_ == end_ && !too_long_) return Next::kEnd;
    line_end = next = end_;
  }
  std::string_view found(bytes + begin_, line_end - begin_);
  offset_ = begin_offset_;
  begin_offset_ +=
      std::exchange(dropped_, 0) + static_cast<int64_t>(next - begin_);
  begin_ = scan_ = next;
  ++number_;
  if (std::exchange(too_long_, false) || found.size() > line_bytes_max_) {
    return Next::kTooLong;
  }
  if (number_ == 1 && found.starts_with(kByteOrderMark)) {
    found.remove_prefix(kByteOrderMark.size());
  }
  if (found.ends_with('\r')) found.remove_suffix(1);
  *line = found;
  return Next::kLine;
}

std::span<uint8_t> LineReader::Room() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    scan_ -= begin_;
    begin_ = 0;
  }
  // Full of one line that is not too long so far.
  if (end_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
  return std::span(buffer_).subspan(end_);
}

}  // namespace streamhub::csv
