#include "gateway/cli/sse_reader.h"

#include <utility>

namespace streamhub {

SseReader::Result SseReader::Next(std::string_view* input, std::string* data) {
  while (!input->empty()) {
    const size_t end = input->find('\n');
    line_ += input->substr(0, end);
    if (line_.size() + data_.size() > bytes_max_) return Result::kTooBig;
    if (end == input->npos) break;
    input->remove_prefix(end + 1);
    if (line_.ends_with('\r')) line_.pop_back();
    const bool event = EndLine(data);
    line_.clear();
    if (event) return Result::kEvent;
  }
  *input = {};
  return Result::kNeedMore;
}

bool SseReader::EndLine(std::string* data) {
  if (line_.empty()) {
    *data = std::exchange(data_, {});
    return std::exchange(has_data_, false);
  }
  constexpr std::string_view kData = "data:";
  if (!line_.starts_with(kData)) return false;
  std::string_view value = std::string_view(line_).substr(kData.size());
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (std::exchange(has_data_, true)) data_ += '\n';
  data_ += value;
  return false;
}

}  // namespace streamhub
