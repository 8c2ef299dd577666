// Makes packets of a network for tests, by the same public descriptions as
// feeds/packets/datagram.h reads them: the other way around, with checksums.

#ifndef STREAMHUB_TESTS_SUPPORT_PACKET_WRITER_H_
#define STREAMHUB_TESTS_SUPPORT_PACKET_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/packets/datagram.h"
#include "feeds/packets/packet.h"

namespace streamhub::packets {

inline constexpr uint16_t kEtherIpv4 = 0x0800;
inline constexpr uint16_t kEtherIpv6 = 0x86DD;

inline std::span<const uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Appends the low `bytes` bytes of `value`, big-endian.
void AppendBig(uint64_t value, size_t bytes, std::string* out);

// Where the datagrams of most tests go: 239.1.2.3:26400 from 10.0.0.1:30000.
struct Flow {
  Endpoint source = {Ipv4Address(10, 0, 0, 1), 30000};
  Endpoint destination = {Ipv4Address(239, 1, 2, 3), 26400};
};

// An address of IPv6, 2001:db8:: and this at its end.
Address Ipv6Address(uint8_t last);

// An IPv4 packet, or one of IPv6 if the addresses are no mapped ones.
std::string MakeUdp(const Flow& flow, std::string_view payload);

// What is at its place in such packets.
std::string MakeIpv4(const Flow& flow, uint8_t protocol, uint16_t fragment,
                     std::string_view options, std::string_view payload);
std::string MakeIpv6(const Flow& flow, uint8_t next, std::string_view payload);
std::string MakeUdpHeaded(const Flow& flow, std::string_view payload);

// Around an IP packet, which `type` tells the version of.
std::string MakeEthernet(uint16_t type, std::string_view payload,
                         const std::vector<uint16_t>& vlan_tags = {});
std::string MakeCooked(uint16_t type, std::string_view payload);
std::string MakeCookedV2(uint16_t type, std::string_view payload);

// MakeUdp() of IPv4 in an Ethernet frame.
std::string MakeFrame(const Flow& flow, std::string_view payload);

}  // namespace streamhub::packets

#endif  // STREAMHUB_TESTS_SUPPORT_PACKET_WRITER_H_
