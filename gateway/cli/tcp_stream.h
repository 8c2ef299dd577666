// A TCP connection of a client, plain or with TLS on it, whose every wait ends
// when the program is to stop. Blocking; one thread.

#ifndef STREAMHUB_GATEWAY_CLI_TCP_STREAM_H_
#define STREAMHUB_GATEWAY_CLI_TCP_STREAM_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "gateway/cli/stop_signal.h"
#include "gateway/cli/tls_client.h"
#include "gateway/cli/watch_url.h"

namespace streamhub {

// Deadlines are of the monotonic clock, in ns. Errors: DeadlineExceeded,
// Cancelled (the program is to stop), Unavailable (anything about the peer).
class TcpStream {
 public:
  // Connects to where `url` says, and shakes hands if it speaks TLS: that may
  // be a FailedPrecondition, too, if there is no trust in the server.
  static absl::StatusOr<std::unique_ptr<TcpStream>> Open(const WatchUrl& url,
                                                         const StopSignal& stop,
                                                         int64_t deadline_ns);

  // `stop` outlives the stream. Looks the name up, then tries each address.
  static absl::StatusOr<std::unique_ptr<TcpStream>> Connect(
      const std::string& host, const std::string& port, const StopSignal& stop,
      int64_t deadline_ns);

  ~TcpStream();
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;

  absl::Status Write(std::string_view bytes, int64_t deadline_ns);

  // At least one byte, unless it fails. The peer's end is Unavailable, too.
  absl::StatusOr<size_t> Read(std::span<char> room, int64_t deadline_ns);

  // For who waits for several at once.
  int fd() const { return fd_; }

 private:
  TcpStream(int fd, const StopSignal& stop) : fd_(fd), stop_(stop) {}
  absl::Status Await(short events, int64_t deadline_ns);
  absl::Status AwaitStep(TlsStep step, int64_t deadline_ns);
  absl::Status StartTls(const WatchUrl& url, int64_t deadline_ns);
  absl::Status WriteTls(std::string_view bytes, int64_t deadline_ns);
  absl::StatusOr<size_t> ReadTls(std::span<char> room, int64_t deadline_ns);

  const int fd_;
  const StopSignal& stop_;
  SslPtr tls_;  // null: plain
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_TCP_STREAM_H_
