// What publishers send, and what they make of the answers.

#include "bench/peers/ingest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "bench/peers/peer.h"
#include "gateway/base/strings.h"

namespace streamhub::peers {
namespace {

using testing::EndsWith;
using testing::StartsWith;

std::unique_ptr<Ingest> Make(std::string_view peer, bool keep = false) {
  return FindPeer(peer)->make_ingest(keep);
}

std::string Message(Ingest& ingest, uint32_t symbol, std::string_view text) {
  std::string out = "before;";
  ingest.Append(symbol, text, &out);
  EXPECT_THAT(out, StartsWith("before;"));
  return out.substr(7);
}

// Takes `answers` in pieces of every size: how that ends, what it asks for.
void ExpectTaken(std::string_view peer, const std::string& answers,
                 const std::string& end, const std::string& sent) {
  for (size_t size = 1; size <= answers.size(); ++size) {
    SCOPED_TRACE(size);
    const auto ingest = Make(peer);
    std::string out;
    absl::Status status;
    for (size_t at = 0; at < answers.size() && status.ok(); at += size) {
      status = ingest->Take(answers.substr(at, size), &out);
    }
    EXPECT_EQ(std::string(FromAbsl(status.message())), end);
    EXPECT_EQ(out, sent);
  }
}

TEST(Ingest, PeersAreFoundByName) {
  EXPECT_EQ(Peers().size(), 5u);
  for (const Peer& peer : Peers()) EXPECT_EQ(FindPeer(peer.name), &peer);
  EXPECT_EQ(FindPeer("redis"), nullptr);
}

TEST(Ingest, Lines) {
  const auto ingest = Make("bun");
  EXPECT_EQ(ingest->Hello(), "");
  EXPECT_EQ(Message(*ingest, 12, "{\"a\":1}"), "s12 {\"a\":1}\n");
  ExpectTaken("beast", "what?", "the peer answers lines", "");
}

TEST(Ingest, Nats) {
  const auto ingest = Make("nats");
  EXPECT_THAT(ingest->Hello(), StartsWith("CONNECT {\"verbose\":false"));
  EXPECT_THAT(ingest->Hello(), EndsWith("}\r\n"));
  EXPECT_EQ(Message(*ingest, 0, "text"), "PUB s0 4\r\ntext\r\n");
  ExpectTaken("nats", "INFO {}\r\nPING\r\nPONG\r\nPING\r\n", "",
              "PONG\r\nPONG\r\n");
  ExpectTaken("nats", "-ERR 'Stale Connection'\r\n",
              "NATS says -ERR 'Stale Connection'", "");
}

// MQTT 3.1.1, section 3.3, by hand.
TEST(Ingest, Mqtt) {
  const auto plain = Make("mosquitto"), kept = Make("mosquitto", true);
  EXPECT_EQ(plain->Hello(), std::string("\x10\x0c\0\4MQTT\4\2\0\0\0\0", 14));
  EXPECT_EQ(Message(*plain, 7, "text"), std::string("\x30\x08\0\2s7text", 10));
  EXPECT_EQ(Message(*kept, 7, "text"), std::string("\x31\x08\0\2s7text", 10));
  const std::string large(200, 'l');
  EXPECT_EQ(Message(*plain, 7, large),
            std::string("\x30\xcc\x01\0\2s7", 7) + large);
  ExpectTaken("mosquitto", {"\x20\x02\0\0", 4}, "", "");
  ExpectTaken("mosquitto", {"\x20\x02\0\5", 4}, "the broker refuses", "");
  ExpectTaken("mosquitto", {"\xF0\x00", 2}, "bad MQTT packet", "");
}

TEST(Ingest, Nchan) {
  const auto ingest = Make("nchan");
  EXPECT_EQ(Message(*ingest, 3, "text"),
            "POST /pub/s3 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"
            "text");
  const std::string created =
      "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\n12345";
  ExpectTaken("nchan", created + created, "", "");
  ExpectTaken("nchan",
              created + "HTTP/1.1 507 Full\r\nContent-Length: 0\r\n\r\n",
              "refused with status 507", "");
  ExpectTaken("nchan", "HTTP/1.1 201 Created\r\n\r\n",
              "an answer without a length", "");
}

}  // namespace
}  // namespace streamhub::peers
