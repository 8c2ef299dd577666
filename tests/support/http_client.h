// HTTP/1.1 requests of tests, over plain sockets: nothing is parsed by the
// library that the server uses. One thread.

#ifndef STREAMHUB_TESTS_SUPPORT_HTTP_CLIENT_H_
#define STREAMHUB_TESTS_SUPPORT_HTTP_CLIENT_H_

#include <map>
#include <string>
#include <string_view>

#include "tests/support/loopback_socket.h"

namespace streamhub {

struct HttpReply {
  int status = 0;                              // 0: no reply
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  std::string Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

// The text of a GET (or another method) with a Host, and `headers`, each
// ending in CRLF.
std::string RequestText(std::string_view target, std::string_view headers = "",
                        std::string_view method = "GET");

// Takes the head of a reply from the front of *bytes, reading more from
// `socket` as needed. False if it did not come.
bool TakeHead(LoopbackSocket& socket, std::string* bytes, HttpReply* reply);

// The same with the body, as long as Content-Length says (without one: none).
// `head`: the answer to a HEAD, which has no body.
HttpReply TakeReply(LoopbackSocket& socket, std::string* bytes,
                    bool head = false);

// One request on a connection of its own.
HttpReply Get(int port, std::string_view target, std::string_view headers = "");

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SUPPORT_HTTP_CLIENT_H_
