// A subscription is a cursor: a symbol, the fields a client wants of it, and
// the version that the client holds. Of a topic it is the number of the last
// message that the client holds.

#ifndef STREAMHUB_GATEWAY_SESSION_SUBSCRIPTION_H_
#define STREAMHUB_GATEWAY_SESSION_SUBSCRIPTION_H_

#include <cstdint>

#include "gateway/codec/json.h"
#include "gateway/market/conflation_cache.h"
#include "gateway/session/rate_ladder.h"

namespace streamhub {

// What the cursor of a topic may say besides a number, which is below 2^53:
// The client holds nothing yet and is told where it begins, which is after that
// number; what is gone by then it does not miss.
inline constexpr uint64_t kTopicBegins = uint64_t{1} << 63;
// The client held messages of another run of the gateway, so that it is not
// known how many it missed; what there is comes after that number.
inline constexpr uint64_t kTopicOfOtherRun = uint64_t{1} << 62;
inline constexpr uint64_t kTopicSeqMask = kTopicOfOtherRun - 1;

struct Subscription {
  uint64_t cursor = 0;  // version held by the client; 0: nothing
  // Positions in the symbol's layout, `trading` always among them; 0: this is
  // of a topic.
  FieldMask fields = 0;
  SymbolId symbol = 0;
  uint32_t request = 0;  // serial of the request whose initial state this
                         // still owes; 0: none
  uint32_t place = 0;    // index in its beat class's list, see fanout.h
  RateStep step = 0;
  QuietNote quiet_told = QuietNote::kNone;
  bool used = false;         // false: a free entry
  uint8_t poll_request = 0;  // of a poll: which of its requests

  bool of_topic() const { return fields == 0; }
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_SUBSCRIPTION_H_
