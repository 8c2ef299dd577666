// The operators' door: a small HTTP server (RFC 9112, by Beast) on a thread
// and a port of its own, so that it answers while the shards are busy and is
// not reachable where clients are.
//
//   GET /healthz   JSON, see HealthPage() in admin_pages.h
//   GET /metrics   Prometheus text format 0.0.4
//   and whatever routes it is given (admin_route.h)
//
// Where there is a token a request without it is refused with 401 (RFC 9110
// section 11): admin_auth.h. That is counted, and logged at most once a second.
//
// HEAD is answered like GET; other paths with 404, other methods with 405. A
// request whose Host is neither a loopback name or address nor the address
// that it came in on is refused with 421: a page of somebody else's that has
// its name resolve to this machine (DNS rebinding) reads nothing here.
//
// Nor does such a page command anything by a request across sites: a POST has
// `Content-Type: application/json` or a field `X-StreamHub-Admin` of any value,
// neither of which a browser sends to another origin before it has asked, which
// is answered with 405; else it is refused with 415. If it has an Origin, that
// is this server's, or it is refused with 403. A body of more than 64 KB is
// refused with 413.
//
// At most 64 connections: for one more, the one is closed that has been idle
// the longest. An idle one is closed after a minute in any case.

#ifndef STREAMHUB_GATEWAY_SERVER_ADMIN_SERVER_H_
#define STREAMHUB_GATEWAY_SERVER_ADMIN_SERVER_H_

#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/base/counters.h"
#include "gateway/server/admin_auth.h"
#include "gateway/server/admin_route.h"

namespace streamhub {

struct AdminOptions {
  std::string listen = "127.0.0.1";  // an IP address
  int port = 0;                      // 0: a free one
  // Make the pages. Called on the admin thread, for each request.
  std::function<std::string()> metrics;
  std::function<AdminAnswer()> health;
  // What else is answered. Called on the admin thread.
  std::vector<AdminRoute> routes = {};
  AdminAccess access = {};
  // Of the admin thread, outlives it; null: nothing is counted.
  Counters* counters = nullptr;
};

class AdminServer {
 public:
  // Listens and starts the thread. Errors name --admin-listen or --admin-port
  // and say what is wrong, in one line: InvalidArgument for what is no address,
  // Unavailable for one that is not ours, AlreadyExists or PermissionDenied for
  // the port.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(
      AdminOptions options);

  // Closes all connections and waits for the thread. After that the pages are
  // not called any more.
  ~AdminServer();

  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  // The port that was bound.
  int port() const;

  // Any thread. From the next request on that is who may do what.
  void SetAccess(AdminAccess access);

 private:
  struct Parts;
  explicit AdminServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_ADMIN_SERVER_H_
