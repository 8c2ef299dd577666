#include "feeds/replay/iex_lines_reader.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <span>
#include <utility>

#include "feeds/iex/decoder.h"
#include "feeds/replay/fill.h"
#include "gateway/base/log.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

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

IexLinesReader::IexLinesReader(std::vector<std::unique_ptr<ByteSource>> sources,
                               iex::IexHandler& handler, Counters& counters,
                               int64_t silent_ns, const Window& window)
    : name_(absl::StrCat(sources.size(), " lines, ", sources[0]->name())),
      handler_(handler),
      counters_(counters),
      window_(window),
      receiver_(counters),
      marks_(NamesOf(sources), silent_ns) {
  for (auto& source : sources) {
    lines_.push_back(std::make_unique<Line>());
    lines_.back()->source = std::move(source);
  }
}

RecordReader::Next IexLinesReader::Peek(int wait_ms_max, int64_t* event_ns) {
  for (int i = 0; !has_record_; ++i) {
    if (GiveOutHeld()) {
      PassOverCopy();
      continue;
    }
    if (has_next_) {
      std::swap(record_, next_);
      has_next_ = false;
      has_record_ = true;
      break;
    }
    if (over_) return End();
    if (i > kPacketsPerPeek || !FillHeads(wait_ms_max)) return Next::kWaiting;
    TakeEarliest();
    if (has_record_) PassOverCopy();
  }
  *event_ns = record_.head.sent_ns;
  return Next::kRecord;
}

// The next segment of each line that has one. False: one has to be waited for.
bool IexLinesReader::FillHeads(int wait_ms_max) {
  int packets_left = kPacketsPerPeek;
  for (const auto& line : lines_) {
    if (!FillHead(*line, wait_ms_max, &packets_left)) return false;
  }
  return true;
}

