#include "gateway/codec/ws_handshake.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <set>
#include <string>

namespace streamhub {
namespace {

// RFC 6455 section 1.3.
TEST(WsHandshake, AcceptsAsTheRfcDoes) {
  EXPECT_EQ(WebSocketAccept("dGhlIHNhbXBsZSBub25jZQ=="),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WsHandshake, AKeyIsTheBase64Of16Bytes) {
  EXPECT_TRUE(IsValidWebSocketKey("dGhlIHNhbXBsZSBub25jZQ=="));
  EXPECT_TRUE(IsValidWebSocketKey("AAAAAAAAAAAAAAAAAAAAAA=="));
  EXPECT_TRUE(IsValidWebSocketKey("+/+/+/+/+/+/+/+/+/+/+w=="));
  for (const char* bad : {
           "",
           "==",
           "dGhlIHNhbXBsZSBub25jZQ",     // no padding
           "dGhlIHNhbXBsZSBub25jZQ=",    //
           "dGhlIHNhbXBsZSBub25jZQ===",  //
           "dGhlIHNhbXBsZSBub25jZWE=",   // 17 bytes
           "dGhlIHNhbXBsZSBub25j",       // 15 bytes
           " dGhlIHNhbXBsZSBub25jZQ==",  // white space
           "dGhlIHNhbXBsZSBub25jZQ==\n",
           "dGhlIHNhbXBsZSBub25j=Q==",  // padding inside
           "dGhlIHNhbXBsZSBub25jZ-==",  // of the URL-safe alphabet
           "dGhlIHNhbXBsZSBub25jZ\xC3==",
       }) {
    EXPECT_FALSE(IsValidWebSocketKey(bad)) << bad;
  }
}

TEST(WsHandshake, AClientsKeyIsValidAndCarriesItsNonce) {
  EXPECT_EQ(WebSocketKey({'t', 'h', 'e', ' ', 's', 'a', 'm', 'p', 'l', 'e', ' ',
                          'n', 'o', 'n', 'c', 'e'}),
            "dGhlIHNhbXBsZSBub25jZQ==");
  std::set<std::string> keys;
  for (int i = 0; i < 256; ++i) {
    std::array<uint8_t, 16> nonce;
    nonce.fill(static_cast<uint8_t>(i));
    const std::string key = WebSocketKey(nonce);
    EXPECT_TRUE(IsValidWebSocketKey(key)) << key;
    keys.insert(key);
  }
  EXPECT_EQ(keys.size(), 256u);
}

}  // namespace
}  // namespace streamhub
