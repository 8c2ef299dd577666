#include "gateway/cli/doctor_reading.h"

#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <simdjson.h>

#include <algorithm>
#include <span>
#include <utility>

#include "gateway/base/clock.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub {
namespace {

using simdjson::SUCCESS;

constexpr size_t kHeadBytesMax = 32 * 1024;
constexpr size_t kLineBytesMax = size_t{1} << 20;
constexpr int64_t kBytesMax = int64_t{256} << 20;
constexpr int64_t kHeartbeatMsMax = 600'000;

// The object in a line, whatever the transport wraps it in.
std::string_view Unwrap(Door door, std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (door == Door::kSse) {
    if (!line.starts_with("data:")) return {};
    line.remove_prefix(5);
  } else if (door == Door::kJsonp) {
    const size_t open = line.find('{');
    const size_t close = line.rfind('}');
    if (open == line.npos || close == line.npos || close < open) return {};
    line = line.substr(open, close - open + 1);
  }
  while (line.starts_with(' ')) line.remove_prefix(1);
  return line;
}

}  // namespace

std::string_view NameOf(Door door) {
  switch (door) {
    case Door::kWebSocket:
      return "websocket";
    case Door::kSse:
      return "sse";
    case Door::kStream:
      return "stream";
    case Door::kPoll:
      return "poll";
    case Door::kFrame:
      return "frame";
    case Door::kJsonp:
      return "jsonp";
  }
  return "";
}

bool DoctorReading::Take(std::string_view bytes, int64_t now_ns,
                         int64_t wall_us) {
  if (facts_.first_byte_ns < 0) facts_.first_byte_ns = now_ns;
  facts_.last_byte_ns = now_ns;
  facts_.bytes += static_cast<int64_t>(bytes.size());
  now_ns_ = now_ns;
  wall_us_ = wall_us;
  turn_bytes_ = static_cast<int64_t>(bytes.size());
  if (facts_.bytes > kBytesMax) facts_.too_much = true;
  if (facts_.too_much) return false;
  if (!in_head_) return TakeBody(bytes);
  head_.append(bytes);
  return TakeHead();
}

bool DoctorReading::TakeAnswered() { return std::exchange(answered_, false); }

bool DoctorReading::TakeEnd() {
  const bool answer = IsPoll(facts_.door) && !in_head_ && !chunked_ &&
                      body_left_ < 0 && facts_.head.status == 200;
  if (answer) EndAnswer();
  return answer;
}

std::string DoctorReading::Cursor(const std::string& symbol) const {
  if (at_.empty()) return symbol;
  const auto held = versions_.find(symbol);
  return absl::StrCat(symbol, "@", held == versions_.end() ? 0 : held->second);
}

bool DoctorReading::TakeHead() {
  const size_t end = head_.find("\r\n\r\n");
  if (end == head_.npos) {
    facts_.too_much = head_.size() > kHeadBytesMax;
    return !facts_.too_much;
  }
  HttpHead head;
  constexpr size_t kStatusAt = 9;  // "HTTP/1.1 200 OK"
  if (!head_.starts_with("HTTP/1.") ||
      !absl::SimpleAtoi(absl::string_view(head_).substr(kStatusAt, 3),
                        &head.status)) {
    facts_.failure = "the answer is not HTTP";
    return false;
  }
  const size_t first = head_.find("\r\n") + 2;
  if (first < end) head.fields = head_.substr(first, end + 2 - first);
  const std::string rest = head_.substr(end + 4);
  head_.clear();
  in_head_ = false;
  chunked_ = absl::EqualsIgnoreCase(ToAbsl(head.Field("Transfer-Encoding")),
                                    "chunked");
  chunk_left_ = 0;
  last_chunk_ = false;
  body_left_ = -1;
  if (!chunked_ &&
      !absl::SimpleAtoi(ToAbsl(head.Field("Content-Length")), &body_left_)) {
    body_left_ = -1;
  }
  const std::string_view encoding = head.Field("Content-Encoding");
  const bool compressed = !encoding.empty() && encoding != "identity";
  if (compressed) {
    facts_.encoding = ShownText(encoding);
  }
  const int wanted = facts_.door == Door::kWebSocket ? 101 : 200;
  const bool good = head.status == wanted;
  if (facts_.head.status == 0 || !good) facts_.head = std::move(head);
  // Enough of a refusal, and nothing to read in what is compressed.
  if (!good || compressed) return false;
  if (body_left_ == 0) EndAnswer();
  return rest.empty() || TakeBody(rest);
}

