// WebSocket framing (RFC 6455 sections 5, 7.4 and 8.1), both roles, pure: bytes
// in, events out. The transport of a connection owns a WsFrameReader and calls
// it on its shard's thread; the functions are free of state.
//
// A reader takes its input in any split and yields the same events whatever
// the split. A message that arrives unfragmented in one piece is handed out
// where it lies; any other is gathered in a buffer that never grows beyond
// max_message_bytes. It fails at the first byte that breaks the protocol, with
// the close code to send.

#ifndef STREAMHUB_GATEWAY_CODEC_WS_FRAME_H_
#define STREAMHUB_GATEWAY_CODEC_WS_FRAME_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/utf8.h"

namespace streamhub {

// RFC 6455 section 5.2.
enum class WsOpcode : uint8_t {
  kContinuation = 0x0,
  kText = 0x1,
  kBinary = 0x2,
  kClose = 0x8,
  kPing = 0x9,
  kPong = 0xA,
};

// RFC 6455 section 7.4.1. 4000-4999 are CloseReason's.
inline constexpr uint16_t kWsNormal = 1000;
inline constexpr uint16_t kWsGoingAway = 1001;
inline constexpr uint16_t kWsProtocolError = 1002;
inline constexpr uint16_t kWsUnsupportedData = 1003;
inline constexpr uint16_t kWsNoCode = 1005;  // never sent: a close without code
inline constexpr uint16_t kWsInvalidPayload = 1007;
inline constexpr uint16_t kWsMessageTooBig = 1009;

inline constexpr size_t kWsControlPayloadMax = 125;
inline constexpr size_t kWsServerHeaderMax = 10;

// Bytes of an unmasked frame's header: 2, 4 or 10.
constexpr size_t WsServerHeaderSize(uint64_t payload_size) {
  return payload_size < 126 ? 2 : payload_size <= 0xFFFF ? 4 : 10;
}

// Writes the header of a final, unmasked frame to out[0..] and returns its
// size, WsServerHeaderSize(payload_size). With headroom before a payload, the
// header goes to payload - WsServerHeaderSize(size).
size_t WriteServerFrameHeader(WsOpcode opcode, uint64_t payload_size,
                              char* out);

// Appends a whole frame as a server sends it: final, unmasked.
void AppendServerFrame(WsOpcode opcode, std::string_view payload,
                       std::string* out);

// Appends a whole frame as a client sends it: final, masked with `mask_key`,
// whose most significant byte goes first. Keys must not be predictable (RFC
// 6455 section 10.3).
void AppendClientFrame(WsOpcode opcode, std::string_view payload,
                       uint32_t mask_key, std::string* out);

// The payload of a close frame. kWsNoCode: an empty one. `reason` is UTF-8 and
// is cut at a character's end to what fits, 123 bytes.
std::string ClosePayload(uint16_t code, std::string_view reason);

// Whether a peer may send `code` in a close frame: the codes of RFC 6455
// section 7.4.1 and of the IANA registry, and 3000-4999.
bool IsValidCloseCode(uint16_t code);

// XORs `bytes` with the mask key, repeated; bytes[0] is the payload's byte
// number `offset`. Its own inverse.
void WsMask(std::span<char> bytes, const std::array<char, 4>& key,
            uint64_t offset);

// Something that a peer said.
struct WsEvent {
  enum class Type {
    kText,    // a whole message, well-formed UTF-8
    kBinary,  // a whole message
    kPing,    // to be answered with a pong of the same payload
    kPong,
    kClose,  // to be answered with a close; whatever follows is ignored
  };
  Type type = Type::kText;
  // The message, the control frame's payload or the close reason. Lies in the
  // caller's input or in the reader: valid until the next call.
  std::string_view payload;
  uint16_t close_code = kWsNoCode;  // of kClose
};

// Why a connection must be failed (RFC 6455 section 7.1.7).
struct WsFailure {
  uint16_t code = kWsNormal;  // to be sent in the close frame
  std::string_view reason;    // static text
};

class WsFrameReader {
 public:
  enum class Role {
    kServer,  // reads what a client sends: masked
    kClient,  // reads what a server sends: unmasked
  };

  struct Options {
    Role role = Role::kServer;
    // Of one message, however fragmented. Beyond: kWsMessageTooBig.
    size_t max_message_bytes = 64 * 1024;
    // Off: a binary message fails with kWsUnsupportedData.
    bool allow_binary = false;
  };

  enum class Result {
    kNeedMore,  // all input is taken, no event is complete
    kEvent,     // call again: *input may hold more
    kFailed,    // for good, see failure()
  };

  explicit WsFrameReader(const Options& options) : options_(options) {}

  // Takes bytes from the front of *input up to the end of the next event, and
  // overwrites them: payloads are unmasked in place.
  Result Next(std::span<char>* input, WsEvent* event);

  const WsFailure& failure() const { return failure_; }

  // Bytes that a message in progress holds.
  size_t buffered_bytes() const { return message_.capacity(); }

 private:
  enum class State { kHeader, kPayload, kClosed, kFailed };

  bool TakeHeader(std::span<char>* input);
  bool CheckFirstByte();
  bool CheckSecondByte();
  bool CheckLength();
  void BeginPayload();
  std::span<char> TakePayload(std::span<char>* input);
  Result EndControl(std::span<char> piece, WsEvent* event);
  Result EndClose(std::string_view payload, WsEvent* event);
  Result EndData(std::span<char> piece, WsEvent* event);
  void Gather(std::span<const char> piece);
  bool Fail(uint16_t code, std::string_view reason);

  bool masked() const { return options_.role == Role::kServer; }
  bool IsControl() const { return (static_cast<uint8_t>(opcode_) & 8) != 0; }

  const Options options_;
  WsFailure failure_;
  State state_ = State::kHeader;

  // The frame at hand.
  std::array<uint8_t, 14> header_{};
  uint8_t header_have_ = 0;
  uint8_t header_need_ = 2;
  bool final_ = false;
  WsOpcode opcode_ = WsOpcode::kContinuation;
  std::array<char, 4> mask_key_{};
  uint64_t payload_size_ = 0;
  uint64_t payload_done_ = 0;
  // A control frame's payload that came in pieces, once there was one.
  std::unique_ptr<std::array<char, kWsControlPayloadMax>> control_;

  // The message at hand; control frames may stand between its frames.
  bool in_message_ = false;
  WsOpcode message_opcode_ = WsOpcode::kText;
  Utf8Checker utf8_;            // of a text; at its end ready for the next
  std::vector<char> message_;   // what came in earlier pieces
  bool message_given_ = false;  // handed out: forget it on the next call
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_WS_FRAME_H_
