// Why the server ends a session: one table for the wire, the metrics and the
// documentation (docs/protocol.md lists the same codes).

#ifndef STREAMHUB_GATEWAY_SESSION_CLOSE_REASON_H_
#define STREAMHUB_GATEWAY_SESSION_CLOSE_REASON_H_

#include <cstdint>
#include <string_view>

namespace streamhub {

// X(identifier, WebSocket close code (RFC 6455 section 7.4.2), text, retry)
#define STREAMHUB_CLOSE_REASONS(X)                                         \
  X(kServerStopping, 4001, "server stopping", true)                        \
  X(kWriteStalled, 4002, "the client did not take its data in time", true) \
  X(kTimeout, 4003, "handshake or ping timeout", true)                     \
  X(kTooManySessions, 4004, "too many sessions", true)                     \
  X(kLimitExceeded, 4005, "a limit of this session was exceeded", false)

enum class CloseReason : uint8_t {
#define X(id, code, text, retry) id,
  STREAMHUB_CLOSE_REASONS(X)
#undef X
};

struct CloseReasonInfo {
  uint16_t code;
  std::string_view text;
  bool retry;  // whether the client should come back
};

inline const CloseReasonInfo& InfoOf(CloseReason reason) {
  static constexpr CloseReasonInfo kTable[] = {
#define X(id, code, text, retry) {code, text, retry},
      STREAMHUB_CLOSE_REASONS(X)
#undef X
  };
  return kTable[static_cast<size_t>(reason)];
}

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_CLOSE_REASON_H_
