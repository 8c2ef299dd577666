#include "feeds/iex/receiver.h"

#include <absl/strings/str_cat.h>

namespace streamhub::iex {

bool Receiver::Follow(const SegmentHead& head) {
  if (!follows_) {
    follows_ = true;
    protocol_ = head.protocol;
    channel_ = head.channel;
  }
  if (Follows(head)) return true;
  ++counts_.other_streams;
  return false;
}

absl::Status Receiver::RefuseSegment(SegmentFault fault,
                                     std::span<const uint8_t> payload) {
  ++counts_.bad_segments;
  counters_.Add(Metric::kFeedMessagesBad);
  return absl::DataLossError(Describe(fault, payload));
}

void Receiver::RefuseMessage(Decoded result, std::span<const uint8_t> message,
                             std::span<const uint8_t> payload,
                             absl::Status* status) {
  counters_.Add(Metric::kFeedMessagesBad);
  if (result == Decoded::kUnknownType) {
    ++counts_.unknown_types;
    return;
  }
  ++counts_.bad_messages;
  if (!status->ok()) return;
  *status = absl::DataLossError(absl::StrCat("at byte ",
                                             message.data() - payload.data(),
                                             ": ", Describe(result, message)));
}

}  // namespace streamhub::iex
