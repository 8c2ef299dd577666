// A client's TCP connection to a server on this machine, for tests: blocking,
// with a deadline on everything. One thread.

#ifndef STREAMHUB_TESTS_SUPPORT_LOOPBACK_SOCKET_H_
#define STREAMHUB_TESTS_SUPPORT_LOOPBACK_SOCKET_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace streamhub {

// How long a test waits for what must come. Generous: sanitizers are slow, and
// the machine may be busy.
inline constexpr std::chrono::milliseconds kPatience{20'000};

class LoopbackSocket {
 public:
  enum class Got { kBytes, kEnd, kReset, kTimeout };

  // Connects to 127.0.0.1. connected() tells whether it worked.
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

  // Bytes that wait in this socket to be read.
  size_t Waiting() const;

  // Ends the own direction.
  void EndSending();

  // Ends the connection with a reset.
  void Reset();

  void Close();

 private:
  int fd_ = -1;
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SUPPORT_LOOPBACK_SOCKET_H_
