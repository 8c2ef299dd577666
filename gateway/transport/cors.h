// Which pages of other origins may read what is below /v1/ (WHATWG Fetch,
// 3.3 "CORS protocol"), and which may open a WebSocket, whose handshake
// browsers let through from anywhere. Immutable; any thread.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_CORS_H_
#define STREAMHUB_GATEWAY_TRANSPORT_CORS_H_

#include <string>
#include <string_view>
#include <vector>

#include "gateway/transport/http_headers.h"

namespace streamhub {

class Cors {
 public:
  Cors() = default;

  // As a browser writes them (`https://desk.example:8443`); `*`: all of them.
  explicit Cors(std::vector<std::string> origins);

  // For the response to a request with this Origin; empty: it has none.
  HttpHeaders Headers(std::string_view origin) const;

  // For the response to an OPTIONS before a request.
  HttpHeaders PreflightHeaders(std::string_view origin) const;

  // Whether a handshake with this Origin (empty: not from a browser) at this
  // Host is let through. Where no origins are configured, every one is.
  bool AllowsWebSocket(std::string_view origin, std::string_view host) const;

  // Whether a page of this Origin (empty: it is no page) may publish here: one
  // of the server's own, or that is listed.
  bool AllowsPublish(std::string_view origin, std::string_view host) const;

  // Those that are listed; any: `*` is among them.
  const std::vector<std::string>& origins() const { return origins_; }
  bool any() const { return any_; }

 private:
  bool Lists(std::string_view origin) const;

  std::vector<std::string> origins_;
  bool any_ = false;
};

// Whether pages of `origin` are those of the server at this Host.
bool IsOriginOfHost(std::string_view origin, std::string_view host);

// Why pages of `origin` are foreign at this Host, for people: what was compared
// is the first thing to know behind a proxy that changes Host.
std::string WhyForeign(std::string_view origin, std::string_view host);
std::string WhyNoPublish(std::string_view origin, std::string_view host);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_CORS_H_
