// The keys that session tickets (RFC 5077, RFC 8446 section 4.6.1) are sealed
// with. They live in memory only and change every hour, so that what a thief of
// one can open is bounded; a ticket is good for one to two hours.
//
// Any thread: all shards shake hands by one context. A handshake takes the lock
// once or twice, to copy a key.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_TICKET_KEYS_H_
#define STREAMHUB_GATEWAY_TRANSPORT_TICKET_KEYS_H_

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>

struct ssl_ctx_st;

namespace streamhub {

class TicketKeys {
 public:
  static constexpr int64_t kLifeSeconds = 3600;

  struct Key {
    std::array<unsigned char, 16> name;
    std::array<unsigned char, 32> cipher;
    std::array<unsigned char, 32> mac;
    int64_t made_ns;
  };

  TicketKeys() = default;
  TicketKeys(const TicketKeys&) = delete;
  ~TicketKeys();

  // To seal with at `now_ns` (monotonic). Nullopt: there is no randomness.
  std::optional<Key> Current(int64_t now_ns);

  // To open a ticket of that name; nullopt: it is too old, or not of here.
  // `*renew`: it was sealed with a key that is current no more.
  std::optional<Key> Find(std::span<const unsigned char, 16> name,
                          int64_t now_ns, bool* renew);

 private:
  bool Turn(int64_t now_ns);  // under mutex_

  std::mutex mutex_;
  std::optional<Key> current_, previous_;  // under mutex_
};

// Gives `context` keys of its own, which are freed with it. False: no memory.
bool UseTicketKeys(ssl_ctx_st* context);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_TICKET_KEYS_H_
