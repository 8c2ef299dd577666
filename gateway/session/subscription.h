// A subscription is a cursor: a symbol, the fields a client wants of it, and
// the version that the client holds.

#ifndef STREAMHUB_GATEWAY_SESSION_SUBSCRIPTION_H_
#define STREAMHUB_GATEWAY_SESSION_SUBSCRIPTION_H_

#include <cstdint>

#include "gateway/codec/json.h"
#include "gateway/market/conflation_cache.h"
#include "gateway/session/rate_ladder.h"

namespace streamhub {

struct Subscription {
  uint64_t cursor = 0;   // version held by the client; 0: nothing
  FieldMask fields = 0;  // positions in the symbol's layout
  SymbolId symbol = 0;
  uint32_t request = 0;  // serial of the request whose initial state this
                         // still owes; 0: none
  uint32_t place = 0;    // index in its beat class's list, see fanout.h
  RateStep step = 0;
  QuietNote quiet_told = QuietNote::kNone;
  bool used = false;         // false: a free entry
  uint8_t poll_request = 0;  // of a poll: which of its requests
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_SUBSCRIPTION_H_
