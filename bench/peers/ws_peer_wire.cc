#include "bench/peers/ws_peer_wire.h"

#include <absl/strings/str_cat.h>

#include <array>
#include <utility>

#include "bench/peers/ingest.h"
#include "gateway/base/strings.h"
#include "gateway/codec/ws_handshake.h"

namespace streamhub::peers {
namespace {

constexpr int kSwitchingProtocols = 101;
constexpr uint8_t kFinal = 0x80, kReserved = 0x70, kOpcode = 0x0F;
constexpr uint8_t kLength16 = 126, kLength64 = 127;

uint64_t BigEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<uint8_t>(c);
  return number;
}

struct Frame {
  bool final = false;
  WsOpcode opcode = WsOpcode::kContinuation;
  std::string_view payload;
};

absl::Status Bad() { return absl::InternalError("bad WebSocket frame"); }

// Takes a frame as a server sends it off `*bytes`; `*whole` is false if it has
// not yet come whole.
absl::Status TakeFrame(std::string_view* bytes, Frame* frame, bool* whole) {
  *whole = false;
  if (bytes->size() < 2) return absl::OkStatus();
  const auto first = static_cast<uint8_t>((*bytes)[0]);
  const auto second = static_cast<uint8_t>((*bytes)[1]);
  if ((first & kReserved) != 0 || second > kLength64) return Bad();
  const size_t header = second == kLength16 ? 4 : second == kLength64 ? 10 : 2;
  if (bytes->size() < header) return absl::OkStatus();
  const uint64_t size =
      header == 2 ? second : BigEndian(bytes->substr(2, header - 2));
  if (size > load::Wire::kMessageBytesMax) {
    return absl::InternalError("a message is too big");
  }
  if (bytes->size() - header < size) return absl::OkStatus();
  frame->final = (first & kFinal) != 0;
  frame->opcode = static_cast<WsOpcode>(first & kOpcode);
  frame->payload = bytes->substr(header, size);
  bytes->remove_prefix(header + size);
  *whole = true;
  return absl::OkStatus();
}

absl::Status Closed(std::string_view payload) {
  if (payload.size() < 2) return absl::UnavailableError("closed without code");
  return absl::UnavailableError(
      absl::StrCat("closed with code ", BigEndian(payload.substr(0, 2))));
}

}  // namespace

// As those of the load test: nobody must be able to guess it by accident.
uint32_t WsPeerWire::MaskKey() {
  random_ = random_ * 6364136223846793005u + 1442695040888963407u;
  return static_cast<uint32_t>(random_ >> 32);
}

void WsPeerWire::Send(WsOpcode opcode, std::string_view payload,
                      std::string* out) {
  AppendClientFrame(opcode, payload, MaskKey(), out);
}

void WsPeerWire::Synced(load::Sink& sink) const {
  if (!await_update_) sink.OnMessage(kSynced);
}

std::string WsPeerWire::Open(const load::Target& target,
                             const load::Holding& holding) {
  for (const load::Held& held : holding.held()) {
    topics_.push_back(TopicOf(held.symbol));
  }
  std::array<uint8_t, 16> nonce;
  for (uint8_t& byte : nonce) byte = static_cast<uint8_t>(MaskKey());
  std::string request = absl::StrCat(
      "GET ", PathOf(holding), " HTTP/1.1\r\nHost: ", target.HostField(),
      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ",
      WebSocketKey(nonce), "\r\n");
  if (!Subprotocol().empty()) {
    absl::StrAppend(&request, "Sec-WebSocket-Protocol: ", ToAbsl(Subprotocol()),
                    "\r\n");
  }
  return request + "\r\n";
}

absl::Status WsPeerWire::Take(std::string_view bytes, load::Sink& sink,
                              std::string* out) {
  std::string_view rest = pending_.Append(bytes);
  if (!open_) {
    std::string_view head;
    const int status = load::TakeHead(&rest, &head);
    if (status == 0) {
      pending_.Keep(rest);
      return absl::OkStatus();
    }
    if (status != kSwitchingProtocols) return load::RefusedWith(status);
    open_ = true;
    sink.OnAccepted();
    OnOpen(std::exchange(topics_, {}), sink, out);
  }
  absl::Status taken = TakeFrames(&rest, sink, out);
  pending_.Keep(rest);
  return taken;
}

absl::Status WsPeerWire::TakeFrames(std::string_view* bytes, load::Sink& sink,
                                    std::string* out) {
  Frame frame;
  for (bool whole = true;;) {
    absl::Status taken = TakeFrame(bytes, &frame, &whole);
    if (!taken.ok() || !whole) return taken;
    switch (frame.opcode) {
      case WsOpcode::kContinuation:
      case WsOpcode::kText:
      case WsOpcode::kBinary:
        // A continuation, and nothing else, follows an unfinished frame.
        if ((frame.opcode == WsOpcode::kContinuation) != in_message_) {
          return Bad();
        }
        in_message_ = !frame.final;
        taken = OnData(frame.payload, frame.final, sink, out);
        if (!taken.ok()) return taken;
        break;
      case WsOpcode::kPing:
        Send(WsOpcode::kPong, frame.payload, out);
        break;
      case WsOpcode::kPong:
        break;
      case WsOpcode::kClose:
        return Closed(frame.payload);
      default:
        return Bad();
    }
  }
}

void WsTextWire::Give(std::string_view message, load::Sink& sink) const {
  if (message == kSynced) {
    Synced(sink);
  } else {
    sink.OnMessage(message);
  }
}

absl::Status WsTextWire::OnData(std::string_view data, bool last,
                                load::Sink& sink, std::string*) {
  if (last && message_.empty()) {
    Give(data, sink);
    return absl::OkStatus();
  }
  message_.append(data);
  if (message_.size() > kMessageBytesMax) {
    return absl::InternalError("a message is too big");
  }
  if (!last) return absl::OkStatus();
  Give(message_, sink);
  message_.clear();
  return absl::OkStatus();
}

}  // namespace streamhub::peers
