#include "feeds/replay/ticklog_reader.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <span>
#include <utility>

#include "feeds/replay/fill.h"
#include "feeds/ticklog/layouts.h"
#include "gateway/base/log.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

using ticklog::LogReader;

constexpr std::string_view kSession = "recording";

// Of records that are not given out: then the feed gets a turn, so that it can
// be stopped.
constexpr int kRecordsPerPeek = 4000;

}  // namespace

TickLogReader::TickLogReader(std::unique_ptr<ByteSource> source,
                             ticklog::TickLogHandler& handler,
                             Counters& counters)
    : source_(std::move(source)),
      handler_(handler),
      counters_(counters),
      id_(handler_.Open()) {}

RecordReader::Next TickLogReader::Peek(int wait_ms_max, int64_t* time_ns) {
  int records_left = kRecordsPerPeek;
  for (;;) {
    if (has_record_ || (knows_time_ && !early_.empty())) {
      *time_ns = time_ns_;
      return Next::kRecord;
    }
    if (ended_) return failed_ ? Next::kFailed : Next::kEnd;
    const LogReader::Next next = log_.Read(&record_);
    // What is lost was before the record that is there now.
    Lose(log_.lost_records() - std::exchange(lost_, log_.lost_records()),
         "of a damaged block");
    switch (next) {
      case LogReader::Next::kRecord:
        Take();
        if (--records_left == 0 && !has_record_) return Next::kWaiting;
        continue;
      case LogReader::Next::kEnd:
      case LogReader::Next::kFailed:
        // Of a log without any record that has a time.
        if (std::exchange(knows_time_, true) || early_.empty()) {
          return End(next == LogReader::Next::kFailed);
        }
        continue;
      case LogReader::Next::kNeedMore:
        break;
    }
    switch (Fill(*source_, wait_ms_max, log_)) {
      case ByteSource::Result::kBytes:
      case ByteSource::Result::kEnd:
        break;
      case ByteSource::Result::kWaiting:
        return Next::kWaiting;
      case ByteSource::Result::kFailed:
        fault_ = source_->status();
        return End(true);
    }
  }
}

// The record that was read.
void TickLogReader::Take() {
  Note();
  switch (record_.kind) {
    case TickRecord::Kind::kSent:
      ++sent_;
      counters_.Add(Metric::kFeedMessagesIgnored);
      return;
    case TickRecord::Kind::kStatus:
      // It may be old, of where the log begins.
      ++number_;
      time_ns_ =
          knows_time_ ? record_.time_ns : std::max(time_ns_, record_.time_ns);
      [[fallthrough]];
    case TickRecord::Kind::kSymbol:
    case TickRecord::Kind::kRefresh:
      if (!knows_time_ && early_.size() < kEarlyMax) {
        Keep();
        return;
      }
      break;
    case TickRecord::Kind::kGap:
      time_ns_ = record_.time_ns;
      break;
    default:
      time_ns_ = record_.time_ns;
      ++number_;
  }
  knows_time_ = true;
  has_record_ = true;
}

void TickLogReader::Note() {
  ++messages_;
  ++by_kind_[static_cast<uint8_t>(record_.kind)];
  if (record_.kind == TickRecord::Kind::kGap && lost_times_.size() < kLostMax) {
    lost_times_.push_back({record_.lost, record_.from_ns, record_.time_ns});
  }
  if (record_.kind != TickRecord::Kind::kSent) return;
  const SentRecord& sent = record_.sent;
  const bool first = by_kind_[static_cast<uint8_t>(record_.kind)] == 1;
  if (first || sent.time_ns < sent_first_ns_) sent_first_ns_ = sent.time_ns;
  if (first || sent.time_ns > sent_last_ns_) sent_last_ns_ = sent.time_ns;
  if (sent_texts_.size() == kSentMax ||
      kSentBytesMax - sent_bytes_ < sent.bytes.size()) {
    return;
  }
  sent_bytes_ += sent.bytes.size();
  sent_texts_.push_back(
      {sent.time_ns, sent.session, std::string(sent.transport),
       std::string(sent.encoding), sent.batch, std::string(sent.symbol),
       std::string(sent.bytes), sent.cut});
}

