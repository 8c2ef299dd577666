#include "feeds/packets/datagram.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/packet_writer.h"

namespace streamhub::packets {
namespace {

constexpr uint8_t kUdp = 17;
constexpr uint8_t kTcp = 6;

Flow Ipv6Flow() { return {{Ipv6Address(1), 30000}, {Ipv6Address(2), 26400}}; }

Packet Captured(std::string_view frame, size_t wire_bytes = 0) {
  return {AsBytes(frame), wire_bytes == 0 ? frame.size() : wire_bytes, 77};
}

Parsed Parse(std::string_view frame, Link link = Link::kEthernet,
             size_t wire_bytes = 0) {
  Datagram datagram;
  return ParseDatagram(link, Captured(frame, wire_bytes), &datagram);
}

// All that the datagram of `frame` should be.
void ExpectDatagram(std::string_view frame, const Flow& flow,
                    std::string_view payload, Link link = Link::kEthernet) {
  Datagram datagram;
  ASSERT_EQ(ParseDatagram(link, Captured(frame), &datagram), Parsed::kDatagram);
  EXPECT_EQ(datagram.source, flow.source);
  EXPECT_EQ(datagram.destination, flow.destination);
  EXPECT_EQ(std::string(datagram.payload.begin(), datagram.payload.end()),
            payload);
  EXPECT_EQ(datagram.time_ns, 77);
}

TEST(DatagramTest, OfIpv4AndIpv6OnEveryLink) {
  for (const auto& [flow, type] :
       {std::pair(Flow(), kEtherIpv4), std::pair(Ipv6Flow(), kEtherIpv6)}) {
    for (const std::string_view payload : {"", "x", "some payload"}) {
      const std::string ip = MakeUdp(flow, payload);
      ExpectDatagram(MakeEthernet(type, ip), flow, payload);
      ExpectDatagram(MakeCooked(type, ip), flow, payload, Link::kCooked);
      ExpectDatagram(MakeCookedV2(type, ip), flow, payload, Link::kCookedV2);
      ExpectDatagram(ip, flow, payload, Link::kRawIp);
      EXPECT_EQ(Parse(ip, Link::kUnknown), Parsed::kLinkUnknown);
    }
  }
}

TEST(DatagramTest, BehindVlanTags) {
  const std::string ip = MakeUdp(Flow(), "payload");
  for (const std::vector<uint16_t>& tags :
       {std::vector<uint16_t>{0x8100}, {0x88A8, 0x8100}, {0x9100, 0x8100}}) {
    ExpectDatagram(MakeEthernet(kEtherIpv4, ip, tags), Flow(), "payload");
  }
}

TEST(DatagramTest, PaddingAndOptionsAreNotPayload) {
  const std::string padded = MakeFrame(Flow(), "ab") + std::string(16, '\0');
  ExpectDatagram(padded, Flow(), "ab");
  ExpectDatagram(MakeEthernet(kEtherIpv6, MakeUdp(Ipv6Flow(), "ab") + "zzz"),
                 Ipv6Flow(), "ab");
  const std::string udp = MakeUdpHeaded(Flow(), "ab");
  ExpectDatagram(MakeIpv4(Flow(), kUdp, 0, "\x94\x04\x01\x01", udp), Flow(),
                 "ab", Link::kRawIp);
  // Bytes of the IP packet that UDP does not tell of.
  ExpectDatagram(MakeIpv4(Flow(), kUdp, 0, "", udp + "tail"), Flow(), "ab",
                 Link::kRawIp);
}

TEST(DatagramTest, BehindExtensionHeadersOfIpv6) {
  const std::string udp = MakeUdpHeaded(Ipv6Flow(), "ab");
  const auto options = [](uint8_t next, std::string_view rest) {
    return std::string(1, static_cast<char>(next)) +
           std::string("\x01\x01\x0C", 3) + std::string(12, '\0') +
           std::string(rest);
  };
  const auto authentication = [](uint8_t next, std::string_view rest) {
    return std::string(1, static_cast<char>(next)) + std::string("\x04", 1) +
           std::string(22, '\x07') + std::string(rest);
  };
  // Hop-by-hop, routing, authentication, destination options.
  const std::string all =
      options(43, options(51, authentication(60, options(kUdp, udp))));
  ExpectDatagram(MakeIpv6(Ipv6Flow(), 0, all), Ipv6Flow(), "ab", Link::kRawIp);
  // A fragment header of a packet that is whole.
  const std::string atomic = std::string("\x11\0\0\0\0\0\0\x01", 8) + udp;
  ExpectDatagram(MakeIpv6(Ipv6Flow(), 44, atomic), Ipv6Flow(), "ab",
                 Link::kRawIp);
}

TEST(DatagramTest, FragmentsAreToldAsSuch) {
  const std::string udp = MakeUdpHeaded(Flow(), "ab");
  for (const uint16_t fragment : {0x2000, 0x2001, 0x0001, 0x1FFF}) {
    EXPECT_EQ(Parse(MakeIpv4(Flow(), kUdp, fragment, "", udp), Link::kRawIp),
              Parsed::kFragment);
  }
  // "Do not fragment" does not make one.
  EXPECT_EQ(Parse(MakeIpv4(Flow(), kUdp, 0x4000, "", udp), Link::kRawIp),
            Parsed::kDatagram);
  for (const std::string& head : {std::string("\x11\0\0\x01\0\0\0\x01", 8),
                                  std::string("\x11\0\0\x08\0\0\0\x01", 8)}) {
    EXPECT_EQ(Parse(MakeIpv6(Ipv6Flow(), 44, head + udp), Link::kRawIp),
              Parsed::kFragment);
  }
}

TEST(DatagramTest, WhatIsNotUdpOrNotIpIsToldApart) {
  EXPECT_EQ(Parse(MakeEthernet(0x0806, std::string(28, '\0'))), Parsed::kNotIp);
  EXPECT_EQ(Parse(MakeEthernet(0x0026, std::string(38, '\0'))), Parsed::kNotIp);
  const std::string tcp(20, '\0');
  EXPECT_EQ(Parse(MakeIpv4(Flow(), kTcp, 0, "", tcp), Link::kRawIp),
            Parsed::kNotUdp);
  EXPECT_EQ(Parse(MakeIpv6(Ipv6Flow(), kTcp, tcp), Link::kRawIp),
            Parsed::kNotUdp);
  EXPECT_EQ(Parse(MakeIpv6(Ipv6Flow(), 59, ""), Link::kRawIp), Parsed::kNotUdp);
  // Cut, but nobody wants it.
  const std::string ip = MakeIpv4(Flow(), kTcp, 0, "", tcp);
  EXPECT_EQ(Parse(ip.substr(0, 24), Link::kRawIp, ip.size()), Parsed::kNotUdp);
}

TEST(DatagramTest, AnyCutIsTold) {
  for (const std::string& frame :
       {MakeFrame(Flow(), "payload"),
        MakeEthernet(kEtherIpv6, MakeUdp(Ipv6Flow(), "payload"), {0x8100})}) {
    for (size_t size = 0; size < frame.size(); ++size) {
      const std::string_view part = std::string_view(frame).substr(0, size);
      EXPECT_EQ(Parse(part, Link::kEthernet, frame.size()), Parsed::kCut)
          << size;
      // The capture says that this is all there was.
      EXPECT_EQ(Parse(part), Parsed::kBad) << size;
    }
    EXPECT_EQ(Parse(frame), Parsed::kDatagram);
  }
  EXPECT_EQ(Parse("", Link::kCooked), Parsed::kBad);
  EXPECT_EQ(Parse("", Link::kCookedV2), Parsed::kBad);
  EXPECT_EQ(Parse("", Link::kRawIp), Parsed::kBad);
}

TEST(DatagramTest, LengthsThatContradictEachOther) {
  const std::string good = MakeUdp(Flow(), "payload");
  const auto with = [&good](size_t at, char byte) {
    std::string bad = good;
    bad[at] = byte;
    return Parse(bad, Link::kRawIp);
  };
  EXPECT_EQ(with(0, '\x54'), Parsed::kBad);   // version 5
  EXPECT_EQ(with(0, '\x44'), Parsed::kBad);   // a header of 16 bytes
  EXPECT_EQ(with(0, '\x4F'), Parsed::kBad);   // one that ends past the packet
  EXPECT_EQ(with(3, '\x13'), Parsed::kBad);   // a packet shorter than that
  EXPECT_EQ(with(2, '\x01'), Parsed::kBad);   // longer than what is there
  EXPECT_EQ(with(25, '\x07'), Parsed::kBad);  // UDP without its header
  EXPECT_EQ(with(25, '\x10'), Parsed::kBad);  // UDP longer than IP
  EXPECT_EQ(with(25, '\x0E'), Parsed::kDatagram);
  const std::string six = MakeUdp(Ipv6Flow(), "payload");
  std::string bad = six;
  bad[0] = '\x40';
  EXPECT_EQ(Parse(MakeEthernet(kEtherIpv6, bad)), Parsed::kBad);
  bad = six;
  bad[6] = 0;  // options that end past the packet
  bad[41] = '\x7F';
  EXPECT_EQ(Parse(MakeEthernet(kEtherIpv6, bad)), Parsed::kBad);
}

TEST(DatagramTest, AddressesAsText) {
  EXPECT_EQ(ToText(Ipv4Address(239, 1, 2, 3)), "239.1.2.3");
  EXPECT_EQ(ToText(Ipv6Address(7)), "2001:db8::7");
}

TEST(DatagramTest, CountsSayWhatThereWas) {
  ParsedCounts counts;
  EXPECT_EQ(Describe(counts), "no packet");
  counts.Add(Parsed::kNotIp);
  EXPECT_EQ(Describe(counts), "1 packet: 1 not IP");
  counts.Add(Parsed::kDatagram);
  counts.Add(Parsed::kFragment);
  counts.Add(Parsed::kFragment);
  EXPECT_EQ(Describe(counts), "4 packets: 1 UDP, 1 not IP, 2 fragments");
  EXPECT_EQ(counts.total(), 4);
  EXPECT_EQ(counts[Parsed::kFragment], 2);
  EXPECT_EQ(counts[Parsed::kCut], 0);
}

}  // namespace
}  // namespace streamhub::packets
