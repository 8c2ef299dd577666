// A packet as a capture holds it, and what kind of network it was seen on.

#ifndef STREAMHUB_FEEDS_PACKETS_PACKET_H_
#define STREAMHUB_FEEDS_PACKETS_PACKET_H_

#include <cstdint>
#include <span>

namespace streamhub::packets {

// What a packet begins with.
enum class Link : uint8_t {
  kEthernet,
  kCooked,    // Linux "any" device, LINKTYPE_LINUX_SLL
  kCookedV2,  // LINKTYPE_LINUX_SLL2
  kRawIp,     // the IP header
  kUnknown,   // something else
};

struct Packet {
  std::span<const uint8_t> bytes;  // as far as they were captured
  uint64_t wire_bytes = 0;         // what it had on the wire
  int64_t time_ns = 0;  // when it was captured, since 1970 UTC; 0: not known
};

}  // namespace streamhub::packets

#endif  // STREAMHUB_FEEDS_PACKETS_PACKET_H_
