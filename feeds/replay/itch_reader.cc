#include "feeds/replay/itch_reader.h"

#include <absl/strings/str_cat.h>

#include <cstdint>
#include <span>
#include <utility>

#include "feeds/itch/decoder.h"
#include "feeds/replay/fill.h"
#include "gateway/base/strings.h"

namespace streamhub {

using itch::Decoded;

ItchReader::ItchReader(std::unique_ptr<ByteSource> source,
                       itch::ItchHandler& handler, Counters& counters,
                       int64_t midnight_ns)
    : source_(std::move(source)),
      counters_(counters),
      records_(source_->name(), handler, counters, midnight_ns) {}

RecordReader::Next ItchReader::Peek(int wait_ms_max, int64_t* event_ns) {
  while (records_.empty()) {
    if (!status_.ok()) return Next::kFailed;
    std::span<const uint8_t> message;
    switch (frames_.Read(&message)) {
      case itch::FrameReader::Next::kMessage:
        if (const Decoded result = records_.Offer(message);
            result == Decoded::kUnknownType) {
          records_.LeaveOut("at byte", frames_.offset(), result, message,
                            frames_.offset());
        } else if (result != Decoded::kHandled) {
          return Fail(absl::StrCat("at byte ", frames_.offset(), ": ",
                                   itch::Describe(result, message)));
        }
        continue;
      case itch::FrameReader::Next::kEnd:
        if (source_->plain_bytes() == 0) return Fail("is empty");
        return Next::kEnd;
      case itch::FrameReader::Next::kDamaged:
        return Fail(FromAbsl(frames_.status().message()));
      case itch::FrameReader::Next::kNeedMore:
        break;
    }
    switch (Fill(*source_, wait_ms_max, frames_)) {
      case ByteSource::Result::kBytes:
      case ByteSource::Result::kEnd:
        break;
      case ByteSource::Result::kWaiting:
        return Next::kWaiting;
      case ByteSource::Result::kFailed:
        status_ = source_->status();
        records_.faults().Add(FaultOf(*source_));
        return Next::kFailed;
    }
  }
  *event_ns = records_.event_ns();
  return Next::kRecord;
}

void ItchReader::Apply() {
  const std::span<const uint8_t> message = records_.message();
  const Decoded result = records_.Apply();
  if (result == Decoded::kHandled || result == Decoded::kSkipped) return;
  // Kept for the next Peek(), which reports it.
  Fail(absl::StrCat("at byte ", frames_.offset(), ": ",
                    itch::Describe(result, message)));
}

RecordReader::Next ItchReader::Fail(std::string_view what) {
  counters_.Add(Metric::kFeedMessagesBad);
  records_.faults().Add(static_cast<int64_t>(frames_.offset()), 0, what);
  status_ = absl::DataLossError(absl::StrCat(
      source_->name(), source_->compressed() ? ": decompressed data " : ": ",
      ToAbsl(what)));
  return Next::kFailed;
}

void ItchReader::TellFindings(Findings* findings) const {
  findings->detail = "ITCH 5.0";
  AddSource(*source_, findings);
  AddByTypeByte(records_.by_type(), findings);
  AddOthers({{"of_unknown_orders", records_.of_unknown_orders()}}, findings);
  findings->faults = records_.faults();
}

}  // namespace streamhub
