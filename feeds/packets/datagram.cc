#include "feeds/packets/datagram.h"

#include <absl/strings/str_cat.h>
#include <arpa/inet.h>

#include <algorithm>
#include <numeric>

#include "feeds/big_endian.h"

namespace streamhub::packets {
namespace {

using Bytes = std::span<const uint8_t>;

constexpr uint16_t kTypeIpv4 = 0x0800;
constexpr uint16_t kTypeIpv6 = 0x86DD;
constexpr uint8_t kProtocolUdp = 17;
constexpr std::array<uint8_t, 12> kIpv4Prefix = {0, 0, 0, 0, 0,    0,
                                                 0, 0, 0, 0, 0xFF, 0xFF};

bool IsVlanTag(uint16_t type) {
  // 802.1Q, 802.1ad, and what switches wrote before that was a standard.
  return type == 0x8100 || type == 0x88A8 || type == 0x9100;
}

Address LoadIpv4(const uint8_t* at) {
  return Ipv4Address(at[0], at[1], at[2], at[3]);
}

Address LoadIpv6(const uint8_t* at) {
  Address address;
  std::copy_n(at, address.bytes.size(), address.bytes.begin());
  return address;
}

Parsed ParseUdp(Bytes bytes, Datagram* datagram) {
  constexpr size_t kHead = 8;
  if (bytes.size() < kHead) return Parsed::kBad;
  const size_t size = LoadBig16(bytes.data() + 4);
  if (size < kHead || size > bytes.size()) return Parsed::kBad;
  datagram->source.port = LoadBig16(bytes.data());
  datagram->destination.port = LoadBig16(bytes.data() + 2);
  datagram->payload = bytes.subspan(kHead, size - kHead);
  return Parsed::kDatagram;
}

Parsed ParseIpv4(Bytes bytes, Datagram* datagram) {
  constexpr size_t kHeadMin = 20;
  constexpr uint16_t kMoreOrOffset = 0x3FFF;
  if (bytes.size() < kHeadMin || bytes[0] >> 4 != 4) return Parsed::kBad;
  const size_t head = size_t{4} * (bytes[0] & 0x0F);
  const size_t size = LoadBig16(bytes.data() + 2);
  if (head < kHeadMin || size < head) return Parsed::kBad;
  // Of what is cut and not wanted it is better to say that it is not wanted.
  if (bytes[9] != kProtocolUdp) return Parsed::kNotUdp;
  if ((LoadBig16(bytes.data() + 6) & kMoreOrOffset) != 0) {
    return Parsed::kFragment;
  }
  if (size > bytes.size()) return Parsed::kBad;
  datagram->source.address = LoadIpv4(bytes.data() + 12);
  datagram->destination.address = LoadIpv4(bytes.data() + 16);
  return ParseUdp(bytes.subspan(head, size - head), datagram);
}

Parsed ParseIpv6(Bytes bytes, Datagram* datagram) {
  constexpr size_t kHead = 40;
  constexpr size_t kExtensionMin = 8;
  constexpr uint16_t kMoreOrOffset = 0xFFF9;
  if (bytes.size() < kHead || bytes[0] >> 4 != 6) return Parsed::kBad;
  datagram->source.address = LoadIpv6(bytes.data() + 8);
  datagram->destination.address = LoadIpv6(bytes.data() + 24);
  const size_t size = LoadBig16(bytes.data() + 4);
  Bytes rest = bytes.subspan(kHead);
  const bool whole = size <= rest.size();
  if (whole) rest = rest.first(size);
  uint8_t next = bytes[6];
  while (next != kProtocolUdp) {
    size_t extension = 0;
    const bool there = rest.size() >= kExtensionMin;
    switch (next) {
      case 0:   // hop-by-hop options
      case 43:  // routing
      case 60:  // destination options
        if (there) extension = size_t{8} * (size_t{rest[1]} + 1);
        break;
      case 44:
        if (!there) return Parsed::kBad;
        if ((LoadBig16(rest.data() + 2) & kMoreOrOffset) != 0) {
          return Parsed::kFragment;
        }
        extension = kExtensionMin;
        break;
      case 51:  // authentication, in units of its own
        if (there) extension = size_t{4} * (size_t{rest[1]} + 2);
        break;
      default:
        return Parsed::kNotUdp;
    }
    if (!there || extension > rest.size()) return Parsed::kBad;
    next = rest[0];
    rest = rest.subspan(extension);
  }
  return whole ? ParseUdp(rest, datagram) : Parsed::kBad;
}

Parsed ParseFrame(Link link, Bytes bytes, Datagram* datagram) {
  size_t head = 0;     // of the link
  size_t type_at = 0;  // in it
  switch (link) {
    case Link::kEthernet:
      head = 14;
      type_at = 12;
      break;
    case Link::kCooked:
      head = 16;
      type_at = 14;
      break;
    case Link::kCookedV2:
      head = 20;
      type_at = 0;
      break;
    case Link::kRawIp:
      if (bytes.empty()) return Parsed::kBad;
      return bytes[0] >> 4 == 6 ? ParseIpv6(bytes, datagram)
                                : ParseIpv4(bytes, datagram);
    case Link::kUnknown:
      return Parsed::kLinkUnknown;
  }
  if (bytes.size() < head) return Parsed::kBad;
  uint16_t type = LoadBig16(bytes.data() + type_at);
  bytes = bytes.subspan(head);
  while (IsVlanTag(type)) {
    constexpr size_t kTag = 4;
    if (bytes.size() < kTag) return Parsed::kBad;
    type = LoadBig16(bytes.data() + 2);
    bytes = bytes.subspan(kTag);
  }
  if (type == kTypeIpv4) return ParseIpv4(bytes, datagram);
  if (type == kTypeIpv6) return ParseIpv6(bytes, datagram);
  return Parsed::kNotIp;
}

const char* NameOf(Parsed kind) {
  switch (kind) {
    case Parsed::kDatagram:
      return "UDP";
    case Parsed::kLinkUnknown:
      return "of an unknown kind of network";
    case Parsed::kNotIp:
      return "not IP";
    case Parsed::kNotUdp:
      return "not UDP";
    case Parsed::kFragment:
      return "fragments";
    case Parsed::kCut:
      return "captured in part";
    case Parsed::kBad:
      return "damaged";
  }
  return "";
}

}  // namespace

Address Ipv4Address(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
  Address address;
  std::copy(kIpv4Prefix.begin(), kIpv4Prefix.end(), address.bytes.begin());
  address.bytes[12] = a;
  address.bytes[13] = b;
  address.bytes[14] = c;
  address.bytes[15] = d;
  return address;
}

std::string ToText(const Address& address) {
  char text[INET6_ADDRSTRLEN] = {};
  const bool ipv4 =
      std::equal(kIpv4Prefix.begin(), kIpv4Prefix.end(), address.bytes.begin());
  inet_ntop(ipv4 ? AF_INET : AF_INET6,
            address.bytes.data() + (ipv4 ? kIpv4Prefix.size() : 0), text,
            sizeof text);
  return text;
}

Parsed ParseDatagram(Link link, const Packet& packet, Datagram* datagram) {
  datagram->time_ns = packet.time_ns;
  const Parsed parsed = ParseFrame(link, packet.bytes, datagram);
  const bool cut = packet.bytes.size() < packet.wire_bytes;
  return parsed == Parsed::kBad && cut ? Parsed::kCut : parsed;
}

int64_t ParsedCounts::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), int64_t{0});
}

std::string Describe(const ParsedCounts& counts) {
  if (counts.total() == 0) return "no packet";
  std::string text = absl::StrCat(counts.total(),
                                  counts.total() == 1 ? " packet" : " packets");
  const char* separator = ": ";
  for (size_t i = 0; i < kParsedKinds; ++i) {
    const auto kind = static_cast<Parsed>(i);
    if (counts[kind] == 0) continue;
    absl::StrAppend(&text, separator, counts[kind], " ", NameOf(kind));
    separator = ", ";
  }
  return text;
}

}  // namespace streamhub::packets
