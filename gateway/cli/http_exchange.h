// The HTTP request that opens a stream and the head of its response, and
// responses that have an end (RFC 9112). Blocking; one thread.

#ifndef STREAMHUB_GATEWAY_CLI_HTTP_EXCHANGE_H_
#define STREAMHUB_GATEWAY_CLI_HTTP_EXCHANGE_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/cli/tcp_stream.h"

namespace streamhub {

struct HttpHead {
  int status = 0;
  std::string fields;  // header lines, each with its \r\n
  std::string rest;    // what came after them

  // The value of a header field, without white space around; empty: none.
  std::string_view Field(std::string_view name) const;
};

// Sends `request` and reads the head of the response. An answer of another
// status than `wanted` is FailedPrecondition, with the reason that the server
// gave; 429 and 5xx are Unavailable: they pass. Else the errors of `stream`.
absl::StatusOr<HttpHead> OpenHttp(TcpStream& stream, std::string_view request,
                                  int wanted, int64_t deadline_ns);

// Takes a whole response, with a Content-Length, from the front of *received;
// its body, or nullopt if it is not all there. Another status than 200 is an
// error as above.
absl::StatusOr<std::optional<std::string>> TakeResponse(std::string* received);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_HTTP_EXCHANGE_H_
