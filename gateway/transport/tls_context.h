// What the server side of TLS connections has in common (OpenSSL 3): the
// certificate and its key, who may connect, versions and ciphers, the keys of
// session tickets.
//
// TLS 1.2 (RFC 5246) with forward secrecy and authenticated encryption, and
// 1.3 (RFC 8446); neither compression nor renegotiation nor early data; ALPN
// http/1.1 (RFC 7301).
//
// Made on the main thread; immutable; connections of any thread are made of it,
// and keep what they need of it.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_TLS_CONTEXT_H_
#define STREAMHUB_GATEWAY_TRANSPORT_TLS_CONTEXT_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace streamhub {

struct SslFree {
  void operator()(ssl_st* ssl) const;
};
using SslPtr = std::unique_ptr<ssl_st, SslFree>;

struct TlsOptions {
  std::string certificate;  // file: PEM, the server's first, then its issuers
  std::string key;          // file: PEM, without a passphrase
  // File: PEM, whose clients are let in; empty: all.
  std::string client_ca = {};
  bool client_required = false;  // no client without a certificate
  bool only_tls13 = false;
};

class TlsContext {
 public:
  // Errors name the key of the configuration as a flag, the file and the fault.
  static absl::StatusOr<std::shared_ptr<const TlsContext>> Load(
      const TlsOptions& options);

  TlsContext(const TlsContext&) = delete;
  ~TlsContext();

  // The server's side of a connection on that socket; see socket_bio.h. Null:
  // no memory.
  SslPtr Accept(int fd) const;

  // Of the certificate: seconds since 1970, and whose it is.
  int64_t not_before_s() const { return not_before_s_; }
  int64_t not_after_s() const { return not_after_s_; }
  const std::string& subject() const { return subject_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  absl::Status Restrict(const TlsOptions& options);
  absl::Status LoadCertificate(const TlsOptions& options);
  absl::Status LoadClientAuthority(const TlsOptions& options);

  ssl_ctx_st* const context_;
  int64_t not_before_s_ = 0;
  int64_t not_after_s_ = 0;
  std::string subject_;
};

// The newest of OpenSSL's errors on this thread, in words, which are then
// forgotten; `otherwise` if there is none.
std::string TakeTlsError(const char* otherwise);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_TLS_CONTEXT_H_
