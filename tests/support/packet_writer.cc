#include "tests/support/packet_writer.h"

#include <algorithm>

namespace streamhub::packets {
namespace {

constexpr uint8_t kUdp = 17;

bool IsIpv4(const Address& address) {
  return std::equal(address.bytes.begin(), address.bytes.begin() + 12,
                    Ipv4Address(0, 0, 0, 0).bytes.begin());
}

void AppendAddress(const Address& address, std::string* out) {
  const size_t skip = IsIpv4(address) ? 12 : 0;
  out->append(address.bytes.begin() + static_cast<ptrdiff_t>(skip),
              address.bytes.end());
}

// The internet checksum, RFC 1071.
uint16_t Checksum(std::string_view bytes) {
  uint32_t sum = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    sum += i % 2 == 0 ? uint32_t{byte} << 8 : byte;
  }
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

void PutBig16(uint16_t value, size_t at, std::string* out) {
  (*out)[at] = static_cast<char>(value >> 8);
  (*out)[at + 1] = static_cast<char>(value & 0xFF);
}

}  // namespace

void AppendBig(uint64_t value, size_t bytes, std::string* out) {
  for (size_t i = bytes; i-- > 0;) {
    out->push_back(static_cast<char>(value >> (8 * i) & 0xFF));
  }
}

Address Ipv6Address(uint8_t last) {
  Address address;
  address.bytes = {0x20, 0x01, 0x0D, 0xB8};
  address.bytes[15] = last;
  return address;
}

std::string MakeUdpHeaded(const Flow& flow, std::string_view payload) {
  const auto size = static_cast<uint16_t>(8 + payload.size());
  std::string udp;
  AppendBig(flow.source.port, 2, &udp);
  AppendBig(flow.destination.port, 2, &udp);
  AppendBig(size, 2, &udp);
  AppendBig(0, 2, &udp);
  udp += payload;
  std::string pseudo;
  AppendAddress(flow.source.address, &pseudo);
  AppendAddress(flow.destination.address, &pseudo);
  AppendBig(kUdp, 2, &pseudo);
  AppendBig(size, 2, &pseudo);
  const uint16_t sum = Checksum(pseudo + udp);
  PutBig16(sum == 0 ? 0xFFFF : sum, 6, &udp);
  return udp;
}

std::string MakeIpv4(const Flow& flow, uint8_t protocol, uint16_t fragment,
                     std::string_view options, std::string_view payload) {
  const size_t head = 20 + options.size();
  std::string ip;
  AppendBig(0x40 | head / 4, 1, &ip);
  AppendBig(0, 1, &ip);
  AppendBig(head + payload.size(), 2, &ip);
  AppendBig(7, 2, &ip);  // identification
  AppendBig(fragment, 2, &ip);
  AppendBig(64, 1, &ip);  // hops
  AppendBig(protocol, 1, &ip);
  AppendBig(0, 2, &ip);
  AppendAddress(flow.source.address, &ip);
  AppendAddress(flow.destination.address, &ip);
  ip += options;
  PutBig16(Checksum(ip), 10, &ip);
  return ip.append(payload);
}

std::string MakeIpv6(const Flow& flow, uint8_t next, std::string_view payload) {
  std::string ip;
  AppendBig(0x60000000, 4, &ip);
  AppendBig(payload.size(), 2, &ip);
  AppendBig(next, 1, &ip);
  AppendBig(64, 1, &ip);  // hops
  AppendAddress(flow.source.address, &ip);
  AppendAddress(flow.destination.address, &ip);
  return ip.append(payload);
}

std::string MakeUdp(const Flow& flow, std::string_view payload) {
  const std::string udp = MakeUdpHeaded(flow, payload);
  return IsIpv4(flow.source.address) ? MakeIpv4(flow, kUdp, 0, "", udp)
                                     : MakeIpv6(flow, kUdp, udp);
}

std::string MakeEthernet(uint16_t type, std::string_view payload,
                         const std::vector<uint16_t>& vlan_tags) {
  std::string frame("\x01\x00\x5E\x01\x02\x03\x02\x00\x00\x00\x00\x01", 12);
  for (const uint16_t tag : vlan_tags) {
    AppendBig(tag, 2, &frame);
    AppendBig(100, 2, &frame);  // the VLAN
  }
  AppendBig(type, 2, &frame);
  return frame.append(payload);
}

std::string MakeCooked(uint16_t type, std::string_view payload) {
  std::string frame;
  AppendBig(2, 2, &frame);  // multicast
  AppendBig(1, 2, &frame);  // Ethernet
  AppendBig(6, 2, &frame);  // bytes of its address
  frame.append("\x02\x00\x00\x00\x00\x01\x00\x00", 8);
  AppendBig(type, 2, &frame);
  return frame.append(payload);
}

std::string MakeCookedV2(uint16_t type, std::string_view payload) {
  std::string frame;
  AppendBig(type, 2, &frame);
  AppendBig(0, 2, &frame);
  AppendBig(3, 4, &frame);  // the interface
  AppendBig(1, 2, &frame);  // Ethernet
  AppendBig(2, 1, &frame);  // multicast
  AppendBig(6, 1, &frame);  // bytes of its address
  frame.append("\x02\x00\x00\x00\x00\x01\x00\x00", 8);
  return frame.append(payload);
}

std::string MakeFrame(const Flow& flow, std::string_view payload) {
  return MakeEthernet(kEtherIpv4, MakeUdp(flow, payload));
}

}  // namespace streamhub::packets
