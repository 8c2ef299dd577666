// Headers of a response, before they become bytes. Any thread.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_HTTP_HEADERS_H_
#define STREAMHUB_GATEWAY_TRANSPORT_HTTP_HEADERS_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamhub {

// Names are literals.
using HttpHeaders = std::vector<std::pair<std::string_view, std::string>>;

// As the lines of a response, each ending in CRLF.
inline std::string HeaderLines(const HttpHeaders& headers) {
  std::string lines;
  for (const auto& [name, value] : headers) {
    lines += name;
    lines += ": ";
    lines += value;
    lines += "\r\n";
  }
  return lines;
}

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_HTTP_HEADERS_H_
