#include "gateway/transport/tls_context.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "gateway/transport/socket_bio.h"
#include "gateway/transport/ticket_keys.h"

namespace streamhub {
namespace {

// Of 1.2; those of 1.3 are all good.
constexpr char kCiphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr char kGroups[] = "X25519:P-256:P-384";

// No keys of less than 112 bits of security: RSA from 2048 bits on.
constexpr int kSecurityLevel = 2;

constexpr unsigned char kSessionContext[] = "streamhub";

absl::Status Wrong(std::string_view flag, const std::string& file,
                   const std::string& why) {
  return absl::InvalidArgumentError(absl::StrCat(
      absl::string_view(flag.data(), flag.size()), " ", file, ": ", why));
}

// What cannot be read: OpenSSL's words for it are about its insides.
absl::Status CheckReadable(std::string_view flag, const std::string& file) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  char byte;
  const bool good = fd >= 0 && read(fd, &byte, 1) >= 0;  // a folder opens, too
  const int fault = errno;
  if (fd >= 0) close(fd);
  if (good) return absl::OkStatus();
  return Wrong(flag, file, std::generic_category().message(fault));
}

// A daemon has nobody to ask.
int NoPassphrase(char*, int, int, void*) { return -1; }

// RFC 7301: the first of ours that the client offers; none: it is told.
int ChooseProtocol(SSL*, const unsigned char** out, unsigned char* out_size,
                   const unsigned char* offered, unsigned int offered_size,
                   void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1\x08http/1.0";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kOurs, sizeof(kOurs) - 1,
                            offered, offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

int64_t SecondsOf(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return timegm(&parts);
}

std::string NameOf(const X509_NAME* name) {
  const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()),
                                                &BIO_free);
  if (out == nullptr ||
      X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) {
    return {};
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return size > 0 ? std::string(text, static_cast<size_t>(size)) : "";
}

}  // namespace

std::string TakeTlsError(const char* otherwise) {
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  if (error == 0) return otherwise;
  if (ERR_SYSTEM_ERROR(error)) {
    return std::generic_category().message(ERR_GET_REASON(error));
  }
  const char* const reason = ERR_reason_error_string(error);
  return reason != nullptr ? reason : otherwise;
}

void SslFree::operator()(ssl_st* ssl) const { SSL_free(ssl); }

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

absl::StatusOr<std::shared_ptr<const TlsContext>> TlsContext::Load(
    const TlsOptions& options) {
  ERR_clear_error();
  SSL_CTX* const made = SSL_CTX_new(TLS_server_method());
  if (made == nullptr) {
    return absl::ResourceExhaustedError("TLS: " + TakeTlsError("no memory"));
  }
  const std::shared_ptr<TlsContext> context(new TlsContext(made));
  absl::Status status = context->Restrict(options);
  if (status.ok()) status = context->LoadCertificate(options);
  if (status.ok()) status = context->LoadClientAuthority(options);
  ERR_clear_error();
  if (!status.ok()) return status;
  return context;
}

absl::Status TlsContext::Restrict(const TlsOptions& options) {
  SSL_CTX_set_security_level(context_, kSecurityLevel);
  // A connection that is cut looks like one that ends: what it carries, HTTP
  // and WebSocket, says itself where its end is.
  SSL_CTX_set_options(
      context_, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                    SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                    SSL_OP_IGNORE_UNEXPECTED_EOF);
  // One record at a time; what a socket did not take is offered again from
  // another place; who is idle has no buffers.
  SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
  // Sessions come back by tickets alone: nothing is kept for who has gone.
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(context_, 2 * TicketKeys::kLifeSeconds);
  SSL_CTX_set_alpn_select_cb(context_, ChooseProtocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context_, NoPassphrase);
  const bool good =
      SSL_CTX_set_min_proto_version(
          context_, options.only_tls13 ? TLS1_3_VERSION : TLS1_2_VERSION) ==
          1 &&
      SSL_CTX_set_cipher_list(context_, kCiphers) == 1 &&
      SSL_CTX_set1_groups_list(context_, kGroups) == 1 &&
      SSL_CTX_set_session_id_context(context_, kSessionContext,
                                     sizeof(kSessionContext) - 1) == 1 &&
      UseTicketKeys(context_);
  if (good) return absl::OkStatus();
  return absl::InternalError("TLS: " + TakeTlsError("cannot be set up"));
}

absl::Status TlsContext::LoadCertificate(const TlsOptions& options) {
  constexpr std::string_view kCertificate = "--tls-certificate";
  constexpr std::string_view kKey = "--tls-key";
  absl::Status readable = CheckReadable(kCertificate, options.certificate);
  if (readable.ok()) readable = CheckReadable(kKey, options.key);
  if (!readable.ok()) return readable;
  if (SSL_CTX_use_certificate_chain_file(context_,
                                         options.certificate.c_str()) != 1) {
    return Wrong(kCertificate, options.certificate,
                 "no PEM certificate can be read: " + TakeTlsError("bad"));
  }
  const X509* const certificate = SSL_CTX_get0_certificate(context_);
  if (SSL_CTX_use_PrivateKey_file(context_, options.key.c_str(),
                                  SSL_FILETYPE_PEM) != 1) {
    const unsigned long error = ERR_peek_last_error();
    if (ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH ||
        ERR_GET_REASON(error) == X509_R_KEY_TYPE_MISMATCH) {
      return Wrong(
          kKey, options.key,
          "does not belong to --tls-certificate " + options.certificate);
    }
    return Wrong(
        kKey, options.key,
        "no PEM key without a passphrase can be read: " + TakeTlsError("bad"));
  }
  if (SSL_CTX_check_private_key(context_) != 1) {
    return Wrong(kKey, options.key,
                 "does not belong to --tls-certificate " + options.certificate);
  }
  not_before_s_ = SecondsOf(X509_get0_notBefore(certificate));
  not_after_s_ = SecondsOf(X509_get0_notAfter(certificate));
  subject_ = NameOf(X509_get_subject_name(certificate));
  return absl::OkStatus();
}

absl::Status TlsContext::LoadClientAuthority(const TlsOptions& options) {
  if (options.client_ca.empty()) return absl::OkStatus();
  constexpr std::string_view kFlag = "--tls-client-ca";
  const absl::Status readable = CheckReadable(kFlag, options.client_ca);
  if (!readable.ok()) return readable;
  // Told to clients, who choose their certificate by it.
  STACK_OF(X509_NAME)* const names =
      SSL_load_client_CA_file(options.client_ca.c_str());
  if (names == nullptr ||
      SSL_CTX_load_verify_file(context_, options.client_ca.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return Wrong(kFlag, options.client_ca,
                 "no PEM certificate can be read: " + TakeTlsError("bad"));
  }
  SSL_CTX_set_client_CA_list(context_, names);
  SSL_CTX_set_verify(
      context_,
      SSL_VERIFY_PEER |
          (options.client_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
      nullptr);
  return absl::OkStatus();
}

SslPtr TlsContext::Accept(int fd) const {
  SslPtr ssl(SSL_new(context_));
  if (ssl == nullptr) return nullptr;
  BIO* const bio = NewSocketBio(fd);
  if (bio == nullptr) return nullptr;
  SSL_set_bio(ssl.get(), bio, bio);
  SSL_set_accept_state(ssl.get());
  return ssl;
}

}  // namespace streamhub
