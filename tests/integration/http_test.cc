// Plain HTTP over a real socket: documents, pages, what is refused, and how
// connections live on or end.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gateway/transport/static_files.h"
#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

namespace fs = std::filesystem;
using Kind = StreamClient::Kind;

// A folder of pages that goes away with the test, and a file beside it.
class WebRoot {
 public:
  WebRoot() {
    std::string name =
        (fs::temp_directory_path() / "streamhub_XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    fs::create_directories(folder_ / "web" / "sub");
    Write("web/index.html", "<p>front</p>");
    Write("web/sub/index.html", "<p>sub</p>");
    Write("web/app.js", "let x;");
    for (const char* file :
         {"app-1.20.3.js", "sub/a-b-0.1.0.min.js", "app-1.2.js", "app-1..3.js",
          "app-1.2.x.js", "app-1.2.3"}) {
      Write((std::string("web/") + file).c_str(), "let y;");
    }
    Write("secret", "not a page");
    std::error_code ignored;
    fs::create_symlink("nowhere", folder_ / "web" / "dangling", ignored);
  }
  ~WebRoot() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  std::string path() const { return (folder_ / "web").string(); }

 private:
  void Write(const char* name, std::string_view text) {
    std::ofstream(folder_ / name) << text;
  }
  fs::path folder_;
};

TEST(HttpTest, OddFilesAmongThePagesDoNoHarm) {
  const WebRoot root;
  std::error_code error;
  fs::create_symlink("/proc/self/mem", root.path() + "/memory.txt", error);
  ASSERT_FALSE(error);
  const auto files = StaticFiles::Load(root.path());
  EXPECT_TRUE(files.ok()) << files.status();  // a page of no size
  fs::remove(root.path() + "/memory.txt", error);
  std::ofstream(root.path() + "/large.txt") << "x";
  fs::resize_file(root.path() + "/large.txt", uintmax_t{3} << 30, error);
  ASSERT_FALSE(error);  // sparse
  EXPECT_EQ(StaticFiles::Load(root.path()).status().code(),
            absl::StatusCode::kResourceExhausted);
}

Config WithPages(const WebRoot& root) {
  Config config = TestConfig();
  config.web_root = root.path();
  return config;
}

class PagesTest : public testing::Test {
 protected:
  HttpReply GetPage(std::string_view target, std::string_view headers = "") {
    return Get(gateway_.port(), target, headers);
  }
  const WebRoot root_;
  TestGateway gateway_{WithPages(root_)};
};

TEST_F(PagesTest, PagesAreServedWithTypeAndTag) {
  const HttpReply front = GetPage("/");
  EXPECT_EQ(front.status, 200);
  EXPECT_EQ(front.body, "<p>front</p>");
  EXPECT_EQ(front.Header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(GetPage("/sub/?x=1").body, "<p>sub</p>");
  EXPECT_EQ(GetPage("/app.js").Header("content-type"),
            "text/javascript; charset=utf-8");
  const std::string tag = front.Header("etag");
  EXPECT_FALSE(tag.empty());
  EXPECT_NE(tag, GetPage("/app.js").Header("etag"));
  for (const std::string& known : {tag, "W/" + tag, "\"x\", " + tag}) {
    const HttpReply same = GetPage("/", "If-None-Match: " + known + "\r\n");
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(same.body, "");
    EXPECT_EQ(same.Header("content-length"), "");
    EXPECT_EQ(same.Header("etag"), tag);
  }
  EXPECT_EQ(GetPage("/", "If-None-Match: \"x\"\r\n").status, 200);
}

TEST_F(PagesTest, FilesOfAVersionNeverChangeAndAreForAll) {
  for (const char* target : {"/app-1.20.3.js", "/sub/a-b-0.1.0.min.js"}) {
    const HttpReply reply = GetPage(target, "Origin: https://x\r\n");
    EXPECT_EQ(reply.status, 200) << target;
    EXPECT_EQ(reply.Header("cache-control"),
              "public, max-age=31536000, immutable")
        << target;
    EXPECT_EQ(reply.Header("access-control-allow-origin"), "*") << target;
  }
  for (const char* target : {"/", "/app.js", "/app-1.2.js", "/app-1..3.js",
                             "/app-1.2.x.js", "/app-1.2.3"}) {
    const HttpReply reply = GetPage(target, "Origin: https://x\r\n");
    EXPECT_EQ(reply.status, 200) << target;
    EXPECT_EQ(reply.Header("cache-control"), "no-cache") << target;
    EXPECT_EQ(reply.Header("access-control-allow-origin"), "") << target;
  }
}

TEST_F(PagesTest, NothingOutsideIsServed) {
  for (const char* target :
       {"/nothing", "/../secret", "/sub/../../secret", "//secret",
        "/..%2fsecret", "/%2e%2e/secret", "/sub/..%2f..%2fsecret",
        "/./index.html", "/sub", "/dangling", "secret", "/\\..\\secret"}) {
    const HttpReply reply = GetPage(target);
    EXPECT_TRUE(reply.status == 404 || reply.status == 400)
        << target << ' ' << reply.status;
    EXPECT_EQ(reply.body.find("not a page"), std::string::npos) << target;
  }
}

TEST_F(PagesTest, OneConnectionAsksManyTimes) {
  LoopbackSocket socket(gateway_.port());
  std::string bytes;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(socket.Send(RequestText("/app.js")));
    EXPECT_EQ(TakeReply(socket, &bytes).body, "let x;");
  }
  // Pipelined, with an answer without a body and one without a page between.
  const std::string tag =
      "If-None-Match: " + GetPage("/").Header("etag") + "\r\n";
  ASSERT_TRUE(socket.Send(RequestText("/app.js", "", "HEAD") +
                          RequestText("/", tag) + RequestText("/nothing") +
                          RequestText("/v1/quotes?symbols=A") +
                          RequestText("/", "Connection: close\r\n")));
  const HttpReply head = TakeReply(socket, &bytes, /*head=*/true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("content-length"), "6");
  EXPECT_EQ(TakeReply(socket, &bytes).status, 304);
  EXPECT_EQ(TakeReply(socket, &bytes).status, 404);
  EXPECT_NE(TakeReply(socket, &bytes).body.find(R"("unknown":["A"])"),
            std::string::npos);
  EXPECT_EQ(TakeReply(socket, &bytes).body, "<p>front</p>");
  EXPECT_TRUE(socket.ReceiveToEnd(&bytes));
  EXPECT_EQ(bytes, "");
}

TEST(HttpTest, MethodsThatAreNotAnswered) {
  TestGateway gateway;
  LoopbackSocket socket(gateway.port());
  std::string bytes;
  ASSERT_TRUE(socket.Send(RequestText("/", "Content-Length: 2\r\n", "POST") +
                          "xx" + RequestText("/nothing")));
  const HttpReply refused = TakeReply(socket, &bytes);
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.Header("allow"), "GET, HEAD");
  EXPECT_EQ(TakeReply(socket, &bytes).status, 404);
}

