#include "feeds/fix/framing.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace streamhub::fix {
namespace {

constexpr size_t kBufferBytes = 4 * kMessageBytesMax;
constexpr std::string_view kBegin = "8=FIX";
// "8=FIXT.1.1", with room for what may come.
constexpr size_t kBeginBytesMax = 24;
constexpr size_t kLengthDigitsMax = 9;
constexpr std::string_view kCheckSum = "10=";
constexpr size_t kCheckSumBytes = 6;  // "10=123"

bool IsDigit(char c) { return '0' <= c && c <= '9'; }

bool IsVersion(char c) {
  return IsDigit(c) || ('A' <= c && c <= 'Z') || c == '.';
}

bool IsLineEnd(char c) { return c == '\n' || c == '\r'; }

// As if each separator were SOH.
int SumOf(std::string_view bytes, char separator) {
  uint64_t sum = 0;
  for (const char c : bytes) sum += static_cast<uint8_t>(c);
  if (separator != kSoh) {
    const auto count = std::count(bytes.begin(), bytes.end(), separator);
    sum -=
        static_cast<uint64_t>(count) * static_cast<uint64_t>(separator - kSoh);
  }
  return static_cast<int>(sum % 256);
}

}  // namespace

FrameReader::FrameReader(Check check) : check_(check), buffer_(kBufferBytes) {}

std::span<uint8_t> FrameReader::Room() {
  // What is left is at most a part of one message.
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  return std::span(buffer_).subspan(end_);
}

void FrameReader::Skip(size_t bytes) {
  if (bytes == 0) return;
  const std::string_view skipped = Left().substr(0, bytes);
  place_.line += std::count(skipped.begin(), skipped.end(), '\n');
  place_.offset += bytes;
  before_ = skipped.back();
  begin_ += bytes;
}

FrameReader::Next FrameReader::Read(Frame* frame) {
  while (FindBegin()) {
    Head head;
    size_t size = 0;
    Got got = ReadHead(Left(), &head);
    if (got == Got::kWrong || (got == Got::kTooLittle && finished_)) {
      // "58=FIX" is a text about FIX.
      if (IsDigit(before_)) {
        Skip(kBegin.size());
        continue;
      }
      got = got == Got::kWrong
                ? Wrong(Fault::kNoLength,
                        "BodyLength(9) is not the second field, or no number")
                : Wrong(Fault::kCut,
                        absl::StrCat("cut: the input ends ", Left().size(),
                                     " bytes into it"));
    } else if (got == Got::kAll) {
      got = Measure(head, &size);
      if (got == Got::kWrong && check_ == Check::kLenient) {
        got = MeasureLeniently(head, &size);
      }
      if (got == Got::kAll) got = CheckType(head);
    }
    if (got == Got::kTooLittle) return Next::kNeedMore;
    frame->place = place_;
    if (got == Got::kWrong) {
      Skip(kBegin.size());
      return Next::kGarbled;
    }
    frame->bytes = Left().substr(0, size);
    frame->separator = head.separator;
    Skip(size);
    return Next::kMessage;
  }
  return finished_ ? Next::kEnd : Next::kNeedMore;
}

// True if something that may be a message begins at begin_.
bool FrameReader::FindBegin() {
  const std::string_view left = Left();
  const size_t at = left.find(kBegin);
  if (at != left.npos) {
    Skip(at);
    return true;
  }
  // The last bytes may be the first ones of it.
  const size_t kept = finished_ ? 0 : kBegin.size() - 1;
  if (left.size() > kept) Skip(left.size() - kept);
  return false;
}

FrameReader::Got FrameReader::ReadHead(std::string_view text, Head* head) {
  size_t at = kBegin.size();
  while (at < text.size() && at < kBeginBytesMax && IsVersion(text[at])) ++at;
  if (at == text.size()) return Got::kTooLittle;
  if (text[at] != kSoh && text[at] != '|') return Got::kWrong;
  head->separator = text[at++];
  for (const char want : {'9', '='}) {
    if (at == text.size()) return Got::kTooLittle;
    if (text[at++] != want) return Got::kWrong;
  }
  const size_t digits = at;
  head->length = 0;
  while (at < text.size() && at < digits + kLengthDigitsMax &&
         IsDigit(text[at])) {
    head->length = head->length * 10 + static_cast<size_t>(text[at++] - '0');
  }
  if (at == text.size()) return Got::kTooLittle;
  if (at == digits || text[at] != head->separator) return Got::kWrong;
  head->body = at + 1;
  return Got::kAll;
}

