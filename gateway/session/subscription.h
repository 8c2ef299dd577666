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
  union {
    uint32_t request = 0;  // if owes_initial: serial of the request
    uint32_t sent;         // if not: updates since then, with the first
  };
  // Index in its beat class's list, see fanout.h; of a free entry: the next.
  uint32_t place = 0;
  RateStep step = 0;
  // What the client believes; of a topic kWithdrawn or kNone.
  QuietNote quiet_told : 2 = QuietNote::kNone;
  bool used : 1 = false;          // false: a free entry
  bool owes_initial : 1 = false;  // the initial state of a request
  union {
    uint16_t asked = 0;     // see asked_rate.h
    uint16_t poll_request;  // of a poll: which of its requests
  };

  bool of_topic() const { return fields == 0; }
};

// There may be millions.
static_assert(sizeof(Subscription) == 32);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_SUBSCRIPTION_H_
