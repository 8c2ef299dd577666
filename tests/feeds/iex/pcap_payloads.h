// The UDP payloads of a capture in the classic pcap format (little-endian,
// microseconds, Ethernet, IPv4 without fragments), which is what the recordings
// beside the golden facts are. Nothing else is understood. One thread.

#ifndef STREAMHUB_TESTS_FEEDS_IEX_PCAP_PAYLOADS_H_
#define STREAMHUB_TESTS_FEEDS_IEX_PCAP_PAYLOADS_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "feeds/iex/decoder.h"
#include "feeds/replay/byte_source.h"
#include "gateway/base/clock.h"

namespace streamhub::iex {

// All plain bytes of a file, which may be compressed.
inline std::vector<uint8_t> PlainBytes(const std::string& path) {
  std::vector<uint8_t> bytes;
  auto source = ByteSource::Open(path);
  EXPECT_TRUE(source.ok()) << source.status();
  if (!source.ok()) return bytes;
  size_t size = 0;
  size_t read = 0;
  do {
    bytes.resize(size + 65'536);
    read = 0;
    const auto result =
        (*source)->Read(std::span(bytes).subspan(size), 0, &read);
    EXPECT_NE(result, ByteSource::Result::kFailed) << (*source)->status();
    size += read;
  } while (read > 0);
  bytes.resize(size);
  return bytes;
}

struct Packet {
  int64_t captured_us;  // since 1970 UTC
  std::span<const uint8_t> payload;
};

class PcapPayloads {
 public:
  explicit PcapPayloads(const std::string& path) : bytes_(PlainBytes(path)) {
    std::span<const uint8_t> rest(bytes_);
    if (rest.size() < kFileHead || U32(rest, 0) != 0xA1B2C3D4) {
      ADD_FAILURE() << path << " is no such capture";
      return;
    }
    rest = rest.subspan(kFileHead);
    while (rest.size() >= kPacketHead) {
      const size_t size = U32(rest, 8);
      cut_short_ += size == U32(rest, 12) ? 0 : 1;
      const int64_t captured_us =
          int64_t{U32(rest, 0)} * 1'000'000 + int64_t{U32(rest, 4)};
      rest = rest.subspan(kPacketHead);
      if (rest.size() < size) break;
      packets_.push_back({captured_us, UdpPayload(rest.first(size))});
      rest = rest.subspan(size);
    }
    EXPECT_TRUE(rest.empty()) << path << " ends inside a packet";
  }

  const std::vector<Packet>& packets() const { return packets_; }
  int64_t cut_short() const { return cut_short_; }

 private:
  static constexpr size_t kFileHead = 24, kPacketHead = 16;
  static constexpr size_t kEthernet = 14, kUdp = 8;

  static uint32_t U32(std::span<const uint8_t> bytes, size_t at) {
    return internal::Load<uint32_t>(bytes.data() + at);
  }

  // Empty, and a failure, of anything else.
  static std::span<const uint8_t> UdpPayload(std::span<const uint8_t> frame) {
    const auto is_udp = [&] {
      return frame.size() >= kEthernet + 20 + kUdp && frame[12] == 0x08 &&
             frame[13] == 0x00 && frame[14] >> 4 == 4 && frame[23] == 17;
    };
    EXPECT_TRUE(is_udp());
    if (!is_udp()) return {};
    const size_t udp = kEthernet + 4 * (frame[14] & 0x0F);
    const size_t size = size_t{frame[udp + 4]} << 8 | frame[udp + 5];
    EXPECT_GE(size, kUdp);
    EXPECT_LE(udp + size, frame.size());
    if (size < kUdp || udp + size > frame.size()) return {};
    return frame.subspan(udp + kUdp, size - kUdp);
  }

  std::vector<uint8_t> bytes_;
  std::vector<Packet> packets_;
  int64_t cut_short_ = 0;
};

}  // namespace streamhub::iex

#endif  // STREAMHUB_TESTS_FEEDS_IEX_PCAP_PAYLOADS_H_
