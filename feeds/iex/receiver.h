// Payloads of UDP packets -> messages of TOPS or DEEP, each once and in order:
// checks the segment (segment.h), follows its sequence (sequence_tracker.h) and
// decodes what is new (decoder.h). What reads captures or sockets calls Take()
// for every packet of the stream; the handler is an IexHandler, or a test's
// own. On the feed's thread. Steady state without allocation.
//
// One receiver follows one stream: the protocol and channel of the first
// segment that it takes. Others are counted and left out, because TOPS and
// DEEP tell the same trades. Both lines (A and B) of one stream may come
// through the same receiver.

#ifndef STREAMHUB_FEEDS_IEX_RECEIVER_H_
#define STREAMHUB_FEEDS_IEX_RECEIVER_H_

#include <absl/status/status.h>

#include <array>
#include <cstdint>
#include <span>

#include "feeds/iex/decoder.h"
#include "feeds/iex/segment.h"
#include "feeds/iex/sequence_tracker.h"
#include "gateway/base/counters.h"

namespace streamhub::iex {

// A sequence begins: told before the run's first message, if it has any.
struct RunStart {
  Protocol protocol = Protocol::kTops;
  uint32_t session = 0;
  int64_t sent_ns = 0;
  friend bool operator==(const RunStart&, const RunStart&) = default;
};

class Receiver {
 public:
  struct Counts {
    int64_t bad_segments = 0;
    int64_t other_streams = 0;  // segments of another protocol or channel
    int64_t bad_messages = 0;
    int64_t unknown_types = 0;              // messages of later versions
    std::array<int64_t, 256> by_type = {};  // new messages of whatever type

    friend bool operator==(const Counts&, const Counts&) = default;
  };

  // `counters` outlives this: bad segments, bad messages and those of unknown
  // types are kFeedMessagesBad there, too.
  explicit Receiver(Counters& counters) : counters_(counters) {}

  // A packet's payload, captured at `captured_ns` since 1970 UTC. Calls
  // `handler.On(const RunStart&)` and what Decode() calls.
  //
  // DataLoss "at byte N: what is wrong", N of the payload: nothing of a bad
  // segment was taken; of a segment with bad messages all others were. Types
  // that nobody knows are no error.
  template <typename Handler>
  absl::Status Take(std::span<const uint8_t> payload, int64_t captured_ns,
                    Handler& handler);

  // False: Take() would leave it out as one of another stream.
  bool Follows(const SegmentHead& head) const {
    return !follows_ ||
           (head.protocol == protocol_ && head.channel == channel_);
  }

  const Counts& counts() const { return counts_; }
  const SequenceTracker& sequence() const { return sequence_; }

 private:
  // False: not of the stream that is followed.
  bool Follow(const SegmentHead& head);
  absl::Status RefuseSegment(SegmentFault fault,
                             std::span<const uint8_t> payload);
  // Only the first error of a segment is told.
  void RefuseMessage(Decoded result, std::span<const uint8_t> message,
                     std::span<const uint8_t> payload, absl::Status* status);

  Counters& counters_;
  bool follows_ = false;
  Protocol protocol_ = Protocol::kTops;
  uint32_t channel_ = 0;
  SequenceTracker sequence_;
  Counts counts_;
};

template <typename Handler>
absl::Status Receiver::Take(std::span<const uint8_t> payload,
                            int64_t captured_ns, Handler& handler) {
  Segment segment;
  const SegmentFault fault = ParseSegment(payload, &segment);
  if (fault != SegmentFault::kNone) return RefuseSegment(fault, payload);
  const SegmentHead& head = segment.head;
  if (!Follow(head)) return absl::OkStatus();

  std::span<const uint8_t> message;
  auto rest = segment.blocks;
  const int64_t message_ns =
      NextMessage(&rest, &message) ? TimeNsOf(message) : 0;
  const auto arrival = sequence_.Take(head, message_ns, captured_ns);
  if (arrival.run_begins) {
    handler.On(RunStart{head.protocol, head.session, head.sent_ns});
  }
  absl::Status status;
  size_t index = 0;
  for (rest = segment.blocks; NextMessage(&rest, &message); ++index) {
    if (index < arrival.skip) continue;
    if (!message.empty()) ++counts_.by_type[message[0]];
    const Decoded result = Decode(message, handler);
    if (result != Decoded::kHandled && result != Decoded::kSkipped) {
      RefuseMessage(result, message, payload, &status);
    }
  }
  return status;
}

}  // namespace streamhub::iex

#endif  // STREAMHUB_FEEDS_IEX_RECEIVER_H_
