// Routes of the admin server over real sockets: methods, bodies, and what a
// page of another site cannot do.

#include "gateway/server/admin_route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/server/admin_server.h"
#include "tests/support/http_client.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kJson = "Content-Type: application/json\r\n";

class AdminRouteTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto tell = [this](const AdminRequest& request) {
      calls_.push_back(
          std::string(request.method) + ' ' + std::string(request.path) + '?' +
          std::string(request.query) + ' ' + std::string(request.body));
      return AdminAnswer{.status = 202, .body = "{\"a\":1}"};
    };
    const auto page = [](const AdminRequest&) {
      return AdminAnswer{
          .type = "text/html", .body = "<p>", .policy = "default-src 'self'"};
    };
    auto started =
        AdminServer::Start({.metrics = [] { return std::string("m"); },
                            .health = [] { return AdminAnswer{.body = "h"}; },
                            .routes = {{"GET", "/admin/thing", tell},
                                       {"POST", "/admin/thing", tell},
                                       {"POST", "/admin/thing/*", tell},
                                       {"GET", "/page", page}}});
    ASSERT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
  }

  HttpReply Ask(std::string_view method, std::string_view target,
                std::string_view headers = "", std::string_view body = "") {
    LoopbackSocket socket(server_->port());
    std::string fields(headers);
    if (!body.empty()) {
      fields += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    EXPECT_TRUE(socket.Send(RequestText(target, fields, method)));
    EXPECT_TRUE(socket.Send(body));
    std::string bytes;
    return TakeReply(socket, &bytes, method == "HEAD");
  }

  std::string host() const {
    return "127.0.0.1:" + std::to_string(server_->port());
  }

  std::vector<std::string> calls_;  // the admin thread's until it has answered
  std::unique_ptr<AdminServer> server_;
};

TEST_F(AdminRouteTest, ARouteGetsWhatWasAsked) {
  EXPECT_EQ(Ask("GET", "/admin/thing").status, 202);
  EXPECT_EQ(Ask("GET", "/admin/thing?x=1&y=%20").status, 202);
  EXPECT_EQ(Ask("HEAD", "/admin/thing?").status, 202);
  const HttpReply reply = Ask("POST", "/admin/thing?q", kJson, "{\"to\":1}");
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.body, "{\"a\":1}");
  EXPECT_EQ(reply.Header("content-type"), "application/json");
  EXPECT_EQ(Ask("POST", "/admin/thing/deep/er", kJson).status, 202);
  EXPECT_EQ(calls_, (std::vector<std::string>{
                        "GET /admin/thing? ", "GET /admin/thing?x=1&y=%20 ",
                        "GET /admin/thing? ", "POST /admin/thing?q {\"to\":1}",
                        "POST /admin/thing/deep/er? "}));
}

TEST_F(AdminRouteTest, AnotherMethodIsToldWhichThereAre) {
  const HttpReply put = Ask("PUT", "/admin/thing", kJson);
  EXPECT_EQ(put.status, 405);
  EXPECT_EQ(put.Header("allow"), "GET, HEAD, POST");
  EXPECT_EQ(Ask("GET", "/admin/thing/deep").Header("allow"), "POST");
  EXPECT_EQ(Ask("POST", "/metrics", kJson).Header("allow"), "GET, HEAD");
  EXPECT_EQ(Ask("OPTIONS", "/admin/thing").status, 405) << "no preflight";
  const HttpReply none = Ask("GET", "/admin/things");
  EXPECT_EQ(none.status, 404);
  EXPECT_THAT(none.body, HasSubstr("GET /healthz, GET /metrics, GET /admin/t"));
  EXPECT_TRUE(calls_.empty());
}

// What a form or an image of another site's page can send without being asked
// whether it may.
TEST_F(AdminRouteTest, APostThatAnySitesPageCouldSendIsRefused) {
  for (const std::string type :
       {"", "Content-Type: text/plain\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: multipart/form-data; boundary=application/json\r\n",
        "Content-Type: application/jsonp\r\n"}) {
    const HttpReply reply = Ask("POST", "/admin/thing", type, "{}");
    EXPECT_EQ(reply.status, 415) << type;
    EXPECT_THAT(reply.body, StartsWith("{\"error\":\"want Content-Type: "));
  }
  EXPECT_TRUE(calls_.empty());
  for (const std::string type :
       {"Content-Type: Application/JSON ; charset=utf-8\r\n",
        "X-StreamHub-Admin: 1\r\n"}) {
    EXPECT_EQ(Ask("POST", "/admin/thing", type, "{}").status, 202) << type;
  }
}