bool DoctorReading::TakeBody(std::string_view bytes) {
  if (facts_.door == Door::kWebSocket) return TakeFrames(bytes);
  if (chunked_) return TakeChunks(bytes);
  if (body_left_ < 0) return TakeText(bytes);
  const auto length = static_cast<size_t>(
      std::min<int64_t>(body_left_, static_cast<int64_t>(bytes.size())));
  body_left_ -= static_cast<int64_t>(length);
  if (!TakeText(bytes.substr(0, length))) return false;
  if (body_left_ == 0) EndAnswer();
  return true;
}

bool DoctorReading::TakeChunks(std::string_view bytes) {
  while (!bytes.empty()) {
    if (chunk_left_ > 0) {
      const auto length = static_cast<size_t>(
          std::min<int64_t>(chunk_left_, static_cast<int64_t>(bytes.size())));
      if (!TakeText(bytes.substr(0, length))) return false;
      chunk_left_ -= static_cast<int64_t>(length);
      bytes.remove_prefix(length);
      continue;
    }
    // The end of a chunk, or the line of the next one's size.
    const char c = bytes.front();
    bytes.remove_prefix(1);
    if (c == '\r') continue;
    if (c != '\n') {
      chunk_line_ += c;
      constexpr size_t kLineMax = 1024;
      if (chunk_line_.size() > kLineMax) facts_.too_much = true;
      if (facts_.too_much) return false;
      continue;
    }
    if (chunk_line_.empty() && !last_chunk_) continue;  // behind a chunk
    if (chunk_line_.empty()) {
      EndAnswer();
      return true;
    }
    if (last_chunk_) {  // a trailer
      chunk_line_.clear();
      continue;
    }
    uint64_t size = 0;
    if (!absl::SimpleHexAtoi(chunk_line_.substr(0, chunk_line_.find(';')),
                             &size) ||
        size > uint64_t{kBytesMax}) {
      facts_.failure = "a chunk has no size";
      return false;
    }
    chunk_line_.clear();
    chunk_left_ = static_cast<int64_t>(size);
    last_chunk_ = size == 0;
  }
  return true;
}

void DoctorReading::EndAnswer() {
  if (!line_.empty()) TakeLine(line_);
  line_.clear();
  in_head_ = true;
  if (IsPoll(facts_.door)) {
    answered_ = true;
    facts_.answered = true;
  } else {
    facts_.ended_ns = now_ns_;
    if (facts_.failure.empty()) facts_.failure = "the response ended";
  }
}

bool DoctorReading::TakeFrames(std::string_view bytes) {
  std::string copy(bytes);
  std::span<char> input(copy);
  for (;;) {
    WsEvent event;
    switch (frames_.Next(&input, &event)) {
      case WsFrameReader::Result::kNeedMore:
        return true;
      case WsFrameReader::Result::kFailed:
        facts_.failure = absl::StrCat("a frame is damaged: ",
                                      ToAbsl(frames_.failure().reason));
        return false;
      case WsFrameReader::Result::kEvent:
        break;
    }
    if (event.type == WsEvent::Type::kText) {
      if (!TakeText(absl::StrCat(ToAbsl(event.payload), "\n"))) return false;
    } else if (event.type == WsEvent::Type::kClose) {
      facts_.failure = absl::StrCat("closed with code ", event.close_code);
      return false;
    }
  }
}

