#include "feeds/replay/itch_mold_reader.h"

#include <absl/strings/str_cat.h>

#include <span>
#include <utility>

#include "feeds/gap_list.h"
#include "feeds/itch/decoder.h"
#include "feeds/mold/mold_packet.h"
#include "feeds/replay/fill.h"
#include "gateway/base/log.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub {
namespace {

using itch::Decoded;

// Of packets that bring no record: then the feed gets a turn, so that it can
// be stopped amid any amount of other traffic.
constexpr int kPacketsPerPeek = 4000;

}  // namespace

ItchMoldReader::ItchMoldReader(std::unique_ptr<ByteSource> source,
                               itch::ItchHandler& handler, Counters& counters,
                               int64_t midnight_ns,
                               const mold::SessionTracker::Window& window)
    : source_(std::move(source)),
      counters_(counters),
      records_(source_->name(), handler, counters, midnight_ns),
      tracker_(window) {}

RecordReader::Next ItchMoldReader::Peek(int wait_ms_max, int64_t* event_ns) {
  int packets_left = kPacketsPerPeek;
  while (records_.empty()) {
    std::span<const uint8_t> message;
    if (tracker_.Next(&message)) {
      const Decoded result = records_.Offer(message);
      if (result != Decoded::kHandled) {
        records_.LeaveOut("message", tracker_.sequence(), result, message,
                          capture_.offset());
      }
      continue;
    }
    if (over_) return End();
    packets::Packet packet;
    switch (capture_.Read(&packet)) {
      case packets::CaptureReader::Next::kPacket:
        ReadPacket(packet);
        if (--packets_left == 0) return Next::kWaiting;
        continue;
      case packets::CaptureReader::Next::kEnd:
        Finish(absl::OkStatus());
        continue;
      case packets::CaptureReader::Next::kDamaged:
        records_.faults().Add(static_cast<int64_t>(capture_.offset()), 0,
                              FromAbsl(capture_.status().message()));
        Finish(absl::DataLossError(
            absl::StrCat(source_->name(),
                         source_->compressed() ? ": decompressed data " : ": ",
                         capture_.status().message())));
        continue;
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
        Finish(source_->status());
        records_.faults().Add(FaultOf(*source_));
        break;
    }
  }
  *event_ns = records_.event_ns();
  return Next::kRecord;
}

void ItchMoldReader::ReadPacket(const packets::Packet& packet) {
  packets::Datagram datagram;
  const packets::Parsed parsed =
      packets::ParseDatagram(capture_.link(), packet, &datagram);
  counts_.Add(parsed);
  if (parsed != packets::Parsed::kDatagram) return;
  mold::Packet found;
  const mold::Parsed result = mold::Parse(datagram.payload, &found);
  if (result != mold::Parsed::kPacket) {
    if (++not_mold_ == 1) {
      first_not_mold_ = mold::Describe(result, datagram.payload);
    }
    return;
  }
  if (!IsOurs(found, datagram.destination)) {
    ++other_streams_;
    return;
  }
  tracker_.Add(found);
}

bool ItchMoldReader::IsOurs(const mold::Packet& packet,
                            const packets::Endpoint& to) {
  if (tracker_.in_session()) {
    if (packet.session == tracker_.session()) return true;
    if (to != destination_ && !tracker_.ended()) return false;
  }
  destination_ = to;
  return true;
}

void ItchMoldReader::Apply() {
  const std::span<const uint8_t> message = records_.message();
  const Decoded result = records_.Apply();
  if (result != Decoded::kHandled && result != Decoded::kSkipped) {
    records_.LeaveOut("message", tracker_.sequence(), result, message,
                      capture_.offset());
  }
  if (tracker_.gaps().gaps() == 0 || std::exchange(gap_told_, true)) return;
  LogWarning(absl::StrCat(source_->name(), ": ", Describe(tracker_.gaps()),
                          "; more are summed up at the end"));
}

// No packet follows. What is held is given out first.
void ItchMoldReader::Finish(const absl::Status& damage) {
  over_ = true;
  damage_ = damage;
  tracker_.Finish();
}

RecordReader::Next ItchMoldReader::End() {
  if (!ended_) {
    ended_ = true;
    if (!damage_.ok()) {
      failed_ = damage_;
    } else if (source_->plain_bytes() == 0) {
      failed_ =
          absl::DataLossError(absl::StrCat(source_->name(), ": is empty"));
    } else if (!tracker_.in_session()) {
      failed_ = absl::DataLossError(absl::StrCat(
          source_->name(), ": holds no MoldUDP64 packet: ", Describe(counts_),
          not_mold_ > 0 ? "; of the first one of UDP: " : "", first_not_mold_));
    }
    if (!failed_.ok()) counters_.Add(Metric::kFeedMessagesBad);
    if (!failed_.ok() && damage_.ok()) {
      std::string_view what = FromAbsl(failed_.message());
      what.remove_prefix(source_->name().size() + 2);
      records_.faults().Add(0, 0, what);
    }
    if (failed_.ok() && !status().ok()) {
      LogWarning(FromAbsl(status().message()));
    }
  }
  return failed_.ok() ? Next::kEnd : Next::kFailed;
}

void ItchMoldReader::TellFindings(Findings* findings) const {
  findings->detail = absl::StrCat(
      "ITCH 5.0, MoldUDP64 session ",
      ShownText(tracker_.in_session() ? mold::NameOf(tracker_.session()) : ""));
  AddSource(*source_, findings);
  AddByTypeByte(records_.by_type(), findings);
  const mold::SessionTracker::Counts& counts = tracker_.counts();
  AddOthers({{"packets", capture_.packets()},
             {"mold_packets", counts.packets},
             {"heartbeats", counts.heartbeats},
             {"ends_of_session", counts.ends_of_session},
             {"sessions", counts.sessions},
             {"duplicates", counts.duplicates},
             {"reordered", counts.reordered},
             {"late", counts.late},
             {"of_other_streams", other_streams_},
             {"not_mold", not_mold_},
             {"of_unknown_orders", records_.of_unknown_orders()}},
            findings);
  findings->faults = records_.faults();
}

absl::Status ItchMoldReader::status() const {
  return failed_.ok() ? records_.StatusWith(tracker_.gaps()) : failed_;
}

}  // namespace streamhub