TEST_F(AdminRouteTest, APostOfAnotherOriginIsRefused) {
  const std::vector<std::string> others = {
      "https://evil.example",
      "null",
      "",
      "http://127.0.0.1:1",
      "http://127.0.0.1",
      "http://localhost:" + std::to_string(server_->port())};
  for (const std::string& origin : others) {
    const HttpReply reply =
        Ask("POST", "/admin/thing",
            std::string(kJson) + "Origin: " + origin + "\r\n", "{}");
    EXPECT_EQ(reply.status, 403) << origin;
  }
  EXPECT_TRUE(calls_.empty());
  LoopbackSocket socket(server_->port());
  EXPECT_TRUE(socket.Send("POST /admin/thing HTTP/1.1\r\nHost: " + host() +
                          "\r\nOrigin: http://" + host() + "\r\n" +
                          std::string(kJson) + "Content-Length: 2\r\n\r\n{}"));
  std::string bytes;
  EXPECT_EQ(TakeReply(socket, &bytes).status, 202);
}

TEST_F(AdminRouteTest, AForeignHostCommandsNothing) {
  LoopbackSocket socket(server_->port());
  EXPECT_TRUE(
      socket.Send("POST /admin/thing HTTP/1.1\r\nHost: evil.example\r\n" +
                  std::string(kJson) + "\r\n"));
  std::string bytes;
  EXPECT_EQ(TakeReply(socket, &bytes).status, 421);
  EXPECT_TRUE(calls_.empty());
}

TEST_F(AdminRouteTest, ABodyHasALimitHoweverItComes) {
  const std::string most(kAdminBodyBytesMax, 'x');
  EXPECT_EQ(Ask("POST", "/admin/thing", kJson, most).status, 202);
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_THAT(calls_[0], HasSubstr(most));
  // By what it says, before the body comes.
  EXPECT_EQ(Ask("POST", "/admin/thing",
                std::string(kJson) + "Content-Length: 65537\r\n")
                .status,
            413);
  // By what comes.
  EXPECT_EQ(
      Ask("POST", "/admin/thing",
          std::string(kJson) + "Transfer-Encoding: chunked\r\n\r\n10001\r\nxyz")
          .status,
      413);
  EXPECT_EQ(calls_.size(), 1u);
}

TEST_F(AdminRouteTest, ABodyMayComeInPieces) {
  LoopbackSocket socket(server_->port());
  const std::string head = RequestText(
      "/admin/thing", std::string(kJson) + "Transfer-Encoding: chunked\r\n",
      "POST");
  for (const std::string_view piece :
       {std::string_view(head), std::string_view("3\r\n{\"a"),
        std::string_view("\r\n4\r\n\":1}\r\n0\r\n\r\n")}) {
    EXPECT_TRUE(socket.Send(piece));
  }
  // The connection goes on after it.
  EXPECT_TRUE(socket.Send(RequestText("/healthz")));
  std::string bytes;
  EXPECT_EQ(TakeReply(socket, &bytes).status, 202);
  EXPECT_EQ(TakeReply(socket, &bytes).body, "h");
  EXPECT_EQ(calls_, (std::vector<std::string>{"POST /admin/thing? {\"a\":1}"}));
}

TEST_F(AdminRouteTest, NothingMayBeLoadedUnlessAPageSaysSo) {
  EXPECT_EQ(Ask("GET", "/page").Header("content-security-policy"),
            "default-src 'self'");
  EXPECT_EQ(Ask("GET", "/healthz").Header("content-security-policy"),
            "default-src 'none'; frame-ancestors 'none'");
}

TEST(AdminErrorTest, IsJsonWhateverTheReason) {
  EXPECT_EQ(AdminError(400, "no \"to\"\n").body,
            "{\"error\":\"no \\\"to\\\"\\u000a\"}\n");
}

}  // namespace
}  // namespace streamhub
