#include "gateway/base/client_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>

namespace streamhub {
namespace {

constexpr int kV4At = 12;  // behind ::ffff:
constexpr int kV4Bits = 8 * kV4At;

bool BitOf(const ClientAddress::Bytes& bytes, int bit) {
  return (bytes[static_cast<size_t>(bit) / 8] >> (7 - bit % 8) & 1) != 0;
}

}  // namespace

ClientAddress ClientAddress::V4(const std::array<uint8_t, 4>& bytes) {
  ClientAddress address;
  address.bytes_[10] = address.bytes_[11] = 0xFF;
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin() + kV4At);
  return address;
}

ClientAddress ClientAddress::V6(const Bytes& bytes) {
  ClientAddress address;
  address.bytes_ = bytes;
  return address;
}

bool ClientAddress::IsV4() const {
  return std::all_of(bytes_.begin(), bytes_.begin() + 10,
                     [](uint8_t byte) { return byte == 0; }) &&
         bytes_[10] == 0xFF && bytes_[11] == 0xFF;
}

ClientAddress ClientAddress::Client() const {
  ClientAddress client = *this;
  if (!IsV4()) std::fill(client.bytes_.begin() + 8, client.bytes_.end(), 0);
  return client;
}

std::string ClientAddress::ToString() const {
  char text[INET6_ADDRSTRLEN];
  const bool v4 = IsV4();
  inet_ntop(v4 ? AF_INET : AF_INET6, bytes_.data() + (v4 ? kV4At : 0), text,
            sizeof(text));
  return text;
}

std::optional<AddressRange> AddressRange::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  ClientAddress::Bytes v6;
  std::array<uint8_t, 4> v4;
  AddressRange range;
  int fixed = 0;  // bits before those that are given
  if (inet_pton(AF_INET, address.c_str(), v4.data()) == 1) {
    range.begin_ = ClientAddress::V4(v4);
    fixed = kV4Bits;
  } else if (inet_pton(AF_INET6, address.c_str(), v6.data()) == 1) {
    range.begin_ = ClientAddress::V6(v6);
  } else {
    return std::nullopt;
  }
  range.bits_ = 128;
  if (slash != text.npos) {
    const std::string_view length = text.substr(slash + 1);
    int bits = 0;
    const auto [end, error] =
        std::from_chars(length.data(), length.data() + length.size(), bits);
    if (error != std::errc() || end != length.data() + length.size() ||
        bits < 0 || bits > 128 - fixed) {
      return std::nullopt;
    }
    range.bits_ = fixed + bits;
  }
  for (int bit = range.bits_; bit < 128; ++bit) {
    if (BitOf(range.begin_.bytes(), bit)) return std::nullopt;
  }
  return range;
}

bool AddressRange::Contains(const ClientAddress& address) const {
  for (int bit = 0; bit < bits_; ++bit) {
    if (BitOf(begin_.bytes(), bit) != BitOf(address.bytes(), bit)) return false;
  }
  return true;
}

}  // namespace streamhub
