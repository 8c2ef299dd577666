#include "feeds/replay/itch_lines_reader.h"

#include <absl/strings/str_cat.h>

#include <span>
#include <utility>

#include "feeds/itch/decoder.h"
#include "feeds/mold/mold_packet.h"
#include "feeds/replay/fill.h"
#include "gateway/base/log.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

using itch::Decoded;

// Of packets that bring no record: then the feed gets a turn, so that it can
// be stopped amid any amount of other traffic.
constexpr int kPacketsPerPeek = 4000;

std::vector<std::string> NamesOf(
    const std::vector<std::unique_ptr<ByteSource>>& sources) {
  std::vector<std::string> names;
  names.reserve(sources.size());
  for (const auto& source : sources) names.push_back(source->name());
  return names;
}

}  // namespace

ItchLinesReader::ItchLinesReader(
    std::vector<std::unique_ptr<ByteSource>> sources,
    itch::ItchHandler& handler, Counters& counters, int64_t midnight_ns,
    int64_t silent_ns, const mold::SessionTracker::Window& window)
    : counters_(counters),
      records_(absl::StrCat(sources.size(), " lines, ", sources[0]->name()),
               handler, counters, midnight_ns),
      tracker_(window),
      marks_(NamesOf(sources), silent_ns) {
  for (auto& source : sources) {
    lines_.push_back(std::make_unique<Line>());
    lines_.back()->source = std::move(source);
  }
}

RecordReader::Next ItchLinesReader::Peek(int wait_ms_max, int64_t* event_ns) {
  for (int i = 0; records_.empty(); ++i) {
    std::span<const uint8_t> message;
    if (tracker_.Next(&message)) {
      const Decoded result = records_.Offer(message);
      if (result != Decoded::kHandled) {
        records_.LeaveOut("message", tracker_.sequence(), result, message,
                          /*offset=*/0);
      }
      continue;
    }
    if (over_) return End();
    if (i > kPacketsPerPeek || !FillHeads(wait_ms_max)) return Next::kWaiting;
    TakeEarliest();
  }
  *event_ns = records_.event_ns();
  return Next::kRecord;
}

// The next packet of each line that has one. False: one has to be waited for.
bool ItchLinesReader::FillHeads(int wait_ms_max) {
  int packets_left = kPacketsPerPeek;
  for (const auto& line : lines_) {
    if (!FillHead(*line, wait_ms_max, &packets_left)) return false;
  }
  return true;
}

bool ItchLinesReader::FillHead(Line& line, int wait_ms_max, int* packets_left) {
  while (!line.has_packet && !line.over) {
    packets::Packet packet;
    switch (line.capture.Read(&packet)) {
      case packets::CaptureReader::Next::kPacket:
        TakePacket(line, packet);
        if (!line.has_packet && --*packets_left == 0) return false;
        continue;
      case packets::CaptureReader::Next::kEnd:
        EndLine(line, absl::OkStatus());
        continue;
      case packets::CaptureReader::Next::kDamaged:
        EndLine(line,
                absl::DataLossError(absl::StrCat(
                    line.source->name(),
                    line.source->compressed() ? ": decompressed data " : ": ",
                    line.capture.status().message())));
        continue;
      case packets::CaptureReader::Next::kNeedMore:
        break;
    }
    switch (Fill(*line.source, wait_ms_max, line.capture)) {
      case ByteSource::Result::kBytes:
      case ByteSource::Result::kEnd:
        break;
      case ByteSource::Result::kWaiting:
        return false;
      case ByteSource::Result::kFailed:
        EndLine(line, line.source->status());
        break;
    }
  }
  return true;
}

void ItchLinesReader::TakePacket(Line& line, const packets::Packet& packet) {
  packets::Datagram datagram;
  const packets::Parsed parsed =
      packets::ParseDatagram(line.capture.link(), packet, &datagram);
  line.counts.Add(parsed);
  if (parsed != packets::Parsed::kDatagram) return;
  if (mold::Parse(datagram.payload, &line.packet) != mold::Parsed::kPacket) {
    ++line.not_mold;
    return;
  }
  line.has_packet = true;
  line.destination = datagram.destination;
  line.time_ns = datagram.time_ns;
}

