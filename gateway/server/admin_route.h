// A page or command of the admin server, without the library that reads and
// writes HTTP: who answers a method on a path.
//
//   options.routes.push_back({"GET", "/admin/replay", [](const AdminRequest&) {
//     return AdminAnswer{.body = "{}"};
//   }});
//
// On the admin thread, which serves one request after the other: a route
// answers at once, and what takes time it hands on.

#ifndef STREAMHUB_GATEWAY_SERVER_ADMIN_ROUTE_H_
#define STREAMHUB_GATEWAY_SERVER_ADMIN_ROUTE_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace streamhub {

// Valid during the call. What is in it may be any bytes.
struct AdminRequest {
  std::string_view method;     // a HEAD comes as "GET"
  std::string_view path;       // as it was sent, without the query
  std::string_view query;      // without the '?'; "" if there is none
  std::string_view body;       // of a POST, at most kAdminBodyBytesMax
  std::string_view peer = {};  // address and port of who asks
  std::string_view user = {};  // as it calls itself beside the token, if so
};

inline constexpr size_t kAdminBodyBytesMax = 64 * 1024;

struct AdminAnswer {
  int status = 200;
  std::string type = "application/json";
  std::string body = {};
  // Content-Security-Policy; empty: nothing may be loaded or framed.
  std::string policy = {};
};

// A page of HTML that `make` makes with a nonce, hex digits, which its script
// and its style have: only they may run (Content Security Policy level 3), and
// talk to nobody but this server.
AdminAnswer PageAnswer(
    const std::function<std::string(std::string_view)>& make);

// `{"error":"REASON"}`. `reason` is UTF-8: what was sent goes through
// ShownText().
AdminAnswer AdminError(int status, std::string_view reason);

struct AdminRoute {
  std::string method;  // "GET" or "POST"
  // "/admin/replay"; one that ends in '*' is of all paths that begin so. What
  // stands earlier in the list comes first.
  std::string path;
  std::function<AdminAnswer(const AdminRequest&)> answer;

  bool IsOf(std::string_view requested) const {
    const std::string_view own = path;
    return own.ends_with('*')
               ? requested.starts_with(own.substr(0, own.size() - 1))
               : requested == own;
  }
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_ADMIN_ROUTE_H_
