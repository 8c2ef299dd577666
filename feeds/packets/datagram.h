// One captured packet -> the UDP datagram in it. Pure: no state, no allocation,
// never reads outside the bytes it is given, whatever they are. Any thread.
//
// Ethernet II with any number of VLAN tags (IEEE 802.3, 802.1Q, 802.1ad),
// Linux cooked captures (LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2 of the
// tcpdump group's list), IPv4 (RFC 791), IPv6 with its extension headers (RFC
// 8200), UDP (RFC 768).
//
// - Fragments are not put together: each is told as one. (An IPv6 fragment
//   header of a packet that is whole, RFC 6946, is passed over.)
// - Checksums are not looked at: where a network card makes them a capture has
//   them wrong, and what went wrong on the wire no capture sees.
// - What follows an IP packet in its frame is padding, and left away.

#ifndef STREAMHUB_FEEDS_PACKETS_DATAGRAM_H_
#define STREAMHUB_FEEDS_PACKETS_DATAGRAM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "feeds/packets/packet.h"

namespace streamhub::packets {

// IPv6; an IPv4 address as ::ffff:a.b.c.d.
struct Address {
  std::array<uint8_t, 16> bytes = {};

  friend bool operator==(const Address&, const Address&) = default;
};

Address Ipv4Address(uint8_t a, uint8_t b, uint8_t c, uint8_t d);

// "239.1.2.3", "2001:db8::7".
std::string ToText(const Address& address);

struct Endpoint {
  Address address;
  uint16_t port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct Datagram {
  Endpoint source;
  Endpoint destination;
  std::span<const uint8_t> payload;
  int64_t time_ns = 0;  // the packet's
};

enum class Parsed : uint8_t {
  kDatagram,
  kLinkUnknown,
  kNotIp,
  kNotUdp,
  kFragment,
  kCut,  // captured in part, and what is wanted is not there
  kBad,  // its lengths contradict each other
};
inline constexpr size_t kParsedKinds = 7;

// `*datagram` is right after kDatagram only.
Parsed ParseDatagram(Link link, const Packet& packet, Datagram* datagram);

// How many packets were what.
class ParsedCounts {
 public:
  void Add(Parsed kind) { ++counts_[static_cast<size_t>(kind)]; }
  int64_t operator[](Parsed kind) const {
    return counts_[static_cast<size_t>(kind)];
  }
  int64_t total() const;

 private:
  std::array<int64_t, kParsedKinds> counts_ = {};
};

// "12 packets: 3 UDP, 9 not IP"; "no packet".
std::string Describe(const ParsedCounts& counts);

}  // namespace streamhub::packets

#endif  // STREAMHUB_FEEDS_PACKETS_DATAGRAM_H_
