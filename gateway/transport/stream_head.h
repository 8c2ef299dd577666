// The head of an HTTP response that has no end: written by hand, for it goes
// out in one piece with the first batch. Pure; any thread.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_STREAM_HEAD_H_
#define STREAMHUB_GATEWAY_TRANSPORT_STREAM_HEAD_H_

#include <string>
#include <string_view>

namespace streamhub {

// `further`: lines of headers, each ending in CRLF.
std::string StreamHead(std::string_view content_type, std::string_view further);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_STREAM_HEAD_H_
