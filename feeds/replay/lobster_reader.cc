#include "feeds/replay/lobster_reader.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "gateway/base/log.h"
#include "gateway/base/strings.h"

namespace streamhub {

LobsterReader::LobsterReader(std::unique_ptr<ByteSource> messages,
                             std::unique_ptr<ByteSource> books,
                             std::string_view symbol, int64_t midnight_ns,
                             csv::LobsterHandler& handler, Counters& counters)
    : messages_(std::move(messages)),
      books_(std::move(books)),
      midnight_ns_(midnight_ns),
      handler_(handler),
      counters_(counters),
      symbol_(handler.Use(symbol)) {}

// A row of that file, good or not, as kLine.
template <typename Parse>
LobsterReader::Got LobsterReader::Fetch(int wait_ms_max, Half& half,
                                        Parse parse) {
  while (!half.has_line) {
    std::string_view line;
    const Got got = half.lines.Get(wait_ms_max, &line);
    if (got == Got::kLine) {
      if (line.empty()) continue;
      half.fault = parse(line);
    } else if (got == Got::kTooLong) {
      half.fault = "is too long";
    } else {
      return got;
    }
    half.has_line = true;
  }
  return Got::kLine;
}

RecordReader::Next LobsterReader::Peek(int wait_ms_max, int64_t* event_ns) {
  messages_.lines.BeginTurn();
  books_.lines.BeginTurn();
  while (!has_record_) {
    if (!failed_.ok()) return Next::kFailed;
    const Got message =
        Fetch(wait_ms_max, messages_, [this](std::string_view line) {
          return csv::ParseLobsterMessage(line, &message_);
        });
    if (message == Got::kWaiting) return Next::kWaiting;
    const Got book = Fetch(wait_ms_max, books_, [this](std::string_view line) {
      const char* const fault = csv::ParseLobsterBook(line, &book_);
      if (fault != nullptr) return fault;
      if (levels_ == 0) levels_ = book_.levels;
      return book_.levels == levels_ ? nullptr : "has another number of levels";
    });
    if (book == Got::kWaiting) return Next::kWaiting;
    if (message != Got::kLine || book != Got::kLine) return End(message, book);
    messages_.has_line = books_.has_line = false;
    has_record_ = messages_.fault == nullptr && books_.fault == nullptr;
    if (has_record_) break;
    counters_.Add(Metric::kFeedMessagesBad);
    LeaveOut(messages_.fault != nullptr ? messages_ : books_);
  }
  *event_ns = midnight_ns_ + message_.since_midnight_ns;
  return Next::kRecord;
}

RecordReader::Next LobsterReader::End(Got messages, Got books) {
  const auto name = [](const Half& half) { return half.lines.source().name(); };
  if (messages == Got::kFailed) {
    failed_ = messages_.lines.source().status();
  } else if (books == Got::kFailed) {
    failed_ = books_.lines.source().status();
  } else if (messages != books) {
    const Half& more = messages == Got::kLine ? messages_ : books_;
    const Half& less = messages == Got::kLine ? books_ : messages_;
    counters_.Add(Metric::kFeedMessagesBad);
    failed_ = absl::DataLossError(
        absl::StrCat(name(more), ": line ", more.lines.number(),
                     ": has no row beside it in ", name(less)));
  } else if (messages_.lines.source().plain_bytes() == 0) {
    counters_.Add(Metric::kFeedMessagesBad);
    failed_ = absl::DataLossError(absl::StrCat(name(messages_), ": is empty"));
  }
  return status().ok() ? Next::kEnd : Next::kFailed;
}

void LobsterReader::Apply() {
  has_record_ = false;
  if (handler_.On(symbol_, midnight_ns_ + message_.since_midnight_ns, message_,
                  book_)) {
    ++good_;
    by_type_.Add(std::to_string(static_cast<int>(message_.type)));
    return;
  }
  messages_.fault = "makes the day's volume too big";
  LeaveOut(messages_);
}

void LobsterReader::LeaveOut(const Half& half) {
  faults_.Add(0, half.lines.number(), half.fault);
  if (++bad_ > 1) return;
  first_fault_ = absl::StrCat(half.lines.source().name(), ": line ",
                              half.lines.number(), ": ", half.fault);
  LogWarning(absl::StrCat(first_fault_, "; such rows are left out"));
}

void LobsterReader::TellFindings(Findings* findings) const {
  findings->detail = "LOBSTER";
  AddSource(messages_.lines.source(), findings);
  findings->plain_bytes += books_.lines.source().plain_bytes();
  findings->by_type = by_type_.counts();
  AddOthers({{"rows_left_out", bad_}}, findings);
  findings->faults = faults_;
  for (const Half* half : {&messages_, &books_}) {
    if (half->lines.source().status().ok()) continue;
    findings->faults.Add(FaultOf(half->lines.source()));
  }
}

absl::Status LobsterReader::status() const {
  if (!failed_.ok() || bad_ == 0) return failed_;
  return absl::DataLossError(absl::StrCat(first_fault_, "; ", bad_, " of ",
                                          bad_ + good_, " rows were left out"));
}

int64_t LobsterReader::bytes_read() const {
  return messages_.lines.source().bytes_read() +
         books_.lines.source().bytes_read();
}

int64_t LobsterReader::bytes_total() const {
  const int64_t messages = messages_.lines.source().bytes_total();
  const int64_t books = books_.lines.source().bytes_total();
  return messages == 0 || books == 0 ? 0 : messages + books;
}

}  // namespace streamhub
