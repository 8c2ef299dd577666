#include "feeds/replay/fix_reader.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "gateway/base/log.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub {
namespace {

// Of messages that are left out, and of reads that bring none: then the feed
// gets a turn, so that it can be stopped amid rubbish of any size.
constexpr int kMessagesPerPeek = 2000;
constexpr int kReadsPerPeek = 16;

// Gaps that are told one by one, while reading and in the end.
constexpr size_t kGapsTold = 16;

}  // namespace

FixReader::FixReader(std::unique_ptr<ByteSource> source,
                     fix::FixHandler& handler, Counters& counters,
                     fix::Check check)
    : source_(std::move(source)),
      handler_(handler),
      counters_(counters),
      frames_(check),
      survey_done_(!handler.NeedsSurvey()) {}

FixReader::Got FixReader::GetNew(int wait_ms_max) {
  if (--messages_left_ < 0) return Got::kWaiting;
  for (;;) {
    switch (frames_.Read(&frame_)) {
      case fix::FrameReader::Next::kMessage:
        return Got::kMessage;
      case fix::FrameReader::Next::kGarbled:
        what_ = frames_.what();
        return Got::kGarbled;
      case fix::FrameReader::Next::kEnd:
        return Got::kEnd;
      case fix::FrameReader::Next::kNeedMore:
        break;
    }
    if (--reads_left_ < 0) return Got::kWaiting;
    size_t bytes = 0;
    switch (source_->Read(frames_.Room(), wait_ms_max, &bytes)) {
      case ByteSource::Result::kBytes:
        frames_.Filled(bytes);
        break;
      case ByteSource::Result::kWaiting:
        return Got::kWaiting;
      case ByteSource::Result::kEnd:
        frames_.Finish();
        break;
      case ByteSource::Result::kFailed:
        return Got::kFailed;
    }
  }
}

// First those that were surveyed.
FixReader::Got FixReader::Get(int wait_ms_max) {
  if (surveyed_.empty()) return GetNew(wait_ms_max);
  at_hand_ = std::move(surveyed_.front());
  surveyed_.pop_front();
  frame_ = {at_hand_.bytes, at_hand_.separator, at_hand_.place};
  if (!at_hand_.garbled) return Got::kMessage;
  what_ = at_hand_.bytes;
  return Got::kGarbled;
}

// True once it is done: what comes after the surveyed ones is not known then.
bool FixReader::Survey(int wait_ms_max) {
  const size_t priced_max =
      source_->bytes_total() == 0 ? kSurveyMessagesOfPipe : kSurveyMessages;
  while (surveyed_priced_ < priced_max && surveyed_bytes_ < kSurveyBytes) {
    const Got got = GetNew(wait_ms_max);
    if (got == Got::kWaiting) return false;
    if (got == Got::kEnd || got == Got::kFailed) break;
    const bool garbled = got == Got::kGarbled;
    surveyed_.push_back({garbled ? what_ : std::string(frame_.bytes),
                         frame_.separator, frame_.place, garbled});
    surveyed_bytes_ += surveyed_.back().bytes.size();
    if (garbled || !decoder_.Decode(frame_, &message_)) continue;
    handler_.Survey(message_);
    if (!message_.entries.empty()) ++surveyed_priced_;
  }
  return survey_done_ = true;
}

RecordReader::Next FixReader::Peek(int wait_ms_max, int64_t* event_ns) {
  reads_left_ = kReadsPerPeek;
  messages_left_ = kMessagesPerPeek;
  if (!survey_done_ && !Survey(wait_ms_max)) return Next::kWaiting;
  while (!has_message_) {
    if (!failed_.ok()) return Next::kFailed;
    switch (Get(wait_ms_max)) {
      case Got::kMessage:
        Take();
        break;
      case Got::kGarbled:
        LeaveOut(what_);
        break;
      case Got::kWaiting:
        return Next::kWaiting;
      case Got::kEnd:
        if (source_->plain_bytes() == 0) {
          Fail("is empty");
        } else if (good_ == 0 && bad_ == 0) {
          Fail("has no FIX message");
        }
        return status().ok() ? Next::kEnd : Next::kFailed;
      case Got::kFailed:
        failed_ = source_->status();
        faults_.Add(FaultOf(*source_));
        return Next::kFailed;
    }
  }
  *event_ns = *message_.sending_ns;
  return Next::kRecord;
}

// The frame at hand becomes the message at hand, if it is to be used.
void FixReader::Take() {
  const bool decoded = decoder_.Decode(frame_, &message_);
  auto verdict = fix::Sequences::Verdict::kUse;
  // One that cannot be used has used up its number all the same.
  if (decoded || message_.seq.has_value()) {
    verdict = sequences_.On(message_, frame_.place);
    TellGap();
  }
  if (!decoded) {
    LeaveOut(decoder_.fault());
  } else if (verdict == fix::Sequences::Verdict::kTooLow) {
    LeaveOut(absl::StrCat("MsgSeqNum(34) ", *message_.seq,
                          " came before, and PossDupFlag(43) does not say so"));
  } else if (verdict == fix::Sequences::Verdict::kUse) {
    has_message_ = true;
    ++good_;
    by_type_.Add(message_.type);
  }
}

