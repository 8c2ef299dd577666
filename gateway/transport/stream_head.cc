#include "gateway/transport/stream_head.h"

namespace streamhub {

// X-Accel-Buffering and no-transform: proxies must pass every byte at once.
std::string StreamHead(std::string_view content_type,
                       std::string_view further) {
  std::string head = "HTTP/1.1 200 OK\r\nContent-Type: ";
  head += content_type;
  head +=
      "\r\n"
      "Cache-Control: no-store, no-transform\r\n"
      "X-Accel-Buffering: no\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "Connection: close\r\n";
  head += further;
  return head + "\r\n";
}

}  // namespace streamhub
