#include "gateway/transport/socket_options.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace streamhub {
namespace {

void Set(int fd, int level, int option, int value) {
  setsockopt(fd, level, option, &value, sizeof(value));
}

}  // namespace

void SetClientSocketOptions(int fd, int unacked_ms_max) {
  // Small messages must not wait for the acknowledgement of earlier ones.
  Set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  // Writable means that little is unsent, not that a big buffer has room.
  Set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentMax);
  // A client that vanished is noticed by what it does not acknowledge.
  Set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, unacked_ms_max);
}

size_t UnsentBytes(int fd) {
  int bytes = 0;
  if (ioctl(fd, SIOCOUTQNSD, &bytes) != 0 || bytes < 0) return 0;
  return static_cast<size_t>(bytes);
}

}  // namespace streamhub
