// FlatReader over any bytes: no crash, and what it accepts is one JSON object
// per line. An id is told as it is written, so what has one is let off.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/check.h"
#include "gateway/codec/flat_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A copy of just that size: the sanitizer sees any byte read beyond it.
  const std::vector<char> copy(data, data + size);
  streamhub::FlatReader reader;
  std::string lines;
  const absl::Status status = reader.ToJson({copy.data(), copy.size()}, &lines);
  if (!status.ok()) {
    STREAMHUB_CHECK(!status.message().empty());
    return 0;
  }
  if (lines.empty() || lines.find("\"id\":") != lines.npos) return 0;
  for (size_t from = 0; from <= lines.size();) {
    const size_t end = std::min(lines.find('\n', from), lines.size());
    const auto line = std::string_view(lines).substr(from, end - from);
    STREAMHUB_CHECK(!line.empty() && line.front() == '{');
    from = end + 1;
  }
  return 0;
}
