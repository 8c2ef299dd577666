// Why the server ends a session: one table for the wire, the metrics and the
// documentation (docs/protocol.md lists the same codes).

#ifndef STREAMHUB_GATEWAY_SESSION_CLOSE_REASON_H_
#define STREAMHUB_GATEWAY_SESSION_CLOSE_REASON_H_

#include <cstdint>
#include <string_view>

namespace streamhub {

// X(identifier, WebSocket close code (RFC 6455 section 7.4.2), text,
//   when the client should come back in ms; negative: not at all)
#define STREAMHUB_CLOSE_REASONS(X)                                         \
  X(kServerStopping, 4001, "server stopping", 1000)                        \
  X(kWriteStalled, 4002, "the client did not take its data in time", 1000) \
  X(kTimeout, 4003, "handshake or ping timeout", 1000)                     \
  X(kTooManySessions, 4004, "too many sessions", 5000)                     \
  X(kLimitExceeded, 4005, "a limit of this session was exceeded", -1)      \
  X(kResponseLong, 4006, "a new response is wanted, this one is long", 0)  \
  X(kTooManyConnections, 4007, "too many connections from this address",   \
    10000)                                                                 \
  X(kBusy, 4008, "many clients come at once, this one a little later", 1000)

enum class CloseReason : uint8_t {
#define X(id, code, text, after_ms) id,
  STREAMHUB_CLOSE_REASONS(X)
#undef X
};

struct CloseReasonInfo {
  uint16_t code;
  std::string_view text;
  int after_ms;  // when the client should come back; negative: not at all
};

// Why somebody is not let in, and when to come back.
struct Refusal {
  CloseReason reason;
  int retry_ms;
};

inline const CloseReasonInfo& InfoOf(CloseReason reason) {
  static constexpr CloseReasonInfo kTable[] = {
#define X(id, code, text, after_ms) {code, text, after_ms},
      STREAMHUB_CLOSE_REASONS(X)
#undef X
  };
  return kTable[static_cast<size_t>(reason)];
}

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_CLOSE_REASON_H_
