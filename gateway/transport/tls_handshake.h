// The begin of a connection on a port that speaks TLS: the handshake, in
// `handshake_ms` at most. Who speaks plain HTTP there is told so.
//
// Shard's thread only. Nothing is allocated for TLS before the first byte came.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_TLS_HANDSHAKE_H_
#define STREAMHUB_GATEWAY_TRANSPORT_TLS_HANDSHAKE_H_

#include <memory>

#include "gateway/transport/accepted_socket.h"
#include "gateway/transport/shard_context.h"
#include "gateway/transport/tls_context.h"

namespace streamhub {

// Shakes hands and serves HTTP then (ServeHttp). What comes to nothing is
// counted and closed. `shard` outlives it.
void ServeTls(AcceptedSocket accepted, std::shared_ptr<const TlsContext> tls,
              ShardContext& shard);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_TLS_HANDSHAKE_H_
