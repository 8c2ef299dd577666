// How somebody who is not let in is told so, and when to come back, in a form
// that the code which asked can hear. A browser shows its page neither the
// status nor the body of a failed WebSocket handshake or event stream, so these
// are accepted first.
//
//   WebSocket      101, then a close with a code from 4000 on, whose reason
//   ends
//                  with " retry_ms=5230"
//   event stream   200, `retry: 5230`, which EventSource heeds by itself, a
//                  `closing` event, and the end
//   frame          the same `closing` in a document
//   anything else  503 with Retry-After and an `error` whose `retry_ms` says it
//   a flood        503 before any byte is read, and the end
//
// Pure, but for RefuseFlood(); any thread.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_REFUSAL_H_
#define STREAMHUB_GATEWAY_TRANSPORT_REFUSAL_H_

#include <string>
#include <string_view>

#include "gateway/session/close_reason.h"
#include "gateway/transport/http_answers.h"

namespace streamhub {

// A close frame (RFC 6455 section 5.5.1).
std::string WsRefusal(const Refusal& refusal);

// A whole response of server-sent events. `headers`: lines of headers, each
// ending in CRLF.
std::string SseRefusal(const Refusal& refusal, std::string_view headers);

// The `closing` object of the protocol, without an end of line.
std::string ClosingLine(const Refusal& refusal);

HttpAnswer UnavailableAnswer(const Refusal& refusal);

// The same as a whole response, which ends its connection.
std::string UnavailableResponse(const Refusal& refusal,
                                std::string_view headers);

// Answers on a connection of which nothing was read, if its socket takes it at
// once, and ends the own direction. To be closed next.
void RefuseFlood(int fd, int retry_ms);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_REFUSAL_H_
