#include "gateway/server/admin_rules.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include "gateway/base/clock.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// Of a Host field, without the port.
std::string_view HostOf(std::string_view host) {
  if (host.starts_with('[')) {
    const size_t end = host.find(']');
    return end == host.npos ? std::string_view() : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

absl::Status Refused(absl::StatusCode code, std::string_view flag,
                     std::string_view value, std::string_view why) {
  return absl::Status(
      code, absl::StrCat(ToAbsl(flag), " ", ToAbsl(value), ": ", ToAbsl(why)));
}

}  // namespace

absl::Status ListenForAdmin(const std::string& listen, int port,
                            tcp::acceptor* acceptor) {
  error_code error;
  const auto address = boost::asio::ip::make_address(listen, error);
  if (error) {
    return Refused(absl::StatusCode::kInvalidArgument, "--admin-listen", listen,
                   "not an IP address");
  }
  const tcp::endpoint endpoint(address, static_cast<uint16_t>(port));
  acceptor->open(endpoint.protocol(), error);
  // A restart must not wait for the last run's connections to be forgotten.
  if (!error) acceptor->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(tcp::acceptor::max_listen_connections, error);
  if (!error) return absl::OkStatus();
  if (error == boost::asio::error::address_in_use) {
    return Refused(absl::StatusCode::kAlreadyExists, "--admin-port",
                   std::to_string(port), error.message());
  }
  if (error == boost::asio::error::access_denied) {
    return Refused(absl::StatusCode::kPermissionDenied, "--admin-port",
                   std::to_string(port), error.message());
  }
  // An address of ours may come, so this is no error of the configuration.
  return Refused(absl::StatusCode::kUnavailable, "--admin-listen", listen,
                 error.message());
}

bool IsOurHost(std::string_view host, const boost::asio::ip::address& local) {
  const std::string name(HostOf(host));
  if (absl::EqualsIgnoreCase(name, "localhost")) return true;
  error_code error;
  const auto address = boost::asio::ip::make_address(name, error);
  return !error && (address.is_loopback() || address == local);
}

bool IsJsonType(std::string_view type) {
  const absl::string_view name =
      absl::StripAsciiWhitespace(ToAbsl(type.substr(0, type.find(';'))));
  return absl::EqualsIgnoreCase(name, "application/json");
}

bool IsOriginOf(std::string_view origin, std::string_view host) {
  const size_t colon = origin.find("://");
  return colon != origin.npos &&
         absl::EqualsIgnoreCase(ToAbsl(origin.substr(colon + 3)), ToAbsl(host));
}

bool AdminGuard::Allows(std::string_view path, std::string_view authorization) {
  if (MayUseAdmin(access_, path, authorization)) return true;
  if (counters_ != nullptr) counters_->Add(Metric::kAdminRefused);
  int64_t held_back = 0;
  // A browser's first question has none: it asks its user when it is told to.
  if (!authorization.empty() &&
      log_budget_.Take(SystemClock().MonoNs(), &held_back)) {
    LogWarning(absl::StrCat("admin: a wrong token was refused",
                            held_back > 0 ? ", and more before it" : ""));
  }
  return false;
}

}  // namespace streamhub
