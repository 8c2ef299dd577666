#include "gateway/codec/ws_handshake.h"

#include <absl/strings/escaping.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstddef>

#include "gateway/base/check.h"

namespace streamhub {
namespace {

// RFC 6455 section 1.3.
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

constexpr size_t kKeySize = 24;  // base64 of 16 bytes

bool IsBase64Character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c >= '0' && c <= '9') || c == '+' || c == '/';
}

std::string Base64(const uint8_t* bytes, size_t size) {
  return absl::Base64Escape({reinterpret_cast<const char*>(bytes), size});
}

}  // namespace

bool IsValidWebSocketKey(std::string_view key) {
  return key.size() == kKeySize && key.ends_with("==") &&
         std::all_of(key.begin(), key.end() - 2, IsBase64Character);
}

std::string WebSocketAccept(std::string_view key) {
  std::string text(key);
  text += kGuid;
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  // The digest proves that the server speaks WebSocket. It protects nothing,
  // so SHA-1 does. OpenSSL 3 would look EVP_sha1() up each time.
  static EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  STREAMHUB_CHECK(
      EVP_Digest(text.data(), text.size(), digest, &size, sha1, nullptr) == 1);
  return Base64(digest, size);
}

std::string WebSocketKey(const std::array<uint8_t, 16>& nonce) {
  return Base64(nonce.data(), nonce.size());
}

}  // namespace streamhub
