#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "bench/load/wires.h"
#include "gateway/base/strings.h"

namespace streamhub::load {
namespace {

constexpr int kOk = 200;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

ChunkReader::Result ChunkReader::Next(std::string_view* bytes,
                                      std::string_view* body, bool* last) {
  constexpr int kDigitsMax = 8;
  while (!bytes->empty()) {
    if (state_ == State::kData) {
      *body = bytes->substr(0, std::min<uint64_t>(size_, bytes->size()));
      bytes->remove_prefix(body->size());
      size_ -= body->size();
      if (size_ == 0) state_ = State::kDataEnd;
      return Result::kBody;
    }
    const char c = bytes->front();
    bytes->remove_prefix(1);
    switch (state_) {
      case State::kSize:
        if (const int digit = HexDigit(c); digit >= 0) {
          if (++digits_ > kDigitsMax) return Result::kBad;
          size_ = size_ * 16 + static_cast<uint64_t>(digit);
          break;
        }
        if (digits_ == 0) return Result::kBad;
        state_ = State::kExtension;
        [[fallthrough]];
      case State::kExtension:
        if (c != '\n') break;
        last_ = size_ == 0;
        state_ = last_ ? State::kTrailer : State::kData;
        digits_ = 0;
        line_ = 0;
        break;
      case State::kDataEnd:
        if (c == '\r') break;
        if (c != '\n') return Result::kBad;
        state_ = State::kSize;
        *last = false;
        return Result::kEnd;
      case State::kTrailer:
        if (c == '\r') break;
        if (c != '\n') {
          ++line_;
        } else if (line_ == 0) {
          state_ = State::kSize;
          *last = true;
          return Result::kEnd;
        } else {
          line_ = 0;
        }
        break;
      case State::kData:
        break;  // above
    }
  }
  return Result::kNeedMore;
}

std::string StreamWire::Open(const Target& target, const Holding& holding) {
  const std::string body = ToJson(holding);
  return absl::StrCat(
      "POST ", target.prefix, "/v1/stream", ToAbsl(EncodingQuery(encoding_)),
      " HTTP/1.1\r\nHost: ", target.HostField(),
      "\r\nContent-Type: application/json\r\nContent-Length: ", body.size(),
      "\r\n\r\n", body);
}

absl::Status StreamWire::Take(std::string_view bytes, Sink& sink,
                              std::string*) {
  if (open_) return TakeChunks(bytes, sink);
  std::string_view rest = head_.Append(bytes);
  std::string_view head;
  const int status = TakeHead(&rest, &head);
  if (status == 0) {
    head_.Keep(rest);
    return absl::OkStatus();
  }
  if (status != kOk) return RefusedWith(status);
  if (!absl::EqualsIgnoreCase(ToAbsl(FieldOf(head, "Transfer-Encoding")),
                              "chunked")) {
    return absl::InternalError("the stream does not come in chunks");
  }
  open_ = true;
  sink.OnAccepted();
  absl::Status taken = TakeChunks(rest, sink);
  head_.Keep({});
  return taken;
}

// A chunk that came in one piece is given on where it lies.
absl::Status StreamWire::TakeChunks(std::string_view bytes, Sink& sink) {
  std::string_view whole;
  bool last = false;
  for (;;) {
    std::string_view body;
    switch (chunks_.Next(&bytes, &body, &last)) {
      case ChunkReader::Result::kBad:
        return absl::InternalError("bad chunk");
      case ChunkReader::Result::kNeedMore:
        message_.append(whole);
        return absl::OkStatus();
      case ChunkReader::Result::kBody:
        if (message_.empty() && whole.empty()) {
          whole = body;
        } else {
          message_.append(whole).append(body);
          whole = {};
        }
        if (message_.size() > kMessageBytesMax) {
          return absl::InternalError("a message is too big");
        }
        break;
      case ChunkReader::Result::kEnd:
        if (last) return absl::UnavailableError("the stream has ended");
        sink.OnMessage(message_.empty() ? whole : message_);
        message_.clear();
        whole = {};
        break;
    }
  }
}

}  // namespace streamhub::load
