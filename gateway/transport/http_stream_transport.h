// HTTP streaming: one endless response, a line per JSON object or one
// FlatBuffer after the other, a chunk (RFC 9112 section 7.1) per batch. One
// way. A client of HTTP/1.0 gets no chunks: its response ends with the
// connection.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_HTTP_STREAM_TRANSPORT_H_
#define STREAMHUB_GATEWAY_TRANSPORT_HTTP_STREAM_TRANSPORT_H_

#include <span>
#include <string>
#include <string_view>

#include "gateway/codec/request.h"
#include "gateway/transport/stream_transport.h"

namespace streamhub {

class HttpStreamTransport final : public StreamTransport {
 public:
  static constexpr std::string_view ContentType(Encoding encoding) {
    return encoding == Encoding::kFlat ? "application/x-streamhub-fb"
                                       : "application/x-ndjson";
  }

  // Takes over a socket whose request for `wanted` was read and not answered.
  // `headers`: further lines of the response, each ending in CRLF.
  static void Start(AcceptedSocket accepted, ShardContext& shard,
                    std::span<const ParsedRequest> wanted, std::string headers,
                    Encoding encoding, bool chunked);

  HttpStreamTransport(AcceptedSocket accepted, ShardContext& shard,
                      std::string headers, Encoding encoding, bool chunked)
      : StreamTransport(std::move(accepted), shard),
        headers_(std::move(headers)),
        encoding_(encoding),
        chunked_(chunked) {}

 private:
  Envelope envelope() const override { return EnvelopeOf(encoding_); }
  TransportKind kind() const override { return TransportKind::kStream; }
  std::string_view Frame(std::string& batch) override;
  std::string Farewell(CloseReason reason) override;
  // A client has nothing to say; what it says is dropped.
  bool OnBytes(std::span<char>) override { return true; }

  std::string headers_;  // until they are sent
  const Encoding encoding_;
  const bool chunked_;
  bool head_sent_ = false;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_HTTP_STREAM_TRANSPORT_H_
