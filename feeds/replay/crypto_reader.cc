#include "feeds/replay/crypto_reader.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "feeds/crypto/capture_line.h"
#include "gateway/base/log.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub {
namespace {

// Of lines that are no messages, and of reads that bring no line's end: then
// the feed gets a turn, so that it can be stopped amid rubbish of any size.
constexpr int kLinesPerPeek = 2000;
constexpr int kReadsPerLine = 16;

// A file of gaps shall not fill the disk with them.
constexpr int64_t kLossesLogged = 20;

}  // namespace

CryptoReader::CryptoReader(std::unique_ptr<ByteSource> source,
                           crypto::CryptoHandler& handler, Counters& counters)
    : source_(std::move(source)),
      handler_(handler),
      counters_(counters),
      lines_(crypto::kCaptureLineBytesMax) {}

CryptoReader::Got CryptoReader::GetNewLine(int wait_ms_max,
                                           std::string_view* line) {
  if (--lines_left_ < 0) return Got::kWaiting;
  for (int i = 0; i < kReadsPerLine; ++i) {
    switch (lines_.Read(line)) {
      case csv::LineReader::Next::kLine:
        return Got::kLine;
      case csv::LineReader::Next::kTooLong:
        return Got::kTooLong;
      case csv::LineReader::Next::kEnd:
        return Got::kEnd;
      case csv::LineReader::Next::kNeedMore:
        break;
    }
    size_t bytes = 0;
    switch (source_->Read(lines_.Room(), wait_ms_max, &bytes)) {
      case ByteSource::Result::kBytes:
        lines_.Filled(bytes);
        break;
      case ByteSource::Result::kWaiting:
        return Got::kWaiting;
      case ByteSource::Result::kEnd:
        lines_.Finish();
        break;
      case ByteSource::Result::kFailed:
        return Got::kFailed;
    }
  }
  return Got::kWaiting;
}

// First those that were surveyed.
CryptoReader::Got CryptoReader::GetLine(int wait_ms_max,
                                        std::string_view* line) {
  if (surveyed_.empty()) {
    const Got got = GetNewLine(wait_ms_max, line);
    number_ = lines_.number();
    offset_ = lines_.offset();
    return got;
  }
  line_ = std::move(surveyed_.front());
  surveyed_.pop_front();
  number_ = line_.number;
  offset_ = line_.offset;
  *line = line_.text;
  return line_.too_long ? Got::kTooLong : Got::kLine;
}

// False if it has to go on later.
bool CryptoReader::Survey(int wait_ms_max) {
  while (surveyed_.size() < kSurveyLines && surveyed_bytes_ < kSurveyBytes) {
    std::string_view line;
    const Got got = GetNewLine(wait_ms_max, &line);
    if (got == Got::kWaiting) return false;
    // What comes after is for Peek().
    if (got == Got::kEnd || got == Got::kFailed) break;
    const bool too_long = got == Got::kTooLong;
    if (too_long) line = {};
    if (!too_long && Read(line)) handler_.Survey(message_);
    surveyed_bytes_ += line.size();
    surveyed_.push_back(
        {std::string(line), lines_.number(), lines_.offset(), too_long});
  }
  return survey_done_ = true;
}

// False with a fault.
bool CryptoReader::Read(std::string_view line) {
  crypto::CaptureLine split;
  if (const char* const wrong = crypto::SplitLine(line, &split)) {
    fault_ = wrong;
    return false;
  }
  received_ns_ = split.received_ns;
  if (decoder_.Decode(split.json, &message_)) return true;
  fault_ = decoder_.fault();
  return false;
}

