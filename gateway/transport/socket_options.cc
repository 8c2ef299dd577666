#include "gateway/transport/socket_options.h"

#include <arpa/inet.h>
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

std::string PeerOf(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return {};
  }
  char host[INET6_ADDRSTRLEN];
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, host, sizeof(host));
    return std::string(host) + ':' + std::to_string(ntohs(v4.sin_port));
  }
  if (address.ss_family != AF_INET6) return {};
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof(host));
  return '[' + std::string(host) + "]:" + std::to_string(ntohs(v6.sin6_port));
}

size_t UnsentBytes(int fd) {
  int bytes = 0;
  if (ioctl(fd, SIOCOUTQNSD, &bytes) != 0 || bytes < 0) return 0;
  return static_cast<size_t>(bytes);
}

}  // namespace streamhub
