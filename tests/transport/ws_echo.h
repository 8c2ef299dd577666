// A WebSocket server that says back what it is told, made of the transport that
// serves the gateway's clients: what suites for WebSocket servers ask for. Its
// limits are those suites' (16 MB a message), and it takes binary messages.
// Everything runs on the thread that calls Run(), but for Stop().

#ifndef STREAMHUB_TESTS_TRANSPORT_WS_ECHO_H_
#define STREAMHUB_TESTS_TRANSPORT_WS_ECHO_H_

#include <cstddef>
#include <memory>

namespace streamhub {

class WsEchoServer {
 public:
  // Listens on loopback. Port 0: a free one.
  explicit WsEchoServer(int port, size_t message_bytes_max = 16 << 20);
  ~WsEchoServer();

  int port() const;  // 0: it could not be had

  // Serves until Stop() is called, by any thread.
  void Run();
  void Stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_TRANSPORT_WS_ECHO_H_