RecordReader::Next CryptoReader::Peek(int wait_ms_max, int64_t* event_ns) {
  lines_left_ = kLinesPerPeek;
  if (!survey_done_ && !Survey(wait_ms_max)) return Next::kWaiting;
  while (!has_message_) {
    if (!failed_.ok()) return Next::kFailed;
    std::string_view line;
    switch (GetLine(wait_ms_max, &line)) {
      case Got::kLine:
        has_message_ = !line.empty() && Read(line);
        if (line.empty() || has_message_) continue;
        break;
      case Got::kTooLong:
        fault_ = absl::StrCat("has more than ", crypto::kCaptureLineBytesMax,
                              " bytes");
        break;
      case Got::kWaiting:
        return Next::kWaiting;
      case Got::kEnd:
        if (source_->plain_bytes() == 0) {
          faults_.Add(0, 0, "is empty");
          counters_.Add(Metric::kFeedMessagesBad);
          failed_ =
              absl::DataLossError(absl::StrCat(source_->name(), ": is empty"));
        }
        return status().ok() ? Next::kEnd : Next::kFailed;
      case Got::kFailed:
        failed_ = source_->status();
        faults_.Add(FaultOf(*source_));
        return Next::kFailed;
    }
    counters_.Add(Metric::kFeedMessagesBad);
    LeaveOut(fault_);
  }
  *event_ns = received_ns_;
  return Next::kRecord;
}

void CryptoReader::Apply() {
  using Outcome = crypto::CryptoHandler::Outcome;
  has_message_ = false;
  const size_t losses_before = handler_.losses().size();
  const Outcome outcome = handler_.On(message_);
  if (outcome == Outcome::kRefused) return LeaveOut(handler_.complaint());
  ++good_;
  venue_ = crypto::NameOf(message_.venue);
  by_type_.Add(message_.type.empty() ? "other" : message_.type);
  if (outcome == Outcome::kLost) {
    NoteLosses(losses_before);
    TellLoss();
  }
  if (message_.kind == crypto::Message::Kind::kOther &&
      !std::exchange(warned_other_, true)) {
    LogWarning(absl::StrCat(
        source_->name(), ": line ", number_, ": a message of type '",
        ForTerminal(ShownText(message_.type)),
        "' is not read; neither are others that are unknown"));
  }
}

void CryptoReader::TellLoss() {
  if (++losses_ > kLossesLogged) return;
  LogWarning(absl::StrCat(
      source_->name(), ": line ", number_, ": ", handler_.complaint(),
      losses_ == kLossesLogged ? "; further ones are not logged" : ""));
}

// Those that the handler, which other readers may share, remembers from that
// one on.
void CryptoReader::NoteLosses(size_t first) {
  for (size_t i = first; i < handler_.losses().size(); ++i) {
    const crypto::Loss& loss = handler_.losses()[i];
    if (loss.kind == crypto::Loss::Kind::kUpdates) {
      gaps_.Add(loss.symbol + " updates", loss.first, loss.last);
    } else if (loss.kind == crypto::Loss::Kind::kTrades) {
      gaps_.Add(loss.symbol + " trades", loss.first, loss.last);
    } else {
      faults_.Add(offset_, number_, Describe(loss));
    }
  }
}

void CryptoReader::TellFindings(Findings* findings) const {
  findings->detail =
      good_ == 0 ? "" : absl::StrCat("WebSocket feed of ", ToAbsl(venue_));
  AddSource(*source_, findings);
  findings->by_type = by_type_.counts();
  AddOthers({{"losses", losses_}, {"messages_left_out", bad_}}, findings);
  findings->faults = faults_;
}

void CryptoReader::LeaveOut(std::string_view fault) {
  faults_.Add(offset_, number_, fault);
  if (++bad_ > 1) return;
  first_fault_ = absl::StrCat("line ", number_, ": ", ToAbsl(fault));
  LogWarning(absl::StrCat(source_->name(), ": ", first_fault_,
                          "; such messages are left out"));
}

absl::Status CryptoReader::status() const {
  if (!failed_.ok() || bad_ == 0) return failed_;
  return absl::DataLossError(absl::StrCat(source_->name(), ": ", first_fault_,
                                          "; ", bad_, " of ", bad_ + good_,
                                          " messages were left out"));
}

}  // namespace streamhub
