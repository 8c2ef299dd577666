// Reading and writing a ClientStream as Asio's AsyncReadStream and
// AsyncWriteStream, which is how Beast reads and writes HTTP. Apart from
// client_stream.h, as it is long to compile.
//
// Shard's thread only. The stream outlives what is pending on it; Close() ends
// that with operation_aborted.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_CLIENT_STREAM_ASYNC_H_
#define STREAMHUB_GATEWAY_TRANSPORT_CLIENT_STREAM_ASYNC_H_

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <span>
#include <string>
#include <utility>

#include "gateway/transport/client_stream.h"

namespace streamhub {
namespace client_stream_internal {

using boost::system::error_code;

// Tries, waits and tries again. kWait: for what. `try_it(stream)` is as
// send(2) and recv(2); kEndIsError: nothing at all is the end of the stream.
template <ClientSocket::wait_type kWait, bool kEndIsError, typename Try>
class Transfer {
 public:
  Transfer(ClientStream& stream, Try try_it)
      : stream_(stream), try_(std::move(try_it)) {}

  template <typename Self>
  void operator()(Self& self, error_code error = {}) {
    if (over_) return self.complete(error_, bytes_);
    ClientStream& stream = stream_;  // `self` may be gone from here
    if (!error) {
      const ssize_t done = try_(stream);
      if (done < 0 && (errno == EAGAIN || errno == EINTR)) {
        waited_ = true;
        return stream.socket().async_wait(kWait, std::move(self));
      }
      if (done < 0) error = error_code(errno, boost::system::system_category());
      if (done == 0 && kEndIsError) error = boost::asio::error::eof;
      if (done > 0) bytes_ = static_cast<size_t>(done);
    }
    if (waited_) return self.complete(error, bytes_);
    // Not from within who asked for it.
    over_ = true;
    error_ = error;
    boost::asio::post(stream.get_executor(), std::move(self));
  }

 private:
  ClientStream& stream_;
  Try try_;
  error_code error_;
  size_t bytes_ = 0;
  bool waited_ = false;
  bool over_ = false;
};

template <ClientSocket::wait_type kWait, bool kEndIsError, typename Try,
          typename Handler>
void Start(ClientStream& stream, Try try_it, Handler&& handler) {
  boost::asio::async_compose<Handler, void(error_code, size_t)>(
      Transfer<kWait, kEndIsError, Try>(stream, std::move(try_it)), handler,
      stream.socket());
}

}  // namespace client_stream_internal

template <typename Buffers, typename Handler>
void ClientStream::async_read_some(const Buffers& buffers, Handler&& handler) {
  if (tls_ == nullptr) {
    socket_.async_read_some(buffers, std::forward<Handler>(handler));
    return;
  }
  std::span<char> room;
  for (auto at = boost::asio::buffer_sequence_begin(buffers);
       room.empty() && at != boost::asio::buffer_sequence_end(buffers); ++at) {
    const boost::asio::mutable_buffer one(*at);
    room = {static_cast<char*>(one.data()), one.size()};
  }
  client_stream_internal::Start<ClientSocket::wait_read, true>(
      *this, [room](ClientStream& stream) { return stream.Receive(room); },
      std::forward<Handler>(handler));
}

// A head and its body are one record, if they fit: they are copied together.
template <typename Buffers, typename Handler>
void ClientStream::async_write_some(const Buffers& buffers, Handler&& handler) {
  if (tls_ == nullptr) {
    socket_.async_write_some(buffers, std::forward<Handler>(handler));
    return;
  }
  constexpr size_t kRecordBytesMax = 16 * 1024;
  std::string record(
      std::min(boost::asio::buffer_size(buffers), kRecordBytesMax), '\0');
  boost::asio::buffer_copy(boost::asio::buffer(record), buffers);
  client_stream_internal::Start<ClientSocket::wait_write, false>(
      *this,
      [record = std::move(record)](ClientStream& stream) {
        return stream.Send(record);
      },
      std::forward<Handler>(handler));
}

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_CLIENT_STREAM_ASYNC_H_
