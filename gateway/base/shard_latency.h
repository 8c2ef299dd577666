// Where the time of a price goes in one shard: per feed from its receive to the
// turn that encodes it, per kind of transport from there to the socket, and on
// to the client, as clients tell it by their echoes.
//
// The shard's thread writes. Only some of what happens is stamped, chosen at
// random so that no pattern of sessions or symbols is preferred: Sample() is a
// decrement, and neither it nor a stamp allocates or reads a clock. Any thread
// may read.

#ifndef STREAMHUB_GATEWAY_BASE_SHARD_LATENCY_H_
#define STREAMHUB_GATEWAY_BASE_SHARD_LATENCY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

#include "gateway/base/latency_window.h"

namespace streamhub {

enum class TransportKind : uint8_t {
  kWebSocket,
  kSse,
  kStream,
  kPoll,
  kOther,  // of tests
};
inline constexpr size_t kTransportKinds = 5;
std::string_view TransportName(TransportKind kind);

class ShardLatency {
 public:
  // One stamp for so many things that happen, on average.
  static constexpr uint32_t kStride = 8;

  // Feeds 0 to `feeds` - 1 are stamped.
  explicit ShardLatency(size_t feeds) : encode_(feeds) {}

  // --- the shard ---

  void BeginTurn(int64_t mono_ns) { mono_ns_ = mono_ns; }

  // Whether what happens now is to be stamped.
  bool Sample() {
    if (--left_ != 0) return false;
    left_ = NextStride();
    return true;
  }

  // A change of a symbol whose last tick was received `age_ns` before this turn
  // is encoded.
  void Encoded(size_t feed, int64_t age_ns) {
    if (feed < encode_.size()) encode_[feed].Add(age_ns, mono_ns_);
  }

  // A batch is with the kernel, so long after the begin of its turn.
  void Written(TransportKind kind, int64_t ns) {
    write_[static_cast<size_t>(kind)].Add(ns, mono_ns_);
  }

  // A client had a batch so long after the begin of its turn.
  void Arrived(TransportKind kind, int64_t ns) {
    echo_[static_cast<size_t>(kind)].Add(ns, mono_ns_);
  }

  // --- any thread ---

  size_t feeds() const { return encode_.size(); }
  const LatencyWindow& encode(size_t feed) const { return encode_[feed]; }
  const LatencyWindow& write(TransportKind kind) const {
    return write_[static_cast<size_t>(kind)];
  }
  const LatencyWindow& echo(TransportKind kind) const {
    return echo_[static_cast<size_t>(kind)];
  }

 private:
  uint32_t NextStride();

  uint32_t left_ = 1;  // the first is stamped
  uint32_t random_ = 2463534242;
  int64_t mono_ns_ = 0;
  std::deque<LatencyWindow> encode_;  // by feed; atomics do not move
  std::array<LatencyWindow, kTransportKinds> write_, echo_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_BASE_SHARD_LATENCY_H_
