// HTTP streaming: one endless response, a line per JSON object or one
// FlatBuffer after the other, a chunk (RFC 9112 section 7.1) per batch. One
// way. A client of HTTP/1.0 gets no chunks: its response ends with the
// connection.
//
// In a hidden frame the response is a document, a script per batch. Browsers
// keep documents whole, so it is ended when it has got long.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_HTTP_STREAM_TRANSPORT_H_
#define STREAMHUB_GATEWAY_TRANSPORT_HTTP_STREAM_TRANSPORT_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "gateway/codec/request.h"
#include "gateway/transport/script_page.h"
#include "gateway/transport/stream_transport.h"

namespace streamhub {

class HttpStreamTransport final : public StreamTransport {
 public:
  static constexpr std::string_view ContentType(Encoding encoding) {
    return encoding == Encoding::kFlat ? "application/x-streamhub-fb"
                                       : "application/x-ndjson";
  }

  static constexpr std::string_view kFrameType = "text/html; charset=utf-8";

  // Takes over a socket whose request for `wanted` was read and not answered.
  // `headers`: further lines of the response, each ending in CRLF.
  static void Start(AcceptedSocket accepted, ShardContext& shard,
                    std::span<const ParsedRequest> wanted, std::string headers,
                    Encoding encoding, bool chunked);
  static void StartFrame(AcceptedSocket accepted, ShardContext& shard,
                         std::span<const ParsedRequest> wanted,
                         std::string headers, ScriptPage page, bool chunked);

  HttpStreamTransport(AcceptedSocket accepted, ShardContext& shard,
                      std::string headers, Encoding encoding, bool chunked,
                      std::unique_ptr<const ScriptPage> page)
      : StreamTransport(std::move(accepted), shard, encoding),
        headers_(std::move(headers)),
        chunked_(chunked),
        page_(std::move(page)) {}

 private:
  Envelope envelope() const override { return EnvelopeOf(encoding()); }
  TransportKind kind() const override { return TransportKind::kStream; }
  std::string_view Frame(std::string& batch) override;
  void WrapForPage(std::string& batch);
  std::string Farewell(CloseReason reason) override;
  std::string Refuse(const Refusal& refusal) override;
  // A client has nothing to say; what it says is dropped.
  bool OnBytes(std::span<char>) override { return true; }

  std::string headers_;  // until they are sent
  const bool chunked_;
  bool head_sent_ = false;
  const std::unique_ptr<const ScriptPage> page_;  // null: no frame
  size_t page_bytes_ = 0;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_HTTP_STREAM_TRANSPORT_H_
