#include "gateway/transport/refusal.h"

#include <absl/strings/str_cat.h>
#include <sys/socket.h>

#include "gateway/base/strings.h"
#include "gateway/codec/ws_frame.h"
#include "gateway/transport/sse_transport.h"
#include "gateway/transport/stream_head.h"

namespace streamhub {
namespace {

// In whole seconds (RFC 9110 section 10.2.3), not too early.
int RetryAfter(int retry_ms) { return (retry_ms + 999) / 1000; }

std::string ErrorLine(const Refusal& refusal) {
  return absl::StrCat(R"({"type":"error","code":"unavailable","reason":")",
                      ToAbsl(InfoOf(refusal.reason).text), R"(","retry_ms":)",
                      refusal.retry_ms, "}\n");
}

}  // namespace

std::string WsRefusal(const Refusal& refusal) {
  const CloseReasonInfo& info = InfoOf(refusal.reason);
  const std::string reason =
      absl::StrCat(ToAbsl(info.text), " retry_ms=", refusal.retry_ms);
  std::string frame;
  AppendServerFrame(WsOpcode::kClose, ClosePayload(info.code, reason), &frame);
  return frame;
}

std::string ClosingLine(const Refusal& refusal) {
  const CloseReasonInfo& info = InfoOf(refusal.reason);
  return absl::StrCat(R"({"type":"closing","code":)", info.code,
                      R"(,"reason":")", ToAbsl(info.text),
                      R"(","retry":true,"after_ms":)", refusal.retry_ms, "}");
}

std::string SseRefusal(const Refusal& refusal, std::string_view headers) {
  return absl::StrCat(StreamHead(SseTransport::kContentType, headers),
                      "retry: ", refusal.retry_ms,
                      "\ndata: ", ClosingLine(refusal), "\n\n");
}

HttpAnswer UnavailableAnswer(const Refusal& refusal) {
  HttpAnswer answer = JsonAnswer(503, ErrorLine(refusal));
  answer.headers.emplace_back("Retry-After",
                              absl::StrCat(RetryAfter(refusal.retry_ms)));
  return answer;
}

std::string UnavailableResponse(const Refusal& refusal,
                                std::string_view headers) {
  const std::string body = ErrorLine(refusal);
  return absl::StrCat(
      "HTTP/1.1 503 Service Unavailable\r\n"
      "Content-Type: application/json\r\n"
      "Cache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "Retry-After: ",
      RetryAfter(refusal.retry_ms), "\r\nContent-Length: ", body.size(),
      "\r\nConnection: close\r\n", ToAbsl(headers), "\r\n", body);
}

void RefuseFlood(int fd, int retry_ms) {
  const std::string response = absl::StrCat(
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: ", RetryAfter(retry_ms),
      "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  // It cannot fail for a reason that matters: the connection ends anyway.
  [[maybe_unused]] const ssize_t sent =
      send(fd, response.data(), response.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  shutdown(fd, SHUT_WR);
}

}  // namespace streamhub
