#include "feeds/replay/iex_reader.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "feeds/iex/segment.h"
#include "feeds/replay/fill.h"
#include "gateway/base/log.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

// Of packets that bring no record: then the feed gets a turn, so that it can
// be stopped amid any amount of other traffic.
constexpr int kPacketsPerPeek = 4000;

}  // namespace

IexReader::IexReader(std::unique_ptr<ByteSource> source,
                     iex::IexHandler& handler, Counters& counters)
    : source_(std::move(source)),
      handler_(handler),
      counters_(counters),
      receiver_(counters) {}

RecordReader::Next IexReader::Peek(int wait_ms_max, int64_t* event_ns) {
  int packets_left = kPacketsPerPeek;
  while (payload_.empty()) {
    if (ended_) return failed_.ok() ? Next::kEnd : Next::kFailed;
    packets::Packet packet;
    switch (capture_.Read(&packet)) {
      case packets::CaptureReader::Next::kPacket:
        if (!TakePacket(packet) && --packets_left == 0) return Next::kWaiting;
        continue;
      case packets::CaptureReader::Next::kEnd:
        return End(absl::OkStatus());
      case packets::CaptureReader::Next::kDamaged:
        faults_.Add(static_cast<int64_t>(capture_.offset()), 0,
                    FromAbsl(capture_.status().message()));
        return End(absl::DataLossError(
            absl::StrCat(source_->name(),
                         source_->compressed() ? ": decompressed data " : ": ",
                         capture_.status().message())));
      case packets::CaptureReader::Next::kNeedMore:
        break;
    }
    switch (Fill(*source_, wait_ms_max, capture_)) {
      case ByteSource::Result::kBytes:
      case ByteSource::Result::kEnd:
        break;
      case ByteSource::Result::kWaiting:
        return Next::kWaiting;
      case ByteSource::Result::kFailed:
        faults_.Add(FaultOf(*source_));
        return End(source_->status());
    }
  }
  *event_ns = sent_ns_;
  return Next::kRecord;
}

// False: it holds no segment.
bool IexReader::TakePacket(const packets::Packet& packet) {
  packets::Datagram datagram;
  const packets::Parsed parsed =
      packets::ParseDatagram(capture_.link(), packet, &datagram);
  counts_.Add(parsed);
  if (parsed != packets::Parsed::kDatagram) return false;
  iex::Segment segment;
  const iex::SegmentFault fault = iex::ParseSegment(datagram.payload, &segment);
  switch (fault) {
    case iex::SegmentFault::kNone:
      break;
    case iex::SegmentFault::kShort:
    case iex::SegmentFault::kVersion:
    case iex::SegmentFault::kProtocol:
      if (others_++ == 0) first_other_ = Describe(fault, datagram.payload);
      return false;
    case iex::SegmentFault::kTruncated:
    case iex::SegmentFault::kTooLong:
    case iex::SegmentFault::kSequence:
    case iex::SegmentFault::kBlocks:
      counters_.Add(Metric::kFeedMessagesBad);
      LeaveOut(Describe(fault, datagram.payload));
      return false;
  }
  ++segments_;
  payload_ = datagram.payload;
  captured_ns_ = datagram.time_ns;
  sent_ns_ = segment.head.sent_ns;
  protocol_ = segment.head.protocol;
  return true;
}

void IexReader::Apply() {
  const absl::Status status =
      receiver_.Take(std::exchange(payload_, {}), captured_ns_, handler_);
  if (!status.ok()) LeaveOut(FromAbsl(status.message()));
  const auto& sequence = receiver_.sequence();
  if (sequence.counts().gaps == 0 || std::exchange(gap_told_, true)) return;
  const iex::Gap& gap = sequence.gaps()[0];
  LogWarning(absl::StrCat(source_->name(), ": messages ", gap.first, " to ",
                          gap.last,
                          " are lost; more are summed up at the end"));
}

void IexReader::LeaveOut(std::string_view fault) {
  // The packet's, as the bytes of a fault count from where its payload begins.
  faults_.Add(
      {static_cast<int64_t>(capture_.offset()), 0,
       absl::StrCat("packet ", capture_.packets(), ", ", ToAbsl(fault))});
  if (bad_++ > 0) return;
  first_fault_ =
      absl::StrCat("packet ", capture_.packets(), ", ", ToAbsl(fault));
  LogWarning(
      absl::StrCat(source_->name(), ": ", first_fault_, "; such are left out"));
}

RecordReader::Next IexReader::End(const absl::Status& damage) {
  ended_ = true;
  failed_ = damage;
  if (failed_.ok() && source_->plain_bytes() == 0) {
    failed_ = absl::DataLossError(absl::StrCat(source_->name(), ": is empty"));
  } else if (failed_.ok() && segments_ == 0) {
    failed_ = absl::DataLossError(absl::StrCat(
        source_->name(),
        ": holds no segment of IEX TOPS 1.6 or DEEP 1.0: ", Describe(counts_),
        others_ > 0 ? "; of the first one of UDP: " : "", first_other_));
  }
  if (!failed_.ok()) {
    if (damage.ok()) {
      std::string_view what = FromAbsl(failed_.message());
      what.remove_prefix(source_->name().size() + 2);
      faults_.Add(0, 0, what);
    }
    counters_.Add(Metric::kFeedMessagesBad);
    return Next::kFailed;
  }
  if (!status().ok()) LogWarning(FromAbsl(status().message()));
  return Next::kEnd;
}

void IexReader::TellFindings(Findings* findings) const {
  findings->detail =
      protocol_ == iex::Protocol::kTops ? "IEX TOPS 1.6" : "IEX DEEP 1.0";
  AddSource(*source_, findings);
  AddByTypeByte(receiver_.counts().by_type, findings);
  const iex::SequenceTracker::Counts& counts = receiver_.sequence().counts();
  AddOthers({{"packets", capture_.packets()},
             {"segments", counts.segments},
             {"heartbeats", counts.heartbeats},
             {"runs", counts.runs},
             {"duplicates", counts.duplicates},
             {"late", counts.late},
             {"of_other_streams", receiver_.counts().other_streams},
             {"unknown_types", receiver_.counts().unknown_types},
             {"not_iex", others_}},
            findings);
  findings->faults = faults_;
}

absl::Status IexReader::status() const {
  if (!failed_.ok()) return failed_;
  const auto& counts = receiver_.sequence().counts();
  std::string what;
  if (counts.gaps > 0) {
    absl::StrAppend(&what, counts.lost, " messages are lost in ", counts.gaps,
                    " gaps");
  }
  if (bad_ > 0) {
    absl::StrAppend(&what, what.empty() ? "" : "; ", bad_,
                    " segments were left out or have bad messages, the first: ",
                    first_fault_);
  }
  if (what.empty()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(source_->name(), ": ", what));
}

}  // namespace streamhub
