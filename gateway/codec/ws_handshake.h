// The keys of the WebSocket opening handshake (RFC 6455 sections 4.1, 4.2.2).
// Pure functions; any thread.

#ifndef STREAMHUB_GATEWAY_CODEC_WS_HANDSHAKE_H_
#define STREAMHUB_GATEWAY_CODEC_WS_HANDSHAKE_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace streamhub {

// Whether a Sec-WebSocket-Key is the base64 (RFC 4648 section 4) of 16 bytes.
bool IsValidWebSocketKey(std::string_view key);

// The Sec-WebSocket-Accept that answers `key`, a client's Sec-WebSocket-Key
// without surrounding white space.
std::string WebSocketAccept(std::string_view key);

// The Sec-WebSocket-Key of a client. The nonce is random, new for every
// connection.
std::string WebSocketKey(const std::array<uint8_t, 16>& nonce);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_WS_HANDSHAKE_H_
