// Bytes of an event stream -> the data of its events (WHATWG HTML, 9.2.6).
// Lines may end in \n or \r\n; other fields than `data` are passed over. Pure;
// one thread.

#ifndef STREAMHUB_GATEWAY_CLI_SSE_READER_H_
#define STREAMHUB_GATEWAY_CLI_SSE_READER_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace streamhub {

class SseReader {
 public:
  enum class Result { kNeedMore, kEvent, kTooBig };

  explicit SseReader(size_t bytes_max) : bytes_max_(bytes_max) {}

  // Takes bytes from the front of *input up to the end of the next event.
  // kTooBig: a line or an event grew beyond `bytes_max`.
  Result Next(std::string_view* input, std::string* data);

 private:
  bool EndLine(std::string* data);

  const size_t bytes_max_;
  std::string line_;
  std::string data_;
  bool has_data_ = false;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_SSE_READER_H_
