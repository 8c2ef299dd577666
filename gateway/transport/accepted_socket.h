// A client's socket and its place among the connections that the gateway may
// have: they go from hand to hand together, and end together.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_ACCEPTED_SOCKET_H_
#define STREAMHUB_GATEWAY_TRANSPORT_ACCEPTED_SOCKET_H_

#include <boost/asio/ip/tcp.hpp>

#include "gateway/base/quota.h"

namespace streamhub {

struct AcceptedSocket {
  boost::asio::ip::tcp::socket socket;
  Quota::Slot slot;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_ACCEPTED_SOCKET_H_
