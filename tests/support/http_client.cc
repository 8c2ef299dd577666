#include "tests/support/http_client.h"

#include <cctype>
#include <cstdlib>

namespace streamhub {

std::string RequestText(std::string_view target, std::string_view headers,
                        std::string_view method) {
  std::string text(method);
  text += ' ';
  text += target;
  text += " HTTP/1.1\r\nHost: localhost\r\n";
  text += headers;
  return text + "\r\n";
}

bool TakeHead(LoopbackSocket& socket, std::string* bytes, HttpReply* reply) {
  size_t end;
  while ((end = bytes->find("\r\n\r\n")) == bytes->npos) {
    if (socket.Receive(bytes) != LoopbackSocket::Got::kBytes) return false;
  }
  const std::string head = bytes->substr(0, end + 2);
  bytes->erase(0, end + 4);
  if (!head.starts_with("HTTP/1.")) return false;
  reply->status = std::atoi(head.c_str() + 9);
  size_t line = head.find("\r\n") + 2;
  while (line < head.size()) {
    const size_t stop = head.find("\r\n", line);
    const size_t colon = head.find(": ", line);
    if (colon == head.npos || colon > stop) return false;
    std::string name = head.substr(line, colon - line);
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    reply->headers[name] = head.substr(colon + 2, stop - colon - 2);
    line = stop + 2;
  }
  return true;
}

HttpReply TakeReply(LoopbackSocket& socket, std::string* bytes, bool head) {
  HttpReply reply;
  if (!TakeHead(socket, bytes, &reply)) return {};
  if (head) return reply;
  const size_t size =
      static_cast<size_t>(std::atoll(reply.Header("content-length").c_str()));
  while (bytes->size() < size) {
    if (socket.Receive(bytes) != LoopbackSocket::Got::kBytes) return {};
  }
  reply.body = bytes->substr(0, size);
  bytes->erase(0, size);
  return reply;
}

HttpReply Get(int port, std::string_view target, std::string_view headers) {
  LoopbackSocket socket(port);
  std::string bytes;
  if (!socket.connected() || !socket.Send(RequestText(target, headers))) {
    return {};
  }
  return TakeReply(socket, &bytes);
}

}  // namespace streamhub
