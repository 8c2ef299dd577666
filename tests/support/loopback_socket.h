// A client's TCP connection to a server on this machine, for tests: blocking,
// with a deadline on everything. One thread.
//
// While there is a TlsPort for a port, sockets to it speak TLS.

#ifndef STREAMHUB_TESTS_SUPPORT_LOOPBACK_SOCKET_H_
#define STREAMHUB_TESTS_SUPPORT_LOOPBACK_SOCKET_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "tests/support/tls_wire.h"

namespace streamhub {

// How long a test waits for what must come. Generous: sanitizers are slow, and
// the machine may be busy.
inline constexpr std::chrono::milliseconds kPatience{20'000};

// Outlives the sockets that connect while it is there. Main thread.
class TlsPort {
 public:
  explicit TlsPort(int port, TlsClientOptions options = {});
  ~TlsPort();
  TlsPort(const TlsPort&) = delete;

  TlsClients& clients() { return clients_; }

 private:
  const int port_;
  TlsClients clients_;
};

class LoopbackSocket {
 public:
  enum class Got { kBytes, kEnd, kReset, kTimeout };

  // Connects to 127.0.0.1, and shakes hands where that is to be done.
  // connected() tells whether it worked.
  explicit LoopbackSocket(int port);
  ~LoopbackSocket();

  LoopbackSocket(LoopbackSocket&& other) noexcept;
  LoopbackSocket& operator=(LoopbackSocket&& other) noexcept;

  bool connected() const { return fd_ >= 0; }

  // False if not everything was taken in time, or the peer is gone.
  bool Send(std::string_view bytes,
            std::chrono::milliseconds patience = kPatience);

  // Appends what there is as soon as there is something.
  Got Receive(std::string* out, std::chrono::milliseconds patience = kPatience);

  // Reads up to the end. False if it did not come in time.
  bool ReceiveToEnd(std::string* out,
                    std::chrono::milliseconds patience = kPatience);

  // Of a connection with TLS, and one that could not be had; null: plain.
  TlsWire* tls() { return tls_.get(); }

  // The server has said that it ends (close_notify), before it did.
  bool told_end() const { return told_end_; }

  // Bytes that wait in this socket to be read.
  size_t Waiting() const;

  // Ends the own direction.
  void EndSending();

  // Ends the connection with a reset.
  void Reset();

  void Close();

 private:
  bool SendRaw(std::string_view bytes, std::chrono::milliseconds patience);
  Got ReceiveRaw(std::string* out, std::chrono::milliseconds patience);
  Got ReceiveTls(std::string* out, std::chrono::milliseconds patience);
  bool ShakeHands();
  bool Flush(std::chrono::milliseconds patience);

  int fd_ = -1;
  std::unique_ptr<TlsWire> tls_;
  bool told_end_ = false;
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SUPPORT_LOOPBACK_SOCKET_H_
