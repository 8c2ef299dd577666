#include "tests/support/tls_wire.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <utility>

#include "gateway/base/check.h"

namespace streamhub {
namespace {

// Tickets come whenever something is read: the last one counts.
int TakeSession(SSL* ssl, SSL_SESSION* session) {
  static_cast<TlsClients*>(SSL_get_app_data(ssl))->Keep(session);
  return 0;
}

}  // namespace

TlsClients::TlsClients(TlsClientOptions options)
    : options_(std::move(options)), context_(SSL_CTX_new(TLS_client_method())) {
  if (!options_.ca.empty()) {
    STREAMHUB_CHECK(SSL_CTX_load_verify_file(context_, options_.ca.c_str()) ==
                    1);
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  }
  if (!options_.client.certificate.empty()) {
    STREAMHUB_CHECK(SSL_CTX_use_certificate_chain_file(
                        context_, options_.client.certificate.c_str()) == 1 &&
                    SSL_CTX_use_PrivateKey_file(context_,
                                                options_.client.key.c_str(),
                                                SSL_FILETYPE_PEM) == 1);
  }
  // The server is what is tested: a client that would refuse proves nothing.
  SSL_CTX_set_security_level(context_, 0);
  SSL_CTX_set_options(context_, SSL_OP_LEGACY_SERVER_CONNECT);
  SSL_CTX_set_min_proto_version(context_, options_.version);
  SSL_CTX_set_max_proto_version(context_, options_.version);
  if (options_.ciphers != nullptr) {
    STREAMHUB_CHECK(SSL_CTX_set_cipher_list(context_, options_.ciphers) == 1);
  }
  SSL_CTX_set_session_cache_mode(
      context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context_, TakeSession);
}

TlsClients::~TlsClients() {
  SSL_SESSION_free(session_);
  SSL_CTX_free(context_);
}

// A copy: a session that was resumed may not be again, and in OpenSSL 3.0 those
// that come of it inherit that.
void TlsClients::Keep(ssl_session_st* session) {
  unsigned char* bytes = nullptr;
  const int size = i2d_SSL_SESSION(session, &bytes);
  const unsigned char* at = bytes;
  SSL_SESSION_free(
      std::exchange(session_, d2i_SSL_SESSION(nullptr, &at, size)));
  OPENSSL_free(bytes);
}

TlsWire::TlsWire(TlsClients& clients) : ssl_(SSL_new(clients.context())) {
  STREAMHUB_CHECK(ssl_ != nullptr);
  SSL_set_app_data(ssl_, &clients);
  SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  const std::string& protocols = clients.options().protocols;
  SSL_set_alpn_protos(ssl_,
                      reinterpret_cast<const unsigned char*>(protocols.data()),
                      static_cast<unsigned>(protocols.size()));
  SSL_set_tlsext_host_name(ssl_, "localhost");
  SSL_set1_host(ssl_, "localhost");
  if (clients.session() != nullptr) SSL_set_session(ssl_, clients.session());
}

TlsWire::~TlsWire() { SSL_free(ssl_); }

TlsWire::Step TlsWire::StepOf(int result) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_NONE:
      return Step::kDone;
    case SSL_ERROR_WANT_READ:
      return Step::kWantsMore;
    case SSL_ERROR_ZERO_RETURN:
      return Step::kEnded;
    default:
      break;
  }
  const char* const reason = ERR_reason_error_string(ERR_peek_error());
  fault_ = reason != nullptr ? reason : "failed";
  return Step::kFailed;
}

TlsWire::Step TlsWire::Handshake() {
  ERR_clear_error();
  return StepOf(SSL_connect(ssl_));
}

TlsWire::Step TlsWire::Write(std::string_view bytes) {
  if (bytes.empty()) return Step::kDone;
  ERR_clear_error();
  size_t written = 0;
  return StepOf(SSL_write_ex(ssl_, bytes.data(), bytes.size(), &written));
}

TlsWire::Step TlsWire::Read(std::string* out) {
  ERR_clear_error();
  char buffer[16 * 1024];
  size_t got = 0;
  const Step step = StepOf(SSL_read_ex(ssl_, buffer, sizeof(buffer), &got));
  if (step == Step::kDone) out->append(buffer, got);
  return step;
}

void TlsWire::SayEnd() {
  ERR_clear_error();
  SSL_shutdown(ssl_);
}

void TlsWire::ChangeKeys() { SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED); }

std::string TlsWire::TakeOutgoing() {
  BIO* const out = SSL_get_wbio(ssl_);
  std::string bytes(BIO_ctrl_pending(out), '\0');
  if (!bytes.empty()) {
    BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
  }
  return bytes;
}

void TlsWire::Feed(std::string_view incoming) {
  BIO_write(SSL_get_rbio(ssl_), incoming.data(),
            static_cast<int>(incoming.size()));
}

std::string TlsWire::ServerName() const {
  X509* const certificate = SSL_get0_peer_certificate(ssl_);
  if (certificate == nullptr) return {};
  char name[256];
  const int size = X509_NAME_get_text_by_NID(
      X509_get_subject_name(certificate), NID_commonName, name, sizeof(name));
  return size > 0 ? std::string(name, static_cast<size_t>(size)) : "";
}

std::string TlsWire::Protocol() const {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string TlsWire::Version() const { return SSL_get_version(ssl_); }
std::string TlsWire::Cipher() const { return SSL_get_cipher_name(ssl_); }
bool TlsWire::Resumed() const { return SSL_session_reused(ssl_) == 1; }

}  // namespace streamhub
