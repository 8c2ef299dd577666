#include "gateway/transport/sse_transport.h"

#include <memory>
#include <utility>

#include "gateway/codec/batch.h"

namespace streamhub {
namespace {

// X-Accel-Buffering and no-transform: proxies must pass every byte at once.
constexpr std::string_view kHeaders =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: text/event-stream; charset=utf-8\r\n"
    "Cache-Control: no-store, no-transform\r\n"
    "X-Accel-Buffering: no\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Connection: close\r\n"
    "\r\n";

}  // namespace

void SseTransport::Start(boost::asio::ip::tcp::socket socket,
                         ShardContext& shard, const Request& wanted) {
  std::make_shared<SseTransport>(std::move(socket), shard)
      ->StreamTransport::Start(&wanted, {});
}

std::string_view SseTransport::Frame(std::string& batch) {
  if (std::exchange(headers_sent_, true)) {
    return std::string_view(batch).substr(kBatchHeadroom);
  }
  batch.replace(0, kBatchHeadroom, kHeaders);
  return batch;
}

std::string SseTransport::Farewell(CloseReason reason) {
  // The session has said why in a `closing` event, if there was one.
  if (headers_sent_ || reason != CloseReason::kTooManySessions) return {};
  return "HTTP/1.1 503 Service Unavailable\r\n"
         "Retry-After: 5\r\n"
         "Content-Length: 0\r\n"
         "Connection: close\r\n"
         "\r\n";
}

}  // namespace streamhub
