#include <absl/strings/str_cat.h>

#include <array>
#include <utility>

#include "bench/load/wires.h"
#include "gateway/base/strings.h"
#include "gateway/codec/ws_frame.h"
#include "gateway/codec/ws_handshake.h"

namespace streamhub::load {
namespace {

constexpr int kSwitchingProtocols = 101;

uint64_t BigEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<uint8_t>(c);
  return number;
}

absl::Status Closed(std::string_view payload) {
  if (payload.size() < 2) return absl::UnavailableError("closed without code");
  return absl::UnavailableError(
      absl::StrCat("closed with code ", BigEndian(payload.substr(0, 2))));
}

}  // namespace

// Not for secrecy: proxies must not be able to guess it (RFC 6455 10.3), and
// 64 bits that step by an odd number and are mixed do for a test.
uint32_t WsWire::MaskKey() {
  random_ = random_ * 6364136223846793005u + 1442695040888963407u;
  return static_cast<uint32_t>(random_ >> 32);
}

std::string WsWire::Open(const Target& target, const Holding& holding) {
  std::array<uint8_t, 16> nonce;
  for (uint8_t& byte : nonce) byte = static_cast<uint8_t>(MaskKey());
  request_ = ToJson(holding);
  return absl::StrCat(
      "GET ", target.prefix, "/v1/ws HTTP/1.1\r\nHost: ", target.HostField(),
      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Protocol: streamhub.v1.",
      encoding_ == Encoding::kFlat ? "fb" : "json",
      "\r\nSec-WebSocket-Key: ", WebSocketKey(nonce), "\r\n\r\n");
}

absl::Status WsWire::Take(std::string_view bytes, Sink& sink,
                          std::string* out) {
  std::string_view rest = pending_.Append(bytes);
  if (!open_) {
    std::string_view head;
    const int status = TakeHead(&rest, &head);
    if (status == 0) {
      pending_.Keep(rest);
      return absl::OkStatus();
    }
    if (status != kSwitchingProtocols) return RefusedWith(status);
    open_ = true;
    sink.OnAccepted();
    AppendClientFrame(WsOpcode::kText, std::exchange(request_, {}), MaskKey(),
                      out);
  }
  absl::Status taken = TakeFrames(&rest, sink, out);
  pending_.Keep(rest);
  return taken;
}

absl::Status WsWire::TakeFrames(std::string_view* bytes, Sink& sink,
                                std::string* out) {
  constexpr uint8_t kFinal = 0x80;
  constexpr uint8_t kLength16 = 126, kLength64 = 127;
  while (bytes->size() >= 2) {
    const auto first = static_cast<uint8_t>((*bytes)[0]);
    const auto second = static_cast<uint8_t>((*bytes)[1]);
    if ((first & 0xF0) != kFinal || second > kLength64) {
      return absl::InternalError("bad WebSocket frame");
    }
    const size_t header = second == kLength16   ? 4
                          : second == kLength64 ? 10
                                                : 2;
    if (bytes->size() < header) break;
    const uint64_t size =
        header == 2 ? second : BigEndian(bytes->substr(2, header - 2));
    if (size > kMessageBytesMax) {
      return absl::InternalError("a message is too big");
    }
    if (bytes->size() - header < size) break;
    const std::string_view payload = bytes->substr(header, size);
    bytes->remove_prefix(header + size);
    switch (static_cast<WsOpcode>(first & 0x0F)) {
      case WsOpcode::kText:
      case WsOpcode::kBinary:
        sink.OnMessage(payload);
        break;
      case WsOpcode::kPing:
        AppendClientFrame(WsOpcode::kPong, payload, MaskKey(), out);
        break;
      case WsOpcode::kPong:
        break;
      case WsOpcode::kClose:
        return Closed(payload);
      default:
        return absl::InternalError("bad WebSocket frame");
    }
  }
  return absl::OkStatus();
}

}  // namespace streamhub::load