bool IexLinesReader::FillHead(Line& line, int wait_ms_max, int* packets_left) {
  while (!line.has_segment && !line.over) {
    packets::Packet packet;
    switch (line.capture.Read(&packet)) {
      case packets::CaptureReader::Next::kPacket:
        TakePacket(line, packet);
        if (!line.has_segment && --*packets_left == 0) return false;
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

void IexLinesReader::TakePacket(Line& line, const packets::Packet& packet) {
  packets::Datagram datagram;
  const packets::Parsed parsed =
      packets::ParseDatagram(line.capture.link(), packet, &datagram);
  line.counts.Add(parsed);
  if (parsed != packets::Parsed::kDatagram) return;
  const iex::SegmentFault fault =
      iex::ParseSegment(datagram.payload, &line.segment);
  switch (fault) {
    case iex::SegmentFault::kNone:
      break;
    case iex::SegmentFault::kShort:
    case iex::SegmentFault::kVersion:
    case iex::SegmentFault::kProtocol:
      ++line.not_iex;
      return;
    case iex::SegmentFault::kTruncated:
    case iex::SegmentFault::kTooLong:
    case iex::SegmentFault::kSequence:
    case iex::SegmentFault::kBlocks:
      counters_.Add(Metric::kFeedMessagesBad);
      return LeaveOut(line.source->name(), Describe(fault, datagram.payload));
  }
  line.has_segment = true;
  line.payload = datagram.payload;
  line.captured_ns = datagram.time_ns;
}

// Of equal times in the order of the lines. It is the record, or held, or, if
// it begins a run, the one after all that is held.
void IexLinesReader::TakeEarliest() {
  size_t first = lines_.size();
  for (size_t i = 0; i < lines_.size(); ++i) {
    if (!lines_[i]->has_segment) continue;
    if (first == lines_.size() ||
        lines_[i]->captured_ns < lines_[first]->captured_ns) {
      first = i;
    }
  }
  if (first == lines_.size()) {
    over_ = true;
    marks_.End();
    return;
  }
  Line& line = *lines_[first];
  line.has_segment = false;
  Held& segment = record_;
  segment.head = line.segment.head;
  segment.captured_ns = line.captured_ns;
  segment.arrival = ++heard_;
  segment.payload.assign(line.payload.begin(), line.payload.end());
  std::span<const uint8_t> blocks = line.segment.blocks;
  std::span<const uint8_t> message;
  segment.message_ns =
      iex::NextMessage(&blocks, &message) ? iex::TimeNsOf(message) : 0;
  has_record_ = true;
  if (!receiver_.Follows(segment.head)) return;  // which counts it
  line.joined = true;
  const iex::SequenceTracker& sequence = receiver_.sequence();
  const bool begins = sequence.BeginsRun(segment.head, segment.message_ns);
  Mark(first, segment, begins);
  if (begins) {
    if (held_.empty()) return;
    std::swap(record_, next_);
    has_next_ = true;
    has_record_ = false;
  } else if (segment.head.session == sequence.session() &&
             segment.head.first_sequence > sequence.next_sequence()) {
    Hold();
  }
}

void IexLinesReader::Mark(size_t line, const Held& segment, bool begins) {
  const iex::SequenceTracker& sequence = receiver_.sequence();
  const auto first = static_cast<uint64_t>(segment.head.first_sequence);
  if (begins) {
    // As the tracker does: the first run was joined where it is.
    marks_.Begin(sequence.counts().runs == 0 ? first : 1);
  } else if (segment.head.session != sequence.session()) {
    return;  // what a slower line still says of the session before
  }
  marks_.Heard(line, first, first + segment.head.messages, segment.captured_ns);
}

// The record comes too early.
void IexLinesReader::Hold() {
  has_record_ = false;
  const int64_t first = record_.head.first_sequence;
  // Most of them are later than all that are held.
  const auto at = std::lower_bound(held_.begin(), held_.end(), first,
                                   [](const Held& held, int64_t number) {
                                     return held.head.first_sequence > number;
                                   });
  held_bytes_ += record_.payload.size();
  Held fresh;
  if (!spare_.empty()) {
    fresh = std::move(spare_.back());
    spare_.pop_back();
  }
  std::swap(fresh, record_);
  held_.insert(at, std::move(fresh));
}

// The first of what is held is the record now, if its turn has come.
bool IexLinesReader::GiveOutHeld() {
  if (held_.empty()) return false;
  const bool due =
      held_.back().head.first_sequence <= receiver_.sequence().next_sequence();
  if (!due && !over_ && !has_next_ && !Overdue()) return false;
  std::swap(record_, held_.back());
  held_bytes_ -= record_.payload.size();
  spare_.push_back(std::move(held_.back()));
  held_.pop_back();
  has_record_ = true;
  return true;
}

// What brings nothing new is counted at once: it has no time in the replay.
void IexLinesReader::PassOverCopy() {
  const iex::SegmentHead& head = record_.head;
  const iex::SequenceTracker& sequence = receiver_.sequence();
  const int64_t end = head.first_sequence + head.messages;
  const bool had =
      !receiver_.Follows(head) ||
      (!sequence.BeginsRun(head, record_.message_ns) &&
       (head.session != sequence.session() || end <= sequence.next_sequence()));
  if (had) Apply();
}

// What is the first in order was mostly held first, too.
bool IexLinesReader::Overdue() const {
  return held_bytes_ > window_.bytes ||
         heard_ - held_.back().arrival > window_.segments;
}

void IexLinesReader::Apply() {
  has_record_ = false;
  const absl::Status status =
      receiver_.Take(record_.payload, record_.captured_ns, handler_);
  if (!status.ok()) LeaveOut(name_, FromAbsl(status.message()));
  const auto& sequence = receiver_.sequence();
  if (sequence.counts().gaps == 0 || std::exchange(gap_told_, true)) return;
  const iex::Gap& gap = sequence.gaps()[0];
  LogWarning(absl::StrCat("on all of ", lines_.size(), " lines messages ",
                          gap.first, " to ", gap.last,
                          " are lost; more are summed up at the end"));
}

void IexLinesReader::LeaveOut(const std::string& name, std::string_view fault) {
  if (bad_++ > 0) return;
  first_fault_ = absl::StrCat(name, ": ", ToAbsl(fault));
  LogWarning(absl::StrCat(first_fault_, "; such are left out"));
}

void IexLinesReader::EndLine(Line& line, const absl::Status& damage) {
  line.over = true;
  line.damage = damage;
  const std::string& name = line.source->name();
  if (line.damage.ok() && line.source->plain_bytes() == 0) {
    line.damage = absl::DataLossError(absl::StrCat(name, ": is empty"));
  } else if (line.damage.ok() && !line.joined) {
    line.damage = absl::DataLossError(absl::StrCat(
        name, ": holds no segment of the stream: ", Describe(line.counts)));
  }
  if (line.damage.ok()) return;
  counters_.Add(Metric::kFeedMessagesBad);
  LogWarning(
      absl::StrCat(line.damage.message(), "; other lines are played on"));
}

RecordReader::Next IexLinesReader::End() {
  if (!std::exchange(ended_, true)) {
    const bool any_good =
        std::any_of(lines_.begin(), lines_.end(),
                    [](const auto& line) { return line->damage.ok(); });
    if (!any_good) failed_ = lines_[0]->damage;
    if (failed_.ok() && !status().ok()) {
      LogWarning(FromAbsl(status().message()));
    }
  }
  return failed_.ok() ? Next::kEnd : Next::kFailed;
}

absl::Status IexLinesReader::status() const {
  if (!failed_.ok()) return failed_;
  for (const auto& line : lines_) {
    if (!line->damage.ok()) return line->damage;
  }
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
  return absl::DataLossError(absl::StrCat(name_, ": ", what));
}

int64_t IexLinesReader::bytes_read() const {
  int64_t sum = 0;
  for (const auto& line : lines_) sum += line->source->bytes_read();
  return sum;
}

int64_t IexLinesReader::bytes_total() const {
  int64_t sum = 0;
  for (const auto& line : lines_) {
    if (line->source->bytes_total() == 0) return 0;
    sum += line->source->bytes_total();
  }
  return sum;
}

}  // namespace streamhub