// Of equal times in the order of the lines.
void ItchLinesReader::TakeEarliest() {
  size_t first = lines_.size();
  for (size_t i = 0; i < lines_.size(); ++i) {
    if (!lines_[i]->has_packet) continue;
    if (first == lines_.size() || lines_[i]->time_ns < lines_[first]->time_ns) {
      first = i;
    }
  }
  if (first == lines_.size()) {
    over_ = true;
    tracker_.Finish();
    marks_.End();
    return;
  }
  Line& line = *lines_[first];
  line.has_packet = false;
  if (!IsOurs(line)) {
    ++other_streams_;
    return;
  }
  const mold::Packet& packet = line.packet;
  if (!tracker_.in_session() || packet.session != tracker_.session()) {
    left_ = tracker_.session();
    marks_.Begin(tracker_.FirstOf(packet.sequence));
  }
  marks_.Heard(first, packet.sequence, packet.sequence + packet.messages,
               line.time_ns);
  tracker_.Add(packet);
}

bool ItchLinesReader::IsOurs(Line& line) {
  const mold::Session& session = line.packet.session;
  if (tracker_.in_session() && session != tracker_.session()) {
    if (session == left_ || !line.joined) return false;
    if (line.destination != line.home && !tracker_.ended()) return false;
  } else if (line.joined) {
    return true;
  }
  line.joined = true;
  line.home = line.destination;
  return true;
}

void ItchLinesReader::Apply() {
  const std::span<const uint8_t> message = records_.message();
  const Decoded result = records_.Apply();
  if (result != Decoded::kHandled && result != Decoded::kSkipped) {
    records_.LeaveOut("message", tracker_.sequence(), result, message,
                      /*offset=*/0);
  }
  if (tracker_.gaps().gaps() == 0 || std::exchange(gap_told_, true)) return;
  LogWarning(absl::StrCat("on all of ", lines_.size(), " lines ",
                          Describe(tracker_.gaps()),
                          "; more are summed up at the end"));
}

void ItchLinesReader::EndLine(Line& line, const absl::Status& damage) {
  line.over = true;
  line.damage = damage;
  if (line.damage.ok() && line.source->plain_bytes() == 0) {
    line.damage =
        absl::DataLossError(absl::StrCat(line.source->name(), ": is empty"));
  } else if (line.damage.ok() && !line.joined) {
    line.damage = absl::DataLossError(
        absl::StrCat(line.source->name(), ": holds no MoldUDP64 packet",
                     tracker_.in_session() ? " of the session: " : ": ",
                     Describe(line.counts)));
  }
  if (line.damage.ok()) return;
  counters_.Add(Metric::kFeedMessagesBad);
  LogWarning(
      absl::StrCat(line.damage.message(), "; other lines are played on"));
}

RecordReader::Next ItchLinesReader::End() {
  if (!std::exchange(ended_, true)) {
    bool any_good = false;
    for (const auto& line : lines_) any_good |= line->damage.ok();
    if (!any_good) failed_ = lines_[0]->damage;
    if (failed_.ok() && !status().ok()) {
      LogWarning(FromAbsl(status().message()));
    }
  }
  return failed_.ok() ? Next::kEnd : Next::kFailed;
}

absl::Status ItchLinesReader::status() const {
  if (!failed_.ok()) return failed_;
  for (const auto& line : lines_) {
    if (!line->damage.ok()) return line->damage;
  }
  return records_.StatusWith(tracker_.gaps());
}

int64_t ItchLinesReader::bytes_read() const {
  int64_t sum = 0;
  for (const auto& line : lines_) sum += line->source->bytes_read();
  return sum;
}

int64_t ItchLinesReader::bytes_total() const {
  int64_t sum = 0;
  for (const auto& line : lines_) {
    if (line->source->bytes_total() == 0) return 0;
    sum += line->source->bytes_total();
  }
  return sum;
}

}  // namespace streamhub
