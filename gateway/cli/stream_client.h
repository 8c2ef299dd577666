// A client's connection to a gateway: /v1/ws (RFC 6455), /v1/sse, /v1/stream or
// /v1/poll (docs/protocol.md), over plain sockets. Blocking; one thread.

#ifndef STREAMHUB_GATEWAY_CLI_STREAM_CLIENT_H_
#define STREAMHUB_GATEWAY_CLI_STREAM_CLIENT_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/cli/stop_signal.h"
#include "gateway/cli/watch_url.h"

namespace streamhub {

// What to subscribe to; see "Requests" in docs/protocol.md.
struct StreamRequest {
  std::vector<std::string> names;   // NAME, NAME@VERSION or NAME@VERSIONq
  std::string token;                // `at`; empty: none
  std::vector<std::string> fields;  // empty: all
  int64_t history = 0;
  std::string max_rate;  // a JSON number or `unlimited`; empty: the server's
};

// Errors, of all functions here:
// - Cancelled: the program is to stop.
// - DeadlineExceeded: nothing came in time; the connection is still good.
// - Unavailable: no connection, or it is lost. Trying again may help.
// - FailedPrecondition: the server does not want us. It will not.
class StreamClient {
 public:
  virtual ~StreamClient() = default;

  // Waits until `deadline_ns` (monotonic) for the next message: one or more
  // JSON objects, one per line.
  virtual absl::StatusOr<std::string> Next(int64_t deadline_ns) = 0;

  // Says one more request; a connection that is one-way says nothing.
  virtual absl::Status Say(std::string_view, int64_t) {
    return absl::OkStatus();
  }
};

// Connect and subscribe. `stop` outlives the client.
absl::StatusOr<std::unique_ptr<StreamClient>> ConnectWebSocket(
    const WatchUrl& url, const StreamRequest& request, const StopSignal& stop,
    int64_t deadline_ns);
absl::StatusOr<std::unique_ptr<StreamClient>> ConnectSse(
    const WatchUrl& url, const StreamRequest& request, const StopSignal& stop,
    int64_t deadline_ns);
absl::StatusOr<std::unique_ptr<StreamClient>> ConnectHttpStream(
    const WatchUrl& url, const StreamRequest& request, const StopSignal& stop,
    int64_t deadline_ns);

// Each Next() that has had an answer asks anew, for what `request` says then.
absl::StatusOr<std::unique_ptr<StreamClient>> ConnectPoll(
    const WatchUrl& url, std::function<StreamRequest()> request,
    const StopSignal& stop, int64_t deadline_ns);

// When a server that lets nobody in wants to be asked again, by the reason that
// it gave ("... retry_ms=5230"), in ms, a minute at most; 0: it did not say.
int64_t RetryMsIn(std::string_view reason);

// The request as the query of a URL and as a JSON object.
std::string ToQuery(const StreamRequest& request);
std::string ToJson(const StreamRequest& request);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_STREAM_CLIENT_H_
