// The target of an HTTP request (RFC 9112 section 3.2). Pure; any thread.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_HTTP_TARGET_H_
#define STREAMHUB_GATEWAY_TRANSPORT_HTTP_TARGET_H_

#include <string_view>

namespace streamhub {

struct HttpTarget {
  std::string_view host;    // of the absolute form; empty: there is none
  std::string_view path;    // "/...", without "/market/NAME" at its begin
  std::string_view query;   // without its '?'
  std::string_view market;  // of the path; empty: none
};

// The origin form ("/v1/ws?symbols=A") and the absolute form, which proxies
// are sent ("http://host:8080/v1/ws"). Of anything else the whole is the path.
// "/market/replay/v1/ws" is the path "/v1/ws" of the market "replay".
HttpTarget SplitTarget(std::string_view target);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_HTTP_TARGET_H_