// As proxies are asked (RFC 9112 section 3.2.2).
TEST_F(PagesTest, TargetsMayBeAbsolute) {
  EXPECT_EQ(GetPage("http://localhost:8080/app.js").body, "let x;");
  EXPECT_EQ(GetPage("HTTP://localhost").body, "<p>front</p>");
  EXPECT_EQ(GetPage("http://localhost?x=/").body, "<p>front</p>");
  EXPECT_EQ(GetPage("https://localhost/v1/quotes?symbols=A").status, 200);
  EXPECT_EQ(GetPage("http:/app.js").status, 404);
}

// The answer must survive that we hang up on a client that is still sending.
TEST(HttpTest, TooMuchIsRefusedAndTheAnswerArrives) {
  TestGateway gateway;
  {
    LoopbackSocket socket(gateway.port());
    std::string bytes;
    socket.Send(RequestText("/", "X: " + std::string(200'000, 'x') + "\r\n"));
    EXPECT_EQ(TakeReply(socket, &bytes).status, 431);
    socket.EndSending();
    EXPECT_TRUE(socket.ReceiveToEnd(&bytes));
  }
  {
    LoopbackSocket socket(gateway.port());
    std::string bytes;
    socket.Send(RequestText("/", "Content-Length: 70000\r\n", "POST") +
                std::string(70'000, 'x'));
    EXPECT_EQ(TakeReply(socket, &bytes).status, 413);
  }
}

TEST(HttpTest, WhatIsNoHttpIsAnsweredWith400) {
  TestGateway gateway;
  for (const char* text : {"\x16\x03\x01 not TLS here\r\n\r\n", "GET\r\n\r\n",
                           "GET / HTTP/1.1\r\n\r\n",
                           "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"}) {
    LoopbackSocket socket(gateway.port());
    std::string bytes;
    ASSERT_TRUE(socket.Send(text));
    EXPECT_EQ(TakeReply(socket, &bytes).status, 400) << text;
  }
}

TEST(HttpTest, SlowRequestsAreHungUpOn) {
  Config config = TestConfig();
  config.handshake_ms = 200;
  config.keep_alive_ms = 200;
  TestGateway gateway(config);
  LoopbackSocket silent(gateway.port());
  LoopbackSocket slow(gateway.port());
  ASSERT_TRUE(slow.Send("GET / HT"));
  LoopbackSocket idle(gateway.port());
  std::string bytes;
  ASSERT_TRUE(idle.Send(RequestText("/nothing")));
  EXPECT_EQ(TakeReply(idle, &bytes).status, 404);
  EXPECT_TRUE(silent.ReceiveToEnd(&bytes));
  EXPECT_NE(slow.Receive(&bytes), LoopbackSocket::Got::kTimeout);
  EXPECT_TRUE(idle.ReceiveToEnd(&bytes));
}

TEST(HttpTest, QuotesAndSymbols) {
  TestGateway gateway;
  const SymbolId id = gateway.Define({"EUR/USD", "EURX", "A"})[0];
  gateway.Tick(id, {{FieldId::kBid, 110}, {FieldId::kAsk, 111}});
  const HttpReply reply =
      Get(gateway.port(), "/v1/quotes?symbols=EUR%2FUSD,NONE&fields=bid");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("content-type"), "application/json");
  EXPECT_EQ(reply.Header("cache-control"), "no-store");
  const auto document = JsonReader(reply.body).Read();
  ASSERT_TRUE(document.has_value());
  const JsonValue* const quote = document->Find("quotes")->Find("EUR/USD");
  ASSERT_NE(quote, nullptr);
  EXPECT_EQ(FieldsOf(*quote), (std::map<std::string, std::string>{
                                  {"bid", "1.10"}, {"trading", "unknown"}}));
  EXPECT_EQ(quote->Text("state"), "live");
  EXPECT_EQ(document->Find("unknown")->items.at(0).text, "NONE");

  const auto symbols =
      JsonReader(Get(gateway.port(), "/v1/symbols?prefix=EUR&limit=1").body)
          .Read();
  ASSERT_TRUE(symbols.has_value());
  EXPECT_NE(symbols->Find("symbols")->Find("EUR/USD"), nullptr);
  EXPECT_EQ(symbols->Text("more"), "true");
  for (const char* bad : {"/v1/quotes", "/v1/quotes?symbols=A&fields=bidd",
                          "/v1/quotes?symbols=%2", "/v1/symbols?limit=0",
                          "/v1/symbols?what=1", "/v1/symbols?prefix=%zz"}) {
    const HttpReply refused = Get(gateway.port(), bad);
    EXPECT_EQ(refused.status, 400) << bad;
    const auto error = JsonReader(refused.body).Read();
    ASSERT_TRUE(error.has_value()) << bad;
    EXPECT_EQ(error->Text("type"), "error") << bad;
  }
}

TEST(SseTest, EventsAreText) {
  TestGateway gateway;
  const HttpReply reply = Get(gateway.port(), "/v1/sse?symbols=A&encoding=fb");
  EXPECT_EQ(reply.status, 400);
  const auto error = JsonReader(reply.body).Read();
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->Text("code"), "not_supported");
  EXPECT_EQ(error->Text("key"), "encoding");
  EXPECT_TRUE(
      StreamClient(Kind::kSse, gateway.port(), "?symbols=A&encoding=json")
          .open());
}

TEST(SseTest, HeadersSayThatNobodyMayBuffer) {
  TestGateway gateway;
  StreamClient client(Kind::kSse, gateway.port(), "?symbols=A");
  ASSERT_TRUE(client.open());
  EXPECT_EQ(client.reply().Header("content-type"),
            "text/event-stream; charset=utf-8");
  EXPECT_EQ(client.reply().Header("cache-control"), "no-store, no-transform");
  EXPECT_EQ(client.reply().Header("x-accel-buffering"), "no");
}

TEST(SseTest, FaultyQueryIsAnsweredWith400) {
  TestGateway gateway;
  for (const char* bad : {"", "?symbols=", "?symbols=A&fields=bidd",
                          "?symbols=A&max_rate=0", "?symbls=A"}) {
    const HttpReply reply = Get(gateway.port(), "/v1/sse" + std::string(bad));
    EXPECT_EQ(reply.status, 400) << bad;
    const auto error = JsonReader(reply.body).Read();
    ASSERT_TRUE(error.has_value()) << bad;
    EXPECT_EQ(error->Text("type"), "error") << bad;
  }
}

TEST(SseTest, HeadHasAnEnd) {
  TestGateway gateway;
  LoopbackSocket socket(gateway.port());
  std::string bytes;
  ASSERT_TRUE(socket.Send(RequestText("/v1/sse?symbols=A", "", "HEAD")));
  const HttpReply reply = TakeReply(socket, &bytes, /*head=*/true);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("content-type"), "text/event-stream; charset=utf-8");
  EXPECT_TRUE(socket.ReceiveToEnd(&bytes));
  EXPECT_EQ(bytes, "");
  EXPECT_EQ(gateway.MetricOf("sessions"), 0);
}

// A lasting flood of bytes that mean nothing must not keep others waiting.
TEST(SseTest, WhatAClientSaysIsDroppedAndOthersAreServed) {
  TestGateway gateway;
  const SymbolId id = gateway.Define({"A"})[0];
  StreamClient flood(Kind::kSse, gateway.port(), "?symbols=A");
  StreamClient other(Kind::kSse, gateway.port(),
                     "?symbols=A&max_rate=unlimited");
  ASSERT_TRUE(other.Await("synced").has_value());
  const std::string noise(1 << 20, 'n');
  for (int i = 1; i < 10; ++i) {
    ASSERT_TRUE(flood.socket().Send(noise));
    gateway.Tick(id, {{FieldId::kBid, i}});
    EXPECT_TRUE(other.AwaitState([i](const HeldMarket& held) {
      return held.quotes.at("A").fields.at("bid") == "0.0" + std::to_string(i);
    }));
  }
  EXPECT_TRUE(flood.Await("update").has_value());
}

}  // namespace
}  // namespace streamhub