bool DoctorReading::TakeText(std::string_view text) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    line_.append(text.substr(0, end));
    if (line_.size() > kLineBytesMax) facts_.too_much = true;
    if (facts_.too_much) return false;
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
    TakeLine(line_);
    line_.clear();
  }
  return true;
}

void DoctorReading::TakeLine(std::string_view line) {
  if (facts_.door != Door::kFrame) {
    TakeObject(Unwrap(facts_.door, line));
    return;
  }
  // <script nonce="...">p('{...}\n{...}')</script>: the objects are split, and
  // one that holds what is escaped is left out.
  constexpr std::string_view kOpen = ">p('", kClose = "')</script>";
  const size_t open = line.find(kOpen);
  const size_t close = line.rfind(kClose);
  if (open == line.npos || close == line.npos || close < open) return;
  std::string_view rest =
      line.substr(open + kOpen.size(), close - open - kOpen.size());
  while (!rest.empty()) {
    const size_t end = rest.find("}\\n{");
    TakeObject(rest.substr(0, end == rest.npos ? end : end + 1));
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 3);
  }
}

void DoctorReading::TakeObject(std::string_view json) {
  if (json.empty()) return;
  simdjson::dom::parser parser;
  simdjson::dom::element message;
  std::string_view type;
  if (parser.parse(simdjson::padded_string(json)).get(message) != SUCCESS ||
      message["type"].get(type) != SUCCESS) {
    return;
  }
  ++facts_.messages;
  if (last_message_ns_ >= 0) {
    facts_.silence_ns = std::max(facts_.silence_ns, now_ns_ - last_message_ns_);
  }
  last_message_ns_ = now_ns_;
  int64_t time_us = 0;
  // A later one is no time of a clock, and could not be reckoned with.
  constexpr int64_t kTimeUsMax = int64_t{1} << 53;
  if (message["time"].get(time_us) == SUCCESS && time_us > 0 &&
      time_us < kTimeUsMax) {
    const int64_t lag_us = wall_us_ - time_us;
    facts_.lag_us_min = std::min(facts_.lag_us_min, lag_us);
    facts_.lag_us_max = std::max(facts_.lag_us_max, lag_us);
    if (lag_us == facts_.lag_us_max) {
      facts_.burst_bytes = turn_bytes_;
      facts_.burst_ns = now_ns_;
    }
  }
  if (type == "hello") {
    int64_t beat_ms = 0;
    if (facts_.hello_ns < 0) facts_.hello_ns = now_ns_;
    if (message["heartbeat_ms"].get(beat_ms) == SUCCESS && beat_ms > 0) {
      facts_.heartbeat_ms = std::min(beat_ms, kHeartbeatMsMax);
    }
  } else if (type == "closing") {
    facts_.goodbye = true;
  } else if (type == "pong") {
    ++facts_.pongs;
    const int64_t took_ns = now_ns_ - facts_.pinged_ns;
    if (facts_.round_trip_ns < 0 || took_ns < facts_.round_trip_ns) {
      facts_.round_trip_ns = took_ns;
    }
  } else if (type == "ack") {
    std::string_view at;
    if (message["at"].get(at) == SUCCESS) at_ = at;
  } else if (type == "update") {
    if (facts_.update_ns < 0) facts_.update_ns = now_ns_;
    simdjson::dom::object quotes;
    if (message["quotes"].get(quotes) != SUCCESS) return;
    for (const auto quote : quotes) {
      uint64_t version = 0;
      if (quote.value["v"].get(version) != SUCCESS) continue;
      constexpr size_t kSymbolsMax = 1000;
      if (versions_.size() < kSymbolsMax) {
        versions_[std::string(quote.key)] = version;
      }
    }
  }
}

}  // namespace streamhub
