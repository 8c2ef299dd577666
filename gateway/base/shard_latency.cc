#include "gateway/base/shard_latency.h"

namespace streamhub {

std::string_view TransportName(TransportKind kind) {
  switch (kind) {
    case TransportKind::kWebSocket:
      return "websocket";
    case TransportKind::kSse:
      return "sse";
    case TransportKind::kStream:
      return "stream";
    case TransportKind::kPoll:
      return "poll";
    case TransportKind::kOther:
      return "other";
  }
  return "other";
}

// 1 to 2 * kStride - 1, each as likely (Marsaglia's xorshift of 32 bits).
uint32_t ShardLatency::NextStride() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 17;
  random_ ^= random_ << 5;
  return 1 + random_ % (2 * kStride - 1);
}

}  // namespace streamhub
