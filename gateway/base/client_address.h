// Where a client comes from, as limits see it: an IPv4 address, or the /64 of
// an IPv6 one, which is what one customer has (RFC 6177). Pure; any thread.

#ifndef STREAMHUB_GATEWAY_BASE_CLIENT_ADDRESS_H_
#define STREAMHUB_GATEWAY_BASE_CLIENT_ADDRESS_H_

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace streamhub {

class ClientAddress {
 public:
  using Bytes = std::array<uint8_t, 16>;

  ClientAddress() = default;  // "::"
  static ClientAddress V4(const std::array<uint8_t, 4>& bytes);
  // Of an IPv4-mapped one (RFC 4291 section 2.5.5.2) the IPv4 address.
  static ClientAddress V6(const Bytes& bytes);

  // What limits count by.
  ClientAddress Client() const;

  bool IsV4() const;
  const Bytes& bytes() const { return bytes_; }
  std::string ToString() const;

  // clang-tidy 14 takes the comparison's nought for a pointer.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const ClientAddress&, const ClientAddress&) = default;

 private:
  Bytes bytes_{};  // of IPv4 mapped
};

// "192.0.2.7", "10.0.0.0/8", "2001:db8::/32": addresses that begin alike.
class AddressRange {
 public:
  // nullopt: it is none, or has bits behind its length.
  static std::optional<AddressRange> Parse(std::string_view text);

  bool Contains(const ClientAddress& address) const;

 private:
  ClientAddress begin_;
  int bits_ = 0;  // of the 128
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_BASE_CLIENT_ADDRESS_H_
