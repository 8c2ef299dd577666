// The client's side of TLS (OpenSSL 3) on a socket that does not block: the
// server's certificate is checked for its name, against the system's
// authorities or those of a file.
//
// One thread at a time. What cannot go on is told by a step; then the socket is
// waited for and the same call is made again.

#ifndef STREAMHUB_GATEWAY_CLI_TLS_CLIENT_H_
#define STREAMHUB_GATEWAY_CLI_TLS_CLIENT_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "gateway/transport/tls_context.h"

namespace streamhub {

// Whom to believe to be the server.
struct TlsTrust {
  std::string ca;         // file, PEM; empty: the system's authorities
  bool insecure = false;  // anybody
};

enum class TlsStep { kDone, kWantsRead, kWantsWrite, kEnded, kFailed };

// `fd` outlives it; `host` is the name or the address in the URL.
// InvalidArgument: the file cannot be used.
absl::StatusOr<SslPtr> NewTlsClient(int fd, const std::string& host,
                                    const TlsTrust& trust);

TlsStep TlsConnect(ssl_st* tls);

// Of a handshake that failed: FailedPrecondition, or Unavailable if the
// connection was lost.
absl::Status TlsConnectError(ssl_st* tls, const std::string& host);

TlsStep TlsWrite(ssl_st* tls, std::string_view bytes, size_t* written);
TlsStep TlsRead(ssl_st* tls, std::span<char> room, size_t* read);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_TLS_CLIENT_H_
