// Server-sent events (WHATWG HTML, 9.2): one event per object, endless, one
// way. The response has no length and ends with the connection.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_SSE_TRANSPORT_H_
#define STREAMHUB_GATEWAY_TRANSPORT_SSE_TRANSPORT_H_

#include <span>
#include <string>
#include <string_view>

#include "gateway/codec/request.h"
#include "gateway/transport/refusal.h"
#include "gateway/transport/stream_transport.h"

namespace streamhub {

class SseTransport final : public StreamTransport {
 public:
  static constexpr std::string_view kContentType =
      "text/event-stream; charset=utf-8";

  // Takes over a socket whose request for `wanted` was read and not answered.
  // `headers`: further lines of the response, each ending in CRLF.
  static void Start(AcceptedSocket accepted, ShardContext& shard,
                    std::span<const ParsedRequest> wanted, std::string headers);

  SseTransport(AcceptedSocket accepted, ShardContext& shard,
               std::string headers)
      : StreamTransport(std::move(accepted), shard, Encoding::kJson),
        headers_(std::move(headers)) {}

 private:
  Envelope envelope() const override { return Envelope::kSse; }
  TransportKind kind() const override { return TransportKind::kSse; }
  std::string_view Frame(std::string& batch) override;
  // The session has said why, in a `closing` event.
  std::string Farewell(CloseReason) override { return {}; }
  std::string Refuse(const Refusal& refusal) override {
    return SseRefusal(refusal, headers_);
  }
  // A client has nothing to say; what it says is dropped.
  bool OnBytes(std::span<char>) override { return true; }

  std::string headers_;  // until they are sent
  bool headers_sent_ = false;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_SSE_TRANSPORT_H_
