// The `id` of a server-sent event and what an EventSource that comes back says
// with it (`Last-Event-ID`; WHATWG HTML, 9.2.4): `TOKEN;NAME@VERSION,...`.

#ifndef STREAMHUB_GATEWAY_CODEC_EVENT_ID_H_
#define STREAMHUB_GATEWAY_CODEC_EVENT_ID_H_

#include <string_view>

#include "gateway/codec/request.h"

namespace streamhub {

// Notes in `request` what the client holds. Names that the request does not
// ask for and anything malformed are passed over: then it holds what its URL
// says.
void ApplyEventId(std::string_view id, Request* request);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_EVENT_ID_H_
