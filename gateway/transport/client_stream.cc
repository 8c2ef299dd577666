#include "gateway/transport/client_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <cerrno>

namespace streamhub {
namespace {

ssize_t Fail(int error) {
  errno = error;
  return -1;
}

// What SSL_read() or SSL_peek() did.
ssize_t Received(SSL* tls, int result, size_t bytes) {
  if (result == 1) return static_cast<ssize_t>(bytes);
  switch (SSL_get_error(tls, result)) {
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    case SSL_ERROR_WANT_READ:
    // Answers to a client that changes its keys go out with what is sent next.
    case SSL_ERROR_WANT_WRITE:
      return Fail(EAGAIN);
    default:
      return Fail(EPROTO);
  }
}

}  // namespace

ClientStream::Shaken ClientStream::ShakeHands(std::string* fault) {
  ERR_clear_error();
  const int done = SSL_accept(tls_.get());
  if (done == 1) return Shaken::kDone;
  switch (SSL_get_error(tls_.get(), done)) {
    case SSL_ERROR_WANT_READ:
      return Shaken::kWantsRead;
    case SSL_ERROR_WANT_WRITE:
      return Shaken::kWantsWrite;
    default:
      break;
  }
  *fault = TakeTlsError("the client hung up");
  const long verified = SSL_get_verify_result(tls_.get());
  if (verified != X509_V_OK) {
    *fault += ": ";
    *fault += X509_verify_cert_error_string(verified);
  }
  return Shaken::kFailed;
}

ssize_t ClientStream::SendTls(std::string_view bytes) {
  size_t sent = 0;
  while (sent < bytes.size()) {
    ERR_clear_error();
    size_t taken = 0;
    if (SSL_write_ex(tls_.get(), bytes.data() + sent, bytes.size() - sent,
                     &taken) == 1) {
      sent += taken;
      continue;
    }
    // What else it may be than EAGAIN the next call says again.
    if (sent > 0) break;
    // To be read from first: only who sends half a message of a handshake that
    // is over brings it to that.
    return Fail(SSL_get_error(tls_.get(), 0) == SSL_ERROR_WANT_WRITE ? EAGAIN
                                                                     : EPROTO);
  }
  return static_cast<ssize_t>(sent);
}

ssize_t ClientStream::ReceiveTls(std::span<char> room) {
  ERR_clear_error();
  size_t got = 0;
  const int result = SSL_read_ex(tls_.get(), room.data(), room.size(), &got);
  return Received(tls_.get(), result, got);
}

ssize_t ClientStream::Peek() {
  char byte;
  if (tls_ == nullptr) {
    return ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  }
  ERR_clear_error();
  size_t got = 0;
  const int result = SSL_peek_ex(tls_.get(), &byte, 1, &got);
  return Received(tls_.get(), result, got);
}

// Without read-ahead the rest of a record is all that OpenSSL may hold.
bool ClientStream::HasReceivedTls() const {
  return SSL_pending(tls_.get()) > 0;
}

bool ClientStream::SayEnd() {
  if (tls_ == nullptr) return true;
  ERR_clear_error();
  const int said = SSL_shutdown(tls_.get());
  return said >= 0 || SSL_get_error(tls_.get(), said) != SSL_ERROR_WANT_WRITE;
}

void ClientStream::Close() {
  if (tls_ != nullptr) {
    SayEnd();
    tls_.reset();
    ERR_clear_error();
  }
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace streamhub