void TickLogReader::TellFindings(Findings* findings) const {
  constexpr std::string_view kKinds[] = {"symbol", "tick",   "refresh", "trade",
                                         "epoch",  "status", "gap",     "sent"};
  findings->detail = log_.closed() ? "tick log" : "tick log, not closed";
  AddSource(*source_, findings);
  for (size_t kind = 0; kind < std::size(kKinds); ++kind) {
    if (by_kind_[kind] == 0) continue;
    findings->by_type.emplace_back(kKinds[kind], by_kind_[kind]);
  }
  AddOthers(
      {{"blocks", static_cast<int64_t>(log_.whole_blocks())},
       {"of_unknown_symbols", static_cast<int64_t>(log_.unknown_symbols())},
       {"of_unknown_kinds", static_cast<int64_t>(log_.unknown_records())}},
      findings);
  for (const ticklog::LogDamage& damage : log_.damages()) {
    findings->faults.Add(static_cast<int64_t>(damage.offset), 0, damage.what);
  }
  for (auto more = static_cast<int64_t>(log_.damages().size());
       more < log_.damaged(); ++more) {
    findings->faults.Add(0, 0, "");
  }
  if (!source_->status().ok()) findings->faults.Add(FaultOf(*source_));
  findings->lost = lost_times_;
  findings->sent = sent_texts_;
  findings->sent_total = by_kind_[static_cast<size_t>(TickRecord::Kind::kSent)];
  findings->sent_first_ns = sent_first_ns_;
  findings->sent_last_ns = sent_last_ns_;
}

void TickLogReader::Keep() {
  Early& early = early_.emplace_back();
  early.record = record_;
  early.values.assign(record_.values.begin(), record_.values.end());
  early.feed = record_.feed;
  if (record_.info == nullptr) return;
  early.info = *record_.info;
  early.info.layout = ticklog::LastingLayout(*record_.info->layout);
  // Of rubbish only.
  if (early.info.layout == nullptr) early_.pop_back();
}

void TickLogReader::Apply() {
  if (!early_.empty()) {
    Early early = std::move(early_.front());
    early_.pop_front();
    early.record.values = early.values;
    early.record.feed = early.feed;
    if (early.record.info != nullptr) early.record.info = &early.info;
    handler_.Apply(id_, early.record);
    return;
  }
  has_record_ = false;
  handler_.Apply(id_, record_);
  if (record_.kind == TickRecord::Kind::kGap) {
    Lose(record_.lost, "which the recorder could not keep");
  }
}

void TickLogReader::Lose(uint64_t records, std::string_view why) {
  if (records == 0) return;
  const uint64_t room = std::numeric_limits<uint64_t>::max() - number_;
  records = std::min(records, room);
  if (records == 0) return;
  gaps_.Add(kSession, number_ + 1, number_ + records);
  number_ += records;
  if (std::exchange(gap_told_, true)) return;
  LogWarning(absl::StrCat(source_->name(), ": ", records, " records ",
                          ToAbsl(why),
                          " are lost; more are summed up at the end"));
}

RecordReader::Next TickLogReader::End(bool failed) {
  ended_ = true;
  failed_ = failed;
  handler_.Close(id_);
  if (!failed && sent_ > 0 && number_ == 0) {
    fault_ = absl::DataLossError(absl::StrCat(
        source_->name(),
        ": is a log of what was sent to sessions, which is nothing to play"));
    failed_ = true;
  }
  if (!status().ok()) counters_.Add(Metric::kFeedMessagesBad);
  if (failed_) return Next::kFailed;
  if (!status().ok()) LogWarning(FromAbsl(status().message()));
  if (gaps_.gaps() > 0) {
    LogWarning(absl::StrCat(source_->name(), ": ", Describe(gaps_)));
  }
  if (!log_.closed()) {
    LogWarning(absl::StrCat(
        source_->name(), ": was not closed: its recorder was killed, or is at ",
        "work still; its ", log_.whole_records(), " records are played"));
  }
  return Next::kEnd;
}

absl::Status TickLogReader::status() const {
  if (!fault_.ok()) return fault_;
  if (log_.status().ok()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      source_->name(), source_->compressed() ? ": decompressed data " : ": ",
      log_.status().message(),
      log_.damaged() > 1
          ? absl::StrCat("; and ", log_.damaged() - 1, " more faults")
          : std::string()));
}

}  // namespace streamhub
