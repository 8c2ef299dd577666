// The options of our sockets, each with its why.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_SOCKET_OPTIONS_H_
#define STREAMHUB_GATEWAY_TRANSPORT_SOCKET_OPTIONS_H_

#include <cstddef>
#include <string>

namespace streamhub {

// A kernel that holds more unsent bytes than this holds old prices.
inline constexpr int kUnsentMax = 16 * 1024;

// A burst of connects must not run into SYN retransmits of a second and more.
inline constexpr int kListenBacklog = 4096;

// For every accepted socket. Failures are ignored: each is an improvement.
// `unacked_ms_max`: how long a peer may leave bytes unacknowledged, or its
// window closed; it is gone then, and the connection ends without a word.
void SetClientSocketOptions(int fd, int unacked_ms_max);

// Bytes handed to the kernel that it has not sent yet (SIOCOUTQNSD); 0 if it
// does not tell.
size_t UnsentBytes(int fd);

// Who is at the other end: ADDRESS:PORT, of IPv6 [ADDRESS]:PORT. Empty: nobody
// any more.
std::string PeerOf(int fd);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_SOCKET_OPTIONS_H_
