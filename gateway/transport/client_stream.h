// A client's connection: a TCP socket, and TLS on it where the port speaks TLS.
// What is above sees bytes and cannot tell the two apart.
//
// Shard's thread only. Plain it costs a pointer and a test of it; TLS keeps no
// buffer while it is idle, and sends one record of up to 16 KB by one send(2).
//
// The functions that transfer bytes do it as send(2) and recv(2) do on a socket
// that does not block: what they cannot do now is EAGAIN, and is tried again
// when socket() can be written, or read. What could not be sent has to be what
// is sent next, from its first byte on; more may follow it.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_CLIENT_STREAM_H_
#define STREAMHUB_GATEWAY_TRANSPORT_CLIENT_STREAM_H_

#include <sys/socket.h>
#include <sys/types.h>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/transport/tls_context.h"

namespace streamhub {

// Bound to a shard's io_context itself: with any executor every pending
// operation carries one of those, which doubles its size.
using ClientSocket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                     boost::asio::io_context::executor_type>;

class ClientStream {
 public:
  using executor_type = ClientSocket::executor_type;
  enum class Shaken { kDone, kWantsRead, kWantsWrite, kFailed };

  explicit ClientStream(ClientSocket socket) : socket_(std::move(socket)) {}
  ClientStream(ClientStream&&) = default;

  // --- TLS ---

  // From now on it is TLS; ShakeHands() comes before any byte.
  void StartTls(SslPtr tls) { tls_ = std::move(tls); }

  // Goes on with the handshake, as far as it gets without waiting. `*fault`:
  // why it failed; the client has been told.
  Shaken ShakeHands(std::string* fault);

  // --- bytes ---

  // How many were taken: fewer than there are means EAGAIN for the others.
  ssize_t Send(std::string_view bytes) {
    if (tls_ != nullptr) return SendTls(bytes);
    return ::send(socket_.native_handle(), bytes.data(), bytes.size(),
                  MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  // 0: the client has ended its direction.
  ssize_t Receive(std::span<char> room) {
    if (tls_ != nullptr) return ReceiveTls(room);
    return ::recv(socket_.native_handle(), room.data(), room.size(),
                  MSG_DONTWAIT);
  }

  // What Receive() of one byte would say; takes nothing.
  ssize_t Peek();

  // Bytes are here already, of which the socket will not tell.
  bool HasReceived() const { return tls_ != nullptr && HasReceivedTls(); }

  // --- the end ---

  // Says that nothing follows (close_notify, RFC 8446 section 6.1), behind all
  // that was sent. False: to be tried again when the socket can be written.
  bool SayEnd();

  // Ends the own direction; SayEnd() comes before it.
  void EndSending(boost::system::error_code& error) {
    socket_.shutdown(ClientSocket::shutdown_send, error);
  }

  // Says the end if that can be done now. Nothing comes and goes after it.
  void Close();

  // --- Asio and Beast; client_stream_async.h ---

  executor_type get_executor() { return socket_.get_executor(); }
  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler);
  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler);

  // To wait, and for its options. Its bytes are not the client's.
  ClientSocket& socket() { return socket_; }
  int native_handle() { return socket_.native_handle(); }

 private:
  ssize_t SendTls(std::string_view bytes);
  ssize_t ReceiveTls(std::span<char> room);
  bool HasReceivedTls() const;

  ClientSocket socket_;
  SslPtr tls_;  // null: plain. Gone before the socket is closed
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_CLIENT_STREAM_H_
