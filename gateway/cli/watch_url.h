// Where a gateway is: the URL on the command line of `watch`, and whom to
// believe to be it. Pure.

#ifndef STREAMHUB_GATEWAY_CLI_WATCH_URL_H_
#define STREAMHUB_GATEWAY_CLI_WATCH_URL_H_

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "gateway/cli/tls_client.h"

namespace streamhub {

struct WatchUrl {
  std::string host;    // without the brackets of an IPv6 address
  std::string port;    // decimal
  std::string prefix;  // of all paths: "" or "/prices"
  bool tls = false;
  TlsTrust trust = {};  // of the command line

  // "https" or "http".
  std::string_view Scheme() const { return tls ? "https" : "http"; }

  // The value of a Host field (RFC 9110 section 7.2).
  std::string HostField() const;
};

// `http://HOST[:PORT][/PREFIX]`, or https://, ws://, wss://. InvalidArgument
// says what is wrong with it, in one line.
absl::StatusOr<WatchUrl> ParseWatchUrl(std::string_view text,
                                       const TlsTrust& trust = {});

// `text` as a part of a query (RFC 3986 section 2.1).
std::string PercentEncode(std::string_view text);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_WATCH_URL_H_