void FixReader::Apply() {
  has_message_ = false;
  const int refused = handler_.On(message_);
  if (refused == 0) return;
  AddFault(handler_.refusal());
  if (entries_bad_ == 0) {
    const std::string fault =
        absl::StrCat(Where(frame_.place), handler_.refusal());
    LogWarning(absl::StrCat(source_->name(), ": ", fault,
                            "; such entries are left out"));
    if (first_fault_.empty()) first_fault_ = fault;
  }
  entries_bad_ += refused;
}

// If the message at hand has shown one.
void FixReader::TellGap() {
  const auto& gaps = sequences_.gaps();
  if (gaps.empty() || gaps.back().place != frame_.place ||
      gaps_told_ == kGapsTold) {
    return;
  }
  ++gaps_told_;
  const fix::Gap& gap = gaps.back();
  LogWarning(absl::StrCat(source_->name(), ": ", Where(gap.place),
                          "missing before it: ", gap.first, "-", gap.last,
                          " of ",
                          ForTerminal(ShownText(sequences_.name(gap.stream)))));
}

void FixReader::LeaveOut(std::string_view fault) {
  counters_.Add(Metric::kFeedMessagesBad);
  AddFault(fault);
  if (++bad_ > 1) return;
  const std::string placed = absl::StrCat(Where(frame_.place), ToAbsl(fault));
  LogWarning(absl::StrCat(source_->name(), ": ", placed,
                          "; such messages are left out"));
  if (first_fault_.empty()) first_fault_ = placed;
}

void FixReader::Fail(std::string_view what) {
  counters_.Add(Metric::kFeedMessagesBad);
  faults_.Add(0, 0, what);
  failed_ =
      absl::DataLossError(absl::StrCat(source_->name(), ": ", ToAbsl(what)));
}

void FixReader::AddFault(std::string_view what) {
  faults_.Add(static_cast<int64_t>(frame_.place.offset), frame_.place.line,
              what);
}

// Made anew only if something came or was filled since the last time.
const GapList* FixReader::gaps() const {
  const int64_t now = sequences_.gap_changes();
  if (now == gaps_made_at_) return &gap_list_;
  gaps_made_at_ = now;
  gap_list_ = {};
  for (const fix::Gap& gap : sequences_.gaps()) {
    gap_list_.Add(ShownText(sequences_.name(gap.stream)), gap.first, gap.last);
  }
  return &gap_list_;
}

void FixReader::TellFindings(Findings* findings) const {
  findings->detail = "FIX";
  AddSource(*source_, findings);
  findings->by_type = by_type_.counts();
  AddOthers({{"duplicates", sequences_.repeats()},
             {"too_low", sequences_.too_low()},
             {"filled", sequences_.filled()},
             {"restarts", sequences_.restarts()},
             {"shared_numbers", sequences_.shared()},
             {"gaps_untold", sequences_.gaps_untold()},
             {"messages_left_out", bad_},
             {"entries_left_out", entries_bad_}},
            findings);
  findings->faults = faults_;
}

// With what goes between it and what is there.
std::string FixReader::Where(const fix::Place& place) const {
  return absl::StrCat(source_->compressed() ? "decompressed data " : "",
                      "line ", place.line, ", byte ", place.offset, ": ");
}

std::string FixReader::GapsInWords() const {
  std::string words;
  const auto& gaps = sequences_.gaps();
  for (size_t i = 0; i < gaps.size() && i < kGapsTold; ++i) {
    absl::StrAppend(&words, i == 0 ? "missing: " : ", ", gaps[i].first);
    if (gaps[i].last != gaps[i].first) {
      absl::StrAppend(&words, "-", gaps[i].last);
    }
    if (sequences_.streams() > 1) {
      absl::StrAppend(&words, " of ",
                      ForTerminal(ShownText(sequences_.name(gaps[i].stream))));
    }
  }
  const uint64_t more = gaps.size() - std::min(gaps.size(), kGapsTold) +
                        static_cast<uint64_t>(sequences_.gaps_untold());
  if (more > 0) absl::StrAppend(&words, ", and ", more, " more ranges");
  return words;
}

absl::Status FixReader::status() const {
  const std::string gaps = GapsInWords();
  if (!failed_.ok() || (bad_ == 0 && entries_bad_ == 0 && gaps.empty())) {
    return failed_;
  }
  std::string words = absl::StrCat(source_->name(), ": ", first_fault_);
  if (bad_ > 0) {
    absl::StrAppend(&words, "; ", bad_, " of ", bad_ + good_,
                    " messages were left out");
  }
  if (entries_bad_ > 0) {
    absl::StrAppend(&words, "; ", entries_bad_, " entries were left out");
  }
  if (!gaps.empty()) {
    absl::StrAppend(&words, first_fault_.empty() ? "" : "; ", gaps);
  }
  return absl::DataLossError(words);
}

}  // namespace streamhub
