#include "tests/cli/scripted_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "gateway/base/check.h"

namespace streamhub {
namespace {

// Appends what came; false at the end.
bool Receive(int fd, std::string* out) {
  char buffer[4096];
  const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
  if (got > 0) out->append(buffer, static_cast<size_t>(got));
  return got > 0;
}

}  // namespace

ScriptedServer::ScriptedServer(Answer answer, int clients) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  STREAMHUB_CHECK(
      bind(listener_, reinterpret_cast<sockaddr*>(&at), size) == 0 &&
      listen(listener_, 16) == 0 &&
      getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
  port_ = ntohs(at.sin_port);
  thread_ = std::thread([this, a = std::move(answer), clients] {
    for (int i = 0; i < clients && Serve(a); ++i) {
    }
  });
}

ScriptedServer::~ScriptedServer() {
  Received();
  close(listener_);
}

WatchUrl ScriptedServer::url() const {
  return {"127.0.0.1", std::to_string(port_), ""};
}

const std::string& ScriptedServer::Received() {
  // Who waits for a client that never came is woken.
  shutdown(listener_, SHUT_RD);
  if (thread_.joinable()) thread_.join();
  return received_;
}

bool ScriptedServer::Serve(const Answer& answer) {
  const int client = accept(listener_, nullptr, nullptr);
  if (client < 0) return false;
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos && Receive(client, &head)) {
  }
  received_ += head;
  const std::string text = answer(head);
  size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t some =
        send(client, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (some <= 0) break;
    sent += static_cast<size_t>(some);
  }
  shutdown(client, SHUT_WR);
  while (Receive(client, &received_)) {
  }
  close(client);
  return true;
}

}  // namespace streamhub
