#include "gateway/cli/tls_client.h"

#include <absl/strings/str_cat.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>

#include "gateway/transport/socket_bio.h"

namespace streamhub {
namespace {

TlsStep StepOf(const SSL* tls, int result) {
  switch (SSL_get_error(tls, result)) {
    case SSL_ERROR_NONE:
      return TlsStep::kDone;
    case SSL_ERROR_WANT_READ:
      return TlsStep::kWantsRead;
    case SSL_ERROR_WANT_WRITE:
      return TlsStep::kWantsWrite;
    case SSL_ERROR_ZERO_RETURN:
      return TlsStep::kEnded;
    default:
      return TlsStep::kFailed;
  }
}

absl::Status Trust(SSL_CTX* context, const TlsTrust& trust) {
  if (trust.insecure) return absl::OkStatus();
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (trust.ca.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return absl::OkStatus();
  }
  if (SSL_CTX_load_verify_file(context, trust.ca.c_str()) == 1) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--ca ", trust.ca,
                   ": no PEM certificate can be read: ", TakeTlsError("bad")));
}

// An address is told apart by being one; it is not asked for by name.
bool Expect(SSL* tls, const std::string& host) {
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str()) == 1) {
    return true;
  }
  return SSL_set1_host(tls, host.c_str()) == 1 &&
         SSL_set_tlsext_host_name(tls, host.c_str()) == 1;
}

}  // namespace

absl::StatusOr<SslPtr> NewTlsClient(int fd, const std::string& host,
                                    const TlsTrust& trust) {
  ERR_clear_error();
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(
      SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  if (context == nullptr) return absl::ResourceExhaustedError("TLS: no memory");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  const absl::Status trusted = Trust(context.get(), trust);
  if (!trusted.ok()) return trusted;
  SslPtr tls(SSL_new(context.get()));
  BIO* const bio = tls == nullptr ? nullptr : NewSocketBio(fd);
  if (bio == nullptr) return absl::ResourceExhaustedError("TLS: no memory");
  SSL_set_bio(tls.get(), bio, bio);
  static constexpr unsigned char kProtocol[] = "\x08http/1.1";
  SSL_set_alpn_protos(tls.get(), kProtocol, sizeof(kProtocol) - 1);
  if (!Expect(tls.get(), host)) {
    return absl::InvalidArgumentError("TLS: no certificate can be of " + host);
  }
  return tls;
}

TlsStep TlsConnect(ssl_st* tls) {
  ERR_clear_error();
  return StepOf(tls, SSL_connect(tls));
}

absl::Status TlsConnectError(ssl_st* tls, const std::string& host) {
  const long verified = SSL_get_verify_result(tls);
  if (verified != X509_V_OK && SSL_get_verify_mode(tls) != SSL_VERIFY_NONE) {
    ERR_clear_error();
    return absl::FailedPreconditionError(absl::StrCat(
        "the certificate of ", host,
        " is not trusted: ", X509_verify_cert_error_string(verified),
        " (--ca FILE says who may have signed it, --insecure trusts anybody)"));
  }
  if (ERR_peek_error() == 0) {
    return absl::UnavailableError(
        absl::StrCat("TLS with ", host, ": the server closed"));
  }
  return absl::FailedPreconditionError(
      absl::StrCat("TLS with ", host, ": ", TakeTlsError("it failed")));
}

TlsStep TlsWrite(ssl_st* tls, std::string_view bytes, size_t* written) {
  ERR_clear_error();
  return StepOf(tls, SSL_write_ex(tls, bytes.data(), bytes.size(), written));
}

TlsStep TlsRead(ssl_st* tls, std::span<char> room, size_t* read) {
  ERR_clear_error();
  return StepOf(tls, SSL_read_ex(tls, room.data(), room.size(), read));
}

}  // namespace streamhub
