// A client's connection and its places among those that the gateway, and its
// address, may have: they go from hand to hand together, and end together.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_ACCEPTED_SOCKET_H_
#define STREAMHUB_GATEWAY_TRANSPORT_ACCEPTED_SOCKET_H_

#include <optional>

#include "gateway/base/address_limits.h"
#include "gateway/base/quota.h"
#include "gateway/session/close_reason.h"
#include "gateway/transport/client_stream.h"

namespace streamhub {

struct AcceptedSocket {
  ClientStream stream;
  Quota::Slot slot;
  AddressLimits::Place place = {};
  // It is one too many, which whoever speaks on it is to be told, and no more.
  std::optional<Refusal> refusal = {};
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_ACCEPTED_SOCKET_H_
