// When what a session sent is with the kernel, and when it was with the client.

#include "gateway/session/session.h"

namespace streamhub {
namespace {

// An older echo is of a client that slept, or of one that does not tell the
// truth.
constexpr int64_t kEchoNsMax = 60 * kSecond;

}  // namespace

// After a flush, sampled: `spent_ns` since the begin of the turn. A write that
// is not over is stamped when it is.
void Session::StampWrite(int64_t spent_ns) {
  const bool sent = last_sent_ns_ == fanout_.mono_ns_ && transport_ != nullptr;
  if (!sent || sending_ || poll_ != nullptr) return;
  fanout_.latency_.Written(transport_->kind(), spent_ns);
}

// A write that had to wait for its socket, or the answer of a poll, is over.
void Session::StampLateWrite() {
  if (!fanout_.latency_.Sample()) return;
  fanout_.latency_.Written(transport_->kind(),
                           fanout_.clock_.MonoNs() - last_sent_ns_);
}

// The batch travelled to the client, and the ping back: half of what the two
// took together is the best that can be said of one.
void Session::StampEcho(const Request& ping) {
  if (ping.echo_time_us < 0) return;
  const int64_t since_us =
      fanout_.clock_.WallNs() / kMicrosecond - ping.echo_time_us;
  if (since_us > kEchoNsMax / kMicrosecond || ping.echo_held_us > since_us) {
    fanout_.counters_.Add(Metric::kEchoesRefused);
    return;
  }
  const int64_t round_us = since_us - ping.echo_held_us;
  fanout_.latency_.Arrived(transport_->kind(), round_us * kMicrosecond / 2);
}

}  // namespace streamhub
