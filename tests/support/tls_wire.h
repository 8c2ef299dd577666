// The client's side of TLS for tests, between two strings: no socket, and none
// of what the server uses for its side. One thread.

#ifndef STREAMHUB_TESTS_SUPPORT_TLS_WIRE_H_
#define STREAMHUB_TESTS_SUPPORT_TLS_WIRE_H_

#include <string>
#include <string_view>

#include "tests/support/test_certificates.h"

struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;

namespace streamhub {

struct TlsClientOptions {
  std::string ca;                          // empty: any server will do
  TestCertificates::Files client = {};     // empty: none
  std::string protocols = "\x08http/1.1";  // of ALPN; empty: none
  int version = 0;                         // TLS1_2_VERSION, ...; 0: any
  const char* ciphers = nullptr;           // of 1.2 and below
};

// What the sockets to one port have in common, and the sessions that they
// might resume.
class TlsClients {
 public:
  explicit TlsClients(TlsClientOptions options);
  ~TlsClients();
  TlsClients(const TlsClients&) = delete;

  const TlsClientOptions& options() const { return options_; }
  ssl_ctx_st* context() { return context_; }
  ssl_session_st* session() { return session_; }
  void Keep(ssl_session_st* session);

 private:
  const TlsClientOptions options_;
  ssl_ctx_st* const context_;
  ssl_session_st* session_ = nullptr;
};

class TlsWire {
 public:
  enum class Step { kDone, kWantsMore, kEnded, kFailed };

  // `clients` outlives it.
  explicit TlsWire(TlsClients& clients);
  ~TlsWire();
  TlsWire(const TlsWire&) = delete;

  // After each of these what TakeOutgoing() says goes to the server.
  Step Handshake();
  Step Write(std::string_view bytes);
  Step Read(std::string* out);
  void SayEnd();
  void ChangeKeys();  // asks the server to do so, too

  std::string TakeOutgoing();
  void Feed(std::string_view incoming);

  const std::string& fault() const { return fault_; }
  std::string ServerName() const;  // the common name of its certificate
  std::string Protocol() const;    // of ALPN
  std::string Version() const;     // "TLSv1.3"
  std::string Cipher() const;
  bool Resumed() const;

 private:
  Step StepOf(int result);

  ssl_st* const ssl_;
  std::string fault_;
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SUPPORT_TLS_WIRE_H_
