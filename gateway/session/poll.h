// What a session remembers of a poll: a client that says what it holds, waits
// for one answer and keeps all state itself. Part of Session; its thread only.

#ifndef STREAMHUB_GATEWAY_SESSION_POLL_H_
#define STREAMHUB_GATEWAY_SESSION_POLL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/session_id.h"
#include "gateway/codec/request.h"
#include "gateway/market/conflation_cache.h"
#include "gateway/session/rate_ladder.h"

namespace streamhub {

struct PollRequest {
  Request request;
  std::string at_fields;
  RateStep step = kImmediate;
  bool cursors_hold = false;  // what it says to hold counts
  int64_t issued_ms = 0;      // when updates were last sent, says its token
  int64_t held_until_ns = 0;  // monotonic; until then none are; 0: not held

  // What an answer tells of for the first time.
  std::vector<SymbolId> symbols;
  std::vector<std::string> unknown;
  bool fresh = false;  // of some of them it was not told at all: that is news

  // Of the flush at hand.
  bool updated = false;   // it gets updates
  bool busy = false;      // one of its symbols cannot be read now
  bool behind = false;    // messages of topics are left to the next answer
  bool messages = false;  // it gets messages of topics
};

struct Poll {
  std::vector<PollRequest> requests;
  SessionId session = 0;    // of the client's first poll
  bool greet = false;       // the client knows another epoch, or none
  uint64_t generation = 0;  // of what was withdrawn when it began
  size_t room = 0;          // bytes that messages of topics may still take
  std::optional<uint64_t> feeds_told;  // a hash of what it knows of the feeds
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_POLL_H_
