// What the transports that live on one TCP connection share: the socket, with
// TLS on it or without, the one write in flight, and the end. Derived classes
// add the framing.
//
// Shard's thread only. It keeps itself alive by its own pending I/O and ends by
// telling the session OnClosed() once nothing is pending any more.
//
// Writing goes straight to the socket. Only what it does not take is kept, and
// only then is writability waited for: also when it took all but now holds
// more than kUnsentMax unsent bytes, which would be old prices.
//
// A peer that ends its own direction is gone: what it could not say any more
// (a ping, a close) is how it would live on.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_STREAM_TRANSPORT_H_
#define STREAMHUB_GATEWAY_TRANSPORT_STREAM_TRANSPORT_H_

#include <sys/types.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/codec/request.h"
#include "gateway/session/session.h"
#include "gateway/session/transport.h"
#include "gateway/transport/accepted_socket.h"
#include "gateway/transport/handler_memory.h"
#include "gateway/transport/shard_context.h"

namespace streamhub {

class StreamTransport : public Transport,
                        public std::enable_shared_from_this<StreamTransport> {
 public:
  // --- Transport ---
  std::string peer() final;
  AddressLimits::Place* place() final { return &place_; }
  bool Send(std::string& batch) final;
  void ResumeReading() final;
  void Close(CloseReason reason) final;

 protected:
  StreamTransport(AcceptedSocket accepted, ShardContext& shard,
                  Encoding encoding);

  // Opens the session, hands it `first` and starts to read; `early` are bytes
  // that came right behind the request. If it is not let in that is told, and
  // the connection closed.
  void Start(std::span<const ParsedRequest> first, std::string_view early);

  // Only reads: without a session.
  void StartReading(std::string_view early);

  // All that goes out to somebody who is not let in.
  virtual std::string Refuse(const Refusal& refusal) = 0;

  // A batch as it goes on the wire; may use the headroom.
  virtual std::string_view Frame(std::string& batch) = 0;

  // What goes out before the end.
  virtual std::string Farewell(CloseReason reason) = 0;

  // Bytes from the client; may be overwritten. False: stop reading.
  virtual bool OnBytes(std::span<char> bytes) = 0;

  // Sends what is no batch (control frames), also while a batch is in flight.
  void SendControl(std::string_view bytes);

  // Lets the session end for this reason, when the batch at hand is out.
  void EndSoon(CloseReason reason);

  // Sends `bytes` and ends the connection.
  void CloseWith(std::string_view bytes);

  Session* session() { return session_; }
  const ShardContext& shard() const { return shard_; }
  Encoding encoding() const { return encoding_; }

 private:
  enum class Wrote { kAll, kPending };

  Wrote Write(std::string_view bytes);
  void AwaitWritable();
  void OnWritable(const boost::system::error_code& error);
  void AwaitReset();
  void AwaitReadable();
  void OnReadable(const boost::system::error_code& error);
  ssize_t Receive(std::span<char> buffer);
  void Shutdown();
  void Finish();
  void FinishSoon();

  // Every batch looks at these: they lie together.
  ClientStream stream_;
  ShardContext& shard_;
  Session* session_ = nullptr;  // null before Start and after OnClosed
  std::string pending_;         // what the socket did not take
  size_t since_check_ = 0;      // bytes written since UnsentBytes was asked
  const Encoding encoding_;
  bool batch_in_flight_ = false;
  bool awaiting_writable_ = false;
  bool awaiting_reset_ = false;
  bool reading_ = false;
  bool reading_wanted_ = true;
  bool closing_ = false;
  bool shut_ = false;
  bool finished_ = false;

  const Quota::Slot slot_;
  AddressLimits::Place place_;
  std::optional<Refusal> refusal_;      // before it asks to be let in
  uint32_t control_pending_ = 0;        // bytes of control frames in pending_
  std::unique_ptr<std::string> early_;  // came with the request, not yet read
  std::unique_ptr<boost::asio::steady_timer> deadline_;  // once closing
  HandlerMemory read_wait_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_STREAM_TRANSPORT_H_
