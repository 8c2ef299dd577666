// What the admin server goes by before it asks a page: where it listens, whose
// request it is, and what a page of another site must not do (admin_server.h
// says why). Admin thread; the functions are pure but for ListenForAdmin().

#ifndef STREAMHUB_GATEWAY_SERVER_ADMIN_RULES_H_
#define STREAMHUB_GATEWAY_SERVER_ADMIN_RULES_H_

#include <absl/status/status.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/base/counters.h"
#include "gateway/base/log.h"
#include "gateway/server/admin_auth.h"

namespace streamhub {

// Errors as AdminServer::Start() has them.
absl::Status ListenForAdmin(const std::string& listen, int port,
                            boost::asio::ip::tcp::acceptor* acceptor);

// Whether a Host field (RFC 9110 section 7.2) names this machine, or the
// address that its request came in on.
bool IsOurHost(std::string_view host, const boost::asio::ip::address& local);

// Of a Content-Type field, which may have parameters.
bool IsJsonType(std::string_view type);

// Whether an Origin (RFC 6454 section 7) is of a page that `host`, a Host
// field, names, whatever the scheme: TLS may end before us.
bool IsOriginOf(std::string_view origin, std::string_view host);

// Who may do what, and who tried: that is counted, and logged once a second.
class AdminGuard {
 public:
  // `counters` outlives it; null: nothing is counted.
  AdminGuard(AdminAccess access, Counters* counters)
      : access_(std::move(access)), counters_(counters) {}

  void Set(AdminAccess access) { access_ = std::move(access); }

  bool Allows(std::string_view path, std::string_view authorization);

 private:
  AdminAccess access_;
  Counters* const counters_;
  LogBudget log_budget_{1};
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_ADMIN_RULES_H_
