#include "feeds/replay/itch_reader.h"

#include <absl/strings/str_cat.h>

#include <string>
#include <utility>

#include "feeds/itch/decoder.h"
#include "gateway/base/log.h"
#include "gateway/base/strings.h"

namespace streamhub {

ItchReader::ItchReader(std::unique_ptr<ByteSource> source,
                       itch::ItchHandler& handler, Counters& counters,
                       int64_t midnight_ns)
    : source_(std::move(source)),
      handler_(handler),
      counters_(counters),
      midnight_ns_(midnight_ns) {
  handler_.StartDay(midnight_ns);
}

RecordReader::Next ItchReader::Peek(int wait_ms_max, int64_t* event_ns) {
  while (message_.empty()) {
    if (!status_.ok()) return Next::kFailed;
    switch (frames_.Read(&message_)) {
      case itch::FrameReader::Next::kMessage:
        if (itch::MessageBytes(message_[0]) == 0) {
          CountUnknownType();
          message_ = {};
        } else if (itch::TimeNsOf(message_) >= itch::kTimeNsEnd) {
          const std::string what =
              itch::Describe(itch::Decoded::kBadTime, message_);
          return Fail(absl::StrCat("at byte ", frames_.offset(), ": ", what));
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
    size_t bytes = 0;
    switch (source_->Read(frames_.Room(), wait_ms_max, &bytes)) {
      case ByteSource::Result::kBytes:
        frames_.Filled(bytes);
        break;
      case ByteSource::Result::kWaiting:
        return Next::kWaiting;
      case ByteSource::Result::kEnd:
        frames_.Finish();
        break;
      case ByteSource::Result::kFailed:
        status_ = source_->status();
        return Next::kFailed;
    }
  }
  *event_ns = midnight_ns_ + static_cast<int64_t>(itch::TimeNsOf(message_));
  return Next::kRecord;
}

void ItchReader::Apply() {
  const std::span<const uint8_t> message = std::exchange(message_, {});
  const itch::Decoded result = itch::Decode(message, handler_);
  if (result == itch::Decoded::kHandled || result == itch::Decoded::kSkipped) {
    return;
  }
  // Kept for the next Peek(), which reports it.
  Fail(absl::StrCat("at byte ", frames_.offset(), ": ",
                    itch::Describe(result, message)));
}

void ItchReader::RollDay(int64_t event_ns) { handler_.RollDay(event_ns); }

RecordReader::Next ItchReader::Fail(std::string_view what) {
  counters_.Add(Metric::kFeedMessagesBad);
  message_ = {};
  status_ = absl::DataLossError(absl::StrCat(
      source_->name(), source_->compressed() ? ": decompressed data " : ": ",
      ToAbsl(what)));
  return Next::kFailed;
}

void ItchReader::CountUnknownType() {
  counters_.Add(Metric::kFeedMessagesBad);
  if (std::exchange(warned_, true)) return;
  LogWarning(absl::StrCat(source_->name(), ": at byte ", frames_.offset(), ": ",
                          itch::Describe(itch::Decoded::kUnknownType, message_),
                          "; such messages are left out"));
}

}  // namespace streamhub
