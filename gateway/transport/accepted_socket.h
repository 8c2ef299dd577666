// A client's socket and its place among the connections that the gateway may
// have: they go from hand to hand together, and end together.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_ACCEPTED_SOCKET_H_
#define STREAMHUB_GATEWAY_TRANSPORT_ACCEPTED_SOCKET_H_

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "gateway/base/quota.h"

namespace streamhub {

// Bound to a shard's io_context itself: with any executor every pending
// operation carries one of those, which doubles its size.
using ClientSocket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                     boost::asio::io_context::executor_type>;

struct AcceptedSocket {
  ClientSocket socket;
  Quota::Slot slot;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_ACCEPTED_SOCKET_H_
