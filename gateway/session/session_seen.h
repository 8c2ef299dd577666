// What an operator sees of one session.

#ifndef STREAMHUB_GATEWAY_SESSION_SESSION_SEEN_H_
#define STREAMHUB_GATEWAY_SESSION_SESSION_SEEN_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "gateway/base/session_id.h"
#include "gateway/base/shard_latency.h"
#include "gateway/codec/batch.h"

namespace streamhub {

struct SessionSeen {
  SessionId id = 0;
  TransportKind transport = TransportKind::kOther;
  Encoding encoding = Encoding::kJson;
  std::string market;
  std::string peer;          // its address; empty: not known
  size_t subscriptions = 0;  // those to symbols that are to come, too
  int64_t since_ns = 0;      // wall clock, about: when it was opened
  uint64_t messages = 0;     // handed to its transport
  uint64_t bytes = 0;        // of these, without framing
  int64_t last_sent_ns = 0;  // wall clock, about; 0: nothing yet
  bool waiting = false;      // the last one has not gone out whole
  int64_t waiting_ns = 0;    // ... for so long
  uint32_t stalls = 0;       // so many did not go out at once
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_SESSION_SEEN_H_
