// HttpClient and those who ask through it, of servers that are no gateway.

#include "bench/load/http.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace streamhub::load {
namespace {

// Answers every read of its one client with the same bytes.
class Echo {
 public:
  explicit Echo(std::string answer) : answer_(std::move(answer)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_, generic, size), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    getsockname(listener_, generic, &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~Echo() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  Target target() const { return {"127.0.0.1", std::to_string(port_), ""}; }

 private:
  void Serve() const {
    const int client = accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    char bytes[4096];
    while (recv(client, bytes, sizeof bytes, 0) > 0) {
      send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL);
    }
    close(client);
  }

  const std::string answer_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

std::string Ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

TEST(LoadHttpTest, WhoeverSaysStopNeedNotWaitForAnAnswer) {
  const Echo silent("");
  int asked = 0;
  HttpClient http(silent.target(), [&asked] { return ++asked > 2; });
  EXPECT_EQ(http.Get("/").status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(asked, 3);
}

TEST(LoadHttpTest, AnswersWithoutEndAreRefused) {
  const Echo endless("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx");
  HttpClient http(endless.target());
  const absl::Status status = http.Get("/").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(status.message().find("an answer that is too big"),
            std::string::npos)
      << status;
}

TEST(LoadHttpTest, SymbolsThatComeAgainAreNoGateways) {
  const Echo again(Ok(R"({"symbols":{"A":{"decimals":2}},"more":true})"));
  HttpClient http(again.target());
  const auto names = ListSymbols(http, 0);
  EXPECT_EQ(names.status().message(), "/v1/symbols is not a gateway's");
}

TEST(LoadHttpTest, SymbolsAreListedAsJsonWritesThem) {
  const Echo one(Ok(R"({"symbols":{"A":{},"B\"":{}},"more":false})"));
  HttpClient http(one.target());
  const auto names = ListSymbols(http, 0);
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_EQ(*names, (std::vector<std::string>{"A", "B\\\""}));
}

}  // namespace
}  // namespace streamhub::load
