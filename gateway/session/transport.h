// What a session needs of the connection that carries it. The session layer
// declares it; gateway/transport implements it for each kind of connection.
//
// Everything happens on the shard's thread. A transport is alive until it has
// called Session::OnClosed(), its last call into the session; after that the
// session does not touch it.

#ifndef STREAMHUB_GATEWAY_SESSION_TRANSPORT_H_
#define STREAMHUB_GATEWAY_SESSION_TRANSPORT_H_

#include <string>

#include "gateway/base/address_limits.h"
#include "gateway/base/shard_latency.h"
#include "gateway/codec/batch.h"
#include "gateway/session/close_reason.h"

namespace streamhub {

class Transport {
 public:
  virtual ~Transport() = default;

  // How a batch for this transport is wrapped: always the same.
  virtual Envelope envelope() const = 0;

  // By which its latencies are told apart.
  virtual TransportKind kind() const { return TransportKind::kOther; }

  // Where the client, or a proxy before it, connected from: ADDRESS:PORT.
  // Empty: not known.
  virtual std::string peer() { return {}; }

  // Of its address, by which what it publishes is limited; null: it has none.
  virtual AddressLimits::Place* place() { return nullptr; }

  // Why the page it is for may not publish; empty: it may, as what is no page.
  virtual std::string_view why_no_publish() const { return {}; }

  // Sends one batch: batch[kBatchHeadroom..] is the message, the bytes before
  // are room for a frame header. True: the socket took it all and wants more.
  // False: the rest is kept, or the socket is full; Session::OnSent() follows
  // (never from inside this call), and Send is not called before it.
  virtual bool Send(std::string& batch) = 0;

  // Reading goes on after Session::OnMessage() returned false.
  virtual void ResumeReading() = 0;

  // Closes after what was sent has gone out, or at once if a write is stuck.
  // Session::OnClosed() follows, never from inside this call.
  virtual void Close(CloseReason reason) = 0;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_TRANSPORT_H_
