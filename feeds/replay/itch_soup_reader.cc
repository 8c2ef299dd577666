#include "feeds/replay/itch_soup_reader.h"

#include <absl/strings/str_cat.h>

#include <cstdint>
#include <span>
#include <utility>

#include "feeds/itch/decoder.h"
#include "feeds/replay/fill.h"
#include "gateway/base/log.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub {
namespace {

using itch::Decoded;

// Of packets that bring no record: then the feed gets a turn.
constexpr int kPacketsPerPeek = 4000;

}  // namespace

ItchSoupReader::ItchSoupReader(std::unique_ptr<ByteSource> source,
                               itch::ItchHandler& handler, Counters& counters,
                               int64_t midnight_ns)
    : source_(std::move(source)),
      counters_(counters),
      records_(source_->name(), handler, counters, midnight_ns) {}

RecordReader::Next ItchSoupReader::Peek(int wait_ms_max, int64_t* event_ns) {
  int packets_left = kPacketsPerPeek;
  while (records_.empty()) {
    if (!failed_.ok()) return Next::kFailed;
    soup::Packet packet;
    switch (stream_.Read(&packet)) {
      case soup::StreamReader::Next::kPacket:
        if (packet.type == soup::Type::kSequenced) {
          const Decoded result = records_.Offer(packet.payload);
          if (result != Decoded::kHandled) {
            records_.LeaveOut("at byte", stream_.offset(), result,
                              packet.payload, stream_.offset());
          }
        }
        if (--packets_left == 0 && records_.empty()) return Next::kWaiting;
        continue;
      case soup::StreamReader::Next::kEnd:
        return End();
      case soup::StreamReader::Next::kDamaged:
        return Fail(FromAbsl(stream_.status().message()));
      case soup::StreamReader::Next::kNeedMore:
        break;
    }
    switch (Fill(*source_, wait_ms_max, stream_)) {
      case ByteSource::Result::kBytes:
      case ByteSource::Result::kEnd:
        break;
      case ByteSource::Result::kWaiting:
        return Next::kWaiting;
      case ByteSource::Result::kFailed:
        failed_ = source_->status();
        records_.faults().Add(FaultOf(*source_));
        return Next::kFailed;
    }
  }
  *event_ns = records_.event_ns();
  return Next::kRecord;
}

void ItchSoupReader::Apply() {
  const std::span<const uint8_t> message = records_.message();
  const Decoded result = records_.Apply();
  if (result == Decoded::kHandled || result == Decoded::kSkipped) return;
  records_.LeaveOut("at byte", stream_.offset(), result, message,
                    stream_.offset());
}

RecordReader::Next ItchSoupReader::End() {
  if (source_->plain_bytes() == 0) return Fail("is empty");
  if (stream_.count(soup::Type::kSequenced) == 0) {
    return Fail("holds no sequenced message of SoupBinTCP");
  }
  if (!std::exchange(ended_, true) && !status().ok()) {
    LogWarning(FromAbsl(status().message()));
  }
  return Next::kEnd;
}

RecordReader::Next ItchSoupReader::Fail(std::string_view what) {
  counters_.Add(Metric::kFeedMessagesBad);
  records_.faults().Add(static_cast<int64_t>(stream_.offset()), 0, what);
  failed_ = absl::DataLossError(absl::StrCat(
      source_->name(), source_->compressed() ? ": decompressed data " : ": ",
      ToAbsl(what)));
  return Next::kFailed;
}

void ItchSoupReader::TellFindings(Findings* findings) const {
  findings->detail = absl::StrCat("ITCH 5.0, SoupBinTCP session ",
                                  ShownText(stream_.session()));
  AddSource(*source_, findings);
  AddByTypeByte(records_.by_type(), findings);
  using soup::Type;
  AddOthers({{"duplicates", stream_.repeated()},
             {"logins", stream_.count(Type::kLoginAccepted)},
             {"rejected_logins", stream_.count(Type::kLoginRejected)},
             {"sequenced", stream_.count(Type::kSequenced)},
             {"unsequenced", stream_.count(Type::kUnsequenced)},
             {"heartbeats", stream_.count(Type::kHeartbeat)},
             {"debug", stream_.count(Type::kDebug)},
             {"ends_of_session", stream_.count(Type::kEndOfSession)},
             {"unknown", stream_.count(Type::kUnknown)},
             {"of_unknown_orders", records_.of_unknown_orders()}},
            findings);
  findings->faults = records_.faults();
}

absl::Status ItchSoupReader::status() const {
  return failed_.ok() ? records_.StatusWith(stream_.gaps()) : failed_;
}

}  // namespace streamhub
