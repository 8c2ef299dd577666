#include "gateway/codec/ws_frame.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace streamhub {
namespace {

constexpr uint8_t kFinal = 0x80;
constexpr uint8_t kReserved = 0x70;
constexpr uint8_t kMasked = 0x80;
constexpr uint8_t kLengthBits = 0x7F;
constexpr uint8_t kLength16 = 126;
constexpr uint8_t kLength64 = 127;

// A connection that once had a big message does not keep its buffer.
constexpr size_t kMessageBytesKept = 1024;

uint64_t BigEndian(const uint8_t* bytes, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | bytes[i];
  return value;
}

size_t WriteHeader(WsOpcode opcode, uint8_t mask_bit, uint64_t payload_size,
                   char* out) {
  const size_t size = WsServerHeaderSize(payload_size);
  out[0] = static_cast<char>(kFinal | static_cast<uint8_t>(opcode));
  const uint64_t length = size == 2   ? payload_size
                          : size == 4 ? kLength16
                                      : kLength64;
  out[1] = static_cast<char>(mask_bit | length);
  for (size_t i = size; i-- > 2;) {
    out[i] = static_cast<char>(payload_size);
    payload_size >>= 8;
  }
  return size;
}

std::string_view Text(std::span<const char> bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace

size_t WriteServerFrameHeader(WsOpcode opcode, uint64_t payload_size,
                              char* out) {
  return WriteHeader(opcode, 0, payload_size, out);
}

void AppendServerFrame(WsOpcode opcode, std::string_view payload,
                       std::string* out) {
  char header[kWsServerHeaderMax];
  out->append(header, WriteHeader(opcode, 0, payload.size(), header));
  out->append(payload);
}

void AppendClientFrame(WsOpcode opcode, std::string_view payload,
                       uint32_t mask_key, std::string* out) {
  char header[kWsServerHeaderMax];
  out->append(header, WriteHeader(opcode, kMasked, payload.size(), header));
  const std::array<char, 4> key = {
      static_cast<char>(mask_key >> 24), static_cast<char>(mask_key >> 16),
      static_cast<char>(mask_key >> 8), static_cast<char>(mask_key)};
  out->append(key.data(), key.size());
  const size_t begin = out->size();
  out->append(payload);
  WsMask(std::span(*out).subspan(begin), key, 0);
}

std::string ClosePayload(uint16_t code, std::string_view reason) {
  if (code == kWsNoCode) return {};
  size_t size = std::min(reason.size(), kWsControlPayloadMax - 2);
  if (size < reason.size()) {
    while (size > 0 && (reason[size] & 0xC0) == 0x80) --size;
  }
  std::string payload = {static_cast<char>(code >> 8), static_cast<char>(code)};
  payload.append(reason.substr(0, size));
  return payload;
}

bool IsValidCloseCode(uint16_t code) {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
}

void WsMask(std::span<char> bytes, const std::array<char, 4>& key,
            uint64_t offset) {
  char turned[8];
  for (size_t i = 0; i < sizeof(turned); ++i) turned[i] = key[(offset + i) % 4];
  uint64_t key_word;
  std::memcpy(&key_word, turned, sizeof(key_word));
  char* p = bytes.data();
  size_t left = bytes.size();
  for (; left >= sizeof(key_word); left -= sizeof(key_word)) {
    uint64_t word;
    std::memcpy(&word, p, sizeof(word));
    word ^= key_word;
    std::memcpy(p, &word, sizeof(word));
    p += sizeof(word);
  }
  for (size_t i = 0; i < left; ++i) p[i] ^= turned[i];
}

WsFrameReader::Result WsFrameReader::Next(std::span<char>* input,
                                          WsEvent* event) {
  if (message_given_) {
    message_given_ = false;
    message_.clear();
    if (message_.capacity() > kMessageBytesKept) message_.shrink_to_fit();
  }
  while (true) {
    switch (state_) {
      case State::kFailed:
        return Result::kFailed;
      case State::kClosed:  // RFC 6455 section 5.5.1
        *input = {};
        return Result::kNeedMore;
      case State::kHeader:
        if (!TakeHeader(input)) {
          return state_ == State::kFailed ? Result::kFailed : Result::kNeedMore;
        }
        BeginPayload();
        break;
      case State::kPayload: {
        if (input->empty() && payload_done_ < payload_size_) {
          return Result::kNeedMore;
        }
        const std::span<char> piece = TakePayload(input);
        const Result result =
            IsControl() ? EndControl(piece, event) : EndData(piece, event);
        if (result != Result::kNeedMore) return result;
        break;
      }
    }
  }
}

// Checks what is known as soon as it is known: a peer that breaks the protocol
// must not keep us waiting for the rest of its header.
bool WsFrameReader::TakeHeader(std::span<char>* input) {
  while (header_have_ < header_need_) {
    if (input->empty()) return false;
    header_[header_have_++] = static_cast<uint8_t>(input->front());
    *input = input->subspan(1);
    if (header_have_ == 1 && !CheckFirstByte()) return false;
    if (header_have_ == 2 && !CheckSecondByte()) return false;
    const size_t length_end = header_need_ - (masked() ? 4 : 0);
    if (header_have_ >= 2 && header_have_ == length_end && !CheckLength()) {
      return false;
    }
  }
  return true;
}

// RFC 6455 sections 5.2, 5.4 and 5.5.
bool WsFrameReader::CheckFirstByte() {
  final_ = (header_[0] & kFinal) != 0;
  if ((header_[0] & kReserved) != 0) {
    return Fail(kWsProtocolError, "a reserved bit is set");
  }
  opcode_ = static_cast<WsOpcode>(header_[0] & 0x0F);
  switch (opcode_) {
    case WsOpcode::kContinuation:
      if (in_message_) return true;
      return Fail(kWsProtocolError, "a continuation of no message");
    case WsOpcode::kText:
    case WsOpcode::kBinary:
      if (in_message_) {
        return Fail(kWsProtocolError, "a message inside a message");
      }
      if (opcode_ == WsOpcode::kBinary && !options_.allow_binary) {
        return Fail(kWsUnsupportedData, "binary messages are not supported");
      }
      return true;
    case WsOpcode::kClose:
    case WsOpcode::kPing:
    case WsOpcode::kPong:
      if (final_) return true;
      return Fail(kWsProtocolError, "a fragmented control frame");
  }
  return Fail(kWsProtocolError, "a reserved opcode");
}

bool WsFrameReader::CheckSecondByte() {
  if (((header_[1] & kMasked) != 0) != masked()) {
    return Fail(kWsProtocolError, masked() ? "a client's frame is not masked"
                                           : "a server's frame is masked");
  }
  const uint8_t length = header_[1] & kLengthBits;
  if (IsControl() && length > kWsControlPayloadMax) {
    return Fail(kWsProtocolError, "a control frame above 125 bytes");
  }
  const size_t more = length == kLength16 ? 2 : length == kLength64 ? 8 : 0;
  header_need_ = static_cast<uint8_t>(2 + more + (masked() ? 4 : 0));
  return true;
}

bool WsFrameReader::CheckLength() {
  const uint8_t length = header_[1] & kLengthBits;
  payload_size_ = length;
  if (length == kLength16) {
    payload_size_ = BigEndian(&header_[2], 2);
    if (payload_size_ < kLength16) {
      return Fail(kWsProtocolError, "a length not in its shortest form");
    }
  } else if (length == kLength64) {
    payload_size_ = BigEndian(&header_[2], 8);
    if (payload_size_ <= 0xFFFF) {
      return Fail(kWsProtocolError, "a length not in its shortest form");
    }
    if (payload_size_ >> 63 != 0) {
      return Fail(kWsProtocolError, "a length of 2^63 or more");
    }
  }
  if (IsControl()) {
    if (opcode_ == WsOpcode::kClose && payload_size_ == 1) {
      return Fail(kWsProtocolError, "half a close code");
    }
    return true;
  }
  if (payload_size_ > options_.max_message_bytes - message_.size()) {
    return Fail(kWsMessageTooBig, "the message is too big");
  }
  return true;
}

void WsFrameReader::BeginPayload() {
  if (masked()) {
    std::memcpy(mask_key_.data(), &header_[header_need_ - 4], 4);
  }
  header_have_ = 0;
  header_need_ = 2;
  payload_done_ = 0;
  if (opcode_ == WsOpcode::kText || opcode_ == WsOpcode::kBinary) {
    in_message_ = true;
    message_opcode_ = opcode_;
  }
  state_ = State::kPayload;
}

// What *input has of the frame's payload, unmasked.
std::span<char> WsFrameReader::TakePayload(std::span<char>* input) {
  const auto size = static_cast<size_t>(
      std::min<uint64_t>(input->size(), payload_size_ - payload_done_));
  const std::span<char> piece = input->first(size);
  *input = input->subspan(size);
  if (masked()) WsMask(piece, mask_key_, payload_done_);
  payload_done_ += size;
  return piece;
}

WsFrameReader::Result WsFrameReader::EndControl(std::span<char> piece,
                                                WsEvent* event) {
  const bool whole = piece.size() == payload_size_;
  if (!whole) {
    if (control_ == nullptr) {
      control_ = std::make_unique<std::array<char, kWsControlPayloadMax>>();
    }
    std::copy(piece.begin(), piece.end(),
              control_->begin() + (payload_done_ - piece.size()));
    if (payload_done_ < payload_size_) return Result::kNeedMore;
  }
  const std::string_view payload =
      whole ? Text(piece) : std::string_view(control_->data(), payload_size_);
  state_ = State::kHeader;
  if (opcode_ == WsOpcode::kClose) return EndClose(payload, event);
  event->type =
      opcode_ == WsOpcode::kPing ? WsEvent::Type::kPing : WsEvent::Type::kPong;
  event->payload = payload;
  return Result::kEvent;
}

WsFrameReader::Result WsFrameReader::EndClose(std::string_view payload,
                                              WsEvent* event) {
  uint16_t code = kWsNoCode;
  if (!payload.empty()) {
    code = static_cast<uint16_t>(static_cast<uint8_t>(payload[0]) << 8 |
                                 static_cast<uint8_t>(payload[1]));
    payload.remove_prefix(2);
    if (!IsValidCloseCode(code)) {
      Fail(kWsProtocolError, "not a close code that may be sent");
      return Result::kFailed;
    }
    if (!IsValidUtf8(payload)) {
      Fail(kWsInvalidPayload, "the close reason is not UTF-8");
      return Result::kFailed;
    }
  }
  event->type = WsEvent::Type::kClose;
  event->close_code = code;
  event->payload = payload;
  state_ = State::kClosed;
  return Result::kEvent;
}

WsFrameReader::Result WsFrameReader::EndData(std::span<char> piece,
                                             WsEvent* event) {
  const bool frame_ends = payload_done_ == payload_size_;
  const bool message_ends = frame_ends && final_;
  const bool is_text = message_opcode_ == WsOpcode::kText;
  if (is_text &&
      (!utf8_.Feed(Text(piece)) || (message_ends && !utf8_.AtBoundary()))) {
    Fail(kWsInvalidPayload, "the text is not UTF-8");
    return Result::kFailed;
  }
  if (frame_ends) state_ = State::kHeader;
  if (!message_ends) {
    Gather(piece);
    return Result::kNeedMore;
  }
  in_message_ = false;
  event->type = is_text ? WsEvent::Type::kText : WsEvent::Type::kBinary;
  if (message_.empty()) {
    event->payload = Text(piece);
  } else {
    Gather(piece);
    event->payload = Text(message_);
    message_given_ = true;
  }
  return Result::kEvent;
}

// Grows with what has come, not with what a header announces: at most twice
// that, and never past the limit.
void WsFrameReader::Gather(std::span<const char> piece) {
  const size_t size = message_.size() + piece.size();
  if (size > message_.capacity()) {
    message_.reserve(std::min(options_.max_message_bytes,
                              std::max(size, 2 * message_.capacity())));
  }
  message_.insert(message_.end(), piece.begin(), piece.end());
}

bool WsFrameReader::Fail(uint16_t code, std::string_view reason) {
  failure_ = {code, reason};
  state_ = State::kFailed;
  message_.clear();
  message_.shrink_to_fit();
  return false;
}

}  // namespace streamhub
