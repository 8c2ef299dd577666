// WebSocket (RFC 6455): one message per batch, text in JSON and binary in
// FlatBuffers; requests as messages.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_WS_TRANSPORT_H_
#define STREAMHUB_GATEWAY_TRANSPORT_WS_TRANSPORT_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "gateway/codec/request.h"
#include "gateway/codec/ws_frame.h"
#include "gateway/transport/stream_transport.h"
#include "gateway/transport/ws_opening.h"

namespace streamhub {

class WsTransport : public StreamTransport {
 public:
  // Takes over a socket on which the opening handshake was answered. `early`:
  // what the client sent after it.
  static void Start(AcceptedSocket accepted, ShardContext& shard,
                    const WsOpening& opening, std::string_view early);

  WsTransport(AcceptedSocket accepted, ShardContext& shard,
              const WsOpening& opening)
      : StreamTransport(std::move(accepted), shard, opening.encoding),
        why_no_publish_(opening.why_no_publish),
        reader_({.max_message_bytes = shard.limits.message_bytes_max}) {}

 protected:
  // Over a reader of its own limits, without a session: StartReading().
  WsTransport(AcceptedSocket accepted, ShardContext& shard,
              const WsFrameReader::Options& options)
      : StreamTransport(std::move(accepted), shard, Encoding::kJson),
        reader_(options) {}

  // A whole message, which may be overwritten. False: stop reading.
  virtual bool OnMessage(const WsEvent& message);

 private:
  Envelope envelope() const override { return EnvelopeOf(encoding()); }
  TransportKind kind() const override { return TransportKind::kWebSocket; }
  std::string_view why_no_publish() const override { return why_no_publish_; }
  std::string_view Frame(std::string& batch) override;
  std::string Farewell(CloseReason reason) override;
  std::string Refuse(const Refusal& refusal) override;
  bool OnBytes(std::span<char> bytes) override;

  const std::string why_no_publish_;
  WsFrameReader reader_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_WS_TRANSPORT_H_
