// Reads HTTP/1.1 requests (RFC 9112, by Beast) from an accepted socket and
// answers them, or hands the socket to the transport that a request chooses.
// Shard's thread only.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_HTTP_CONNECTION_H_
#define STREAMHUB_GATEWAY_TRANSPORT_HTTP_CONNECTION_H_

#include "gateway/transport/accepted_socket.h"
#include "gateway/transport/shard_context.h"

namespace streamhub {

// Serves the socket until it is closed or has become a stream. `shard` outlives
// it.
void ServeHttp(AcceptedSocket accepted, ShardContext& shard);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_HTTP_CONNECTION_H_