bool FrameReader::HasCheckSum(std::string_view text, size_t at) {
  const std::string_view found = text.substr(at, kCheckSumBytes);
  return found.size() == kCheckSumBytes && found.starts_with(kCheckSum) &&
         std::all_of(found.begin() + 3, found.end(), IsDigit);
}

// The message's size, given that its CheckSum ends at `digits_end`.
FrameReader::Got FrameReader::EndAfter(const Head& head, size_t digits_end,
                                       size_t* size) const {
  const std::string_view text = Left();
  *size = digits_end;
  const bool shown = head.separator != kSoh;
  if (digits_end == text.size()) {
    if (!finished_) return Got::kTooLittle;
    return shown ? Got::kAll : Got::kWrong;
  }
  const char next = text[digits_end];
  if (next == head.separator) {
    ++*size;
    return Got::kAll;
  }
  return shown && IsLineEnd(next) ? Got::kAll : Got::kWrong;
}

FrameReader::Got FrameReader::Measure(const Head& head, size_t* size) {
  const std::string_view text = Left();
  if (head.length > kMessageBytesMax) {
    return Wrong(Fault::kTooLong,
                 absl::StrCat("BodyLength(9) ", head.length,
                              " is beyond the limit of ", kMessageBytesMax));
  }
  const size_t sum_at = head.body + head.length;
  const bool all_there = text.size() >= sum_at + kCheckSumBytes;
  if (!all_there && !finished_) return Got::kTooLittle;
  Got got = Got::kWrong;
  if (all_there && text[sum_at - 1] == head.separator &&
      HasCheckSum(text, sum_at)) {
    got = EndAfter(head, sum_at + kCheckSumBytes, size);
  }
  if (got == Got::kTooLittle) return got;
  if (got == Got::kWrong) {
    const size_t next =
        NextBegin(text.substr(0, sum_at + kCheckSumBytes), kBegin.size());
    if (next != text.npos) {
      return Wrong(Fault::kCut, absl::StrCat("cut: another message begins ",
                                             next, " bytes into it"));
    }
    if (finished_ && text.size() <= sum_at + kCheckSumBytes) {
      return Wrong(Fault::kCut, absl::StrCat("cut: the input ends ",
                                             text.size(), " bytes into it"));
    }
    return Wrong(Fault::kBadLength,
                 absl::StrCat("BodyLength(9) ", head.length,
                              " does not lead to CheckSum(10)"));
  }
  const int sum = SumOf(text.substr(0, sum_at), head.separator);
  const int said = (text[sum_at + 3] - '0') * 100 +
                   (text[sum_at + 4] - '0') * 10 + (text[sum_at + 5] - '0');
  if (sum == said) return Got::kAll;
  return Wrong(Fault::kBadCheckSum,
               absl::StrCat("CheckSum(10) is ", said,
                            ", and that of the bytes is ", sum));
}

// The first CheckSum before the line's end and the next message.
FrameReader::Got FrameReader::MeasureLeniently(const Head& head, size_t* size) {
  const std::string_view text = Left().substr(0, kMessageBytesMax);
  const size_t limit =
      std::min({text.find('\n'), NextBegin(text, head.body), text.size()});
  const char mark[] = {head.separator, '1', '0', '='};
  for (size_t at = head.body - 1;;) {
    at = text.find(std::string_view(mark, sizeof mark), at);
    if (at == text.npos || at >= limit) break;
    ++at;
    if (!HasCheckSum(text, at)) continue;
    const Got got = EndAfter(head, at + kCheckSumBytes, size);
    if (got != Got::kWrong) return got;
  }
  if (!finished_ && limit == text.size() && limit < kMessageBytesMax) {
    return Got::kTooLittle;
  }
  return Wrong(Fault::kCut,
               absl::StrCat("cut: has no CheckSum(10) in the ", limit,
                            " bytes that are left of its line, or before "
                            "the next message"));
}

FrameReader::Got FrameReader::CheckType(const Head& head) {
  const std::string_view body = Left().substr(head.body);
  if (body.starts_with("35=") && body.size() > 3 && body[3] != head.separator) {
    return Got::kAll;
  }
  return Wrong(Fault::kNoType, "MsgType(35) is not the third field, or empty");
}

// Where from `from` on another message begins, with its length; npos if none.
size_t FrameReader::NextBegin(std::string_view text, size_t from) {
  for (size_t at = from;; ++at) {
    at = text.find(kBegin, at);
    if (at == text.npos) return at;
    Head ignored;
    if (ReadHead(text.substr(at), &ignored) == Got::kAll) return at;
  }
}

FrameReader::Got FrameReader::Wrong(Fault fault, std::string what) {
  fault_ = fault;
  what_ = std::move(what);
  return Got::kWrong;
}

}  // namespace streamhub::fix
