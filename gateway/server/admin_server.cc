#include "gateway/server/admin_server.h"

#include <absl/status/status.h>
#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <list>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "gateway/base/strings.h"

namespace streamhub {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr size_t kHeaderBytesMax = 8 * 1024;
constexpr size_t kConnectionsMax = 64;
// Between requests of one connection, and for a request or answer to move.
constexpr std::chrono::seconds kIdleMax{60};
// After a failed accept, which is for want of descriptors or memory.
constexpr std::chrono::milliseconds kAcceptAgain{100};

constexpr char kText[] = "text/plain; charset=utf-8";

// The host of a Host field (RFC 9110 section 7.2), without its port.
std::string_view HostOf(std::string_view host) {
  if (host.starts_with('[')) {
    const size_t end = host.find(']');
    return end == host.npos ? std::string_view() : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

bool IsOurs(std::string_view host, const boost::asio::ip::address& local) {
  if (absl::EqualsIgnoreCase(ToAbsl(host), "localhost")) return true;
  error_code error;
  const auto address = boost::asio::ip::make_address(std::string(host), error);
  return !error && (address.is_loopback() || address == local);
}

class Connection;
// Those that are open, the one first whose last step is the longest ago.
using Connections = std::list<Connection*>;

}  // namespace

struct AdminServer::Parts {
  explicit Parts(AdminOptions o) : options(std::move(o)) {}

  void Accept();

  const AdminOptions options;
  Connections connections;  // admin thread; outlives those in `io`
  boost::asio::io_context io{1};
  tcp::acceptor acceptor{io};
  boost::asio::steady_timer accept_again{io};
  std::thread thread;
};

namespace {

// Reads requests from one socket and answers them. Admin thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, const AdminOptions& options,
             Connections* connections)
      : socket_(std::move(socket)),
        options_(options),
        connections_(connections),
        place_(connections->insert(connections->end(), this)),
        timer_(socket_.get_executor()) {}
  ~Connection() { Leave(); }

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Read();
  void Close();

 private:
  using Request = http::request<http::empty_body>;
  using Response = http::response<http::string_body>;

  void OnRead(const error_code& error);
  Response MakeResponse(const Request& request) const;
  void StartTimer();
  void Leave();

  tcp::socket socket_;
  const AdminOptions& options_;
  Connections* const connections_;
  std::optional<Connections::iterator> place_;  // none once closed
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_{2 * kHeaderBytesMax};
  std::optional<http::request_parser<http::empty_body>> parser_;
  std::optional<Response> response_;
};

void Connection::StartTimer() {
  if (place_.has_value()) {
    connections_->splice(connections_->end(), *connections_, *place_);
  }
  timer_.expires_after(kIdleMax);
  timer_.async_wait([weak = weak_from_this()](const error_code& error) {
    const auto self = weak.lock();
    if (!error && self != nullptr) self->Close();
  });
}

void Connection::Leave() {
  if (place_.has_value()) connections_->erase(*place_);
  place_.reset();
}

void Connection::Close() {
  Leave();
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  timer_.cancel();
}

void Connection::Read() {
  parser_.emplace();
  parser_->header_limit(kHeaderBytesMax);
  StartTimer();
  http::async_read_header(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](const error_code& error, size_t) {
        self->OnRead(error);
      });
}

void Connection::OnRead(const error_code& error) {
  // What cannot be parsed gets no answer: nobody who operates us sends it.
  if (error) return Close();
  const Request& request = parser_->get();
  response_ = MakeResponse(request);
  // No page here wants a body: it is left where it is, and the connection ends.
  response_->keep_alive(request.keep_alive() && parser_->is_done());
  response_->prepare_payload();  // a HEAD is told the length, too
  if (request.method() == http::verb::head) response_->body().clear();
  StartTimer();
  http::async_write(
      socket_, *response_,
      [self = shared_from_this()](const error_code& failed, size_t) {
        if (failed || !self->response_->keep_alive()) return self->Close();
        self->Read();
      });
}

Connection::Response Connection::MakeResponse(const Request& request) const {
  Response response(http::status::ok, request.version());
  response.set(http::field::content_type, kText);
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  const auto refuse = [&](http::status status, std::string why) {
    response.result(status);
    response.body() = std::move(why);
    return std::move(response);
  };
  error_code error;
  const auto local = socket_.local_endpoint(error).address();
  const auto host = request[http::field::host];
  if (!IsOurs(HostOf({host.data(), host.size()}), local)) {
    return refuse(http::status::misdirected_request,
                  "the Host of the request is not this machine\n");
  }
  const auto target = request.target();
  const std::string_view path = std::string_view(target.data(), target.size())
                                    .substr(0, target.find('?'));
  const bool health = path == "/healthz";
  if (!health && path != "/metrics") {
    return refuse(http::status::not_found,
                  "there is /healthz and /metrics here\n");
  }
  if (request.method() != http::verb::get &&
      request.method() != http::verb::head) {
    response.set(http::field::allow, "GET, HEAD");
    return refuse(http::status::method_not_allowed,
                  "this page is only read: GET or HEAD\n");
  }
  response.set(
      http::field::content_type,
      health ? "application/json" : "text/plain; version=0.0.4; charset=utf-8");
  response.body() = health ? options_.health() : options_.metrics();
  return response;
}

absl::Status Refused(absl::StatusCode code, std::string_view flag,
                     std::string_view value, std::string_view why) {
  return absl::Status(
      code, absl::StrCat(ToAbsl(flag), " ", ToAbsl(value), ": ", ToAbsl(why)));
}

absl::Status Listen(const AdminOptions& options, tcp::acceptor* acceptor) {
  error_code error;
  const auto address = boost::asio::ip::make_address(options.listen, error);
  if (error) {
    return Refused(absl::StatusCode::kInvalidArgument, "--admin-listen",
                   options.listen, "not an IP address");
  }
  const tcp::endpoint endpoint(address, static_cast<uint16_t>(options.port));
  acceptor->open(endpoint.protocol(), error);
  // A restart must not wait for the last run's connections to be forgotten.
  if (!error) acceptor->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(tcp::acceptor::max_listen_connections, error);
  if (!error) return absl::OkStatus();
  if (error == boost::asio::error::address_in_use) {
    return Refused(absl::StatusCode::kAlreadyExists, "--admin-port",
                   std::to_string(options.port), error.message());
  }
  if (error == boost::asio::error::access_denied) {
    return Refused(absl::StatusCode::kPermissionDenied, "--admin-port",
                   std::to_string(options.port), error.message());
  }
  // An address of ours may come, so this is no error of the configuration.
  return Refused(absl::StatusCode::kUnavailable, "--admin-listen",
                 options.listen, error.message());
}

}  // namespace

void AdminServer::Parts::Accept() {
  acceptor.async_accept([this](const error_code& error, tcp::socket socket) {
    if (error) {
      accept_again.expires_after(kAcceptAgain);
      accept_again.async_wait([this](const error_code& cancelled) {
        if (!cancelled) Accept();
      });
      return;
    }
    // Who sits here silent keeps nobody out.
    if (connections.size() == kConnectionsMax) connections.front()->Close();
    std::make_shared<Connection>(std::move(socket), options, &connections)
        ->Read();
    Accept();
  });
}

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(
    AdminOptions options) {
  auto parts = std::make_unique<Parts>(std::move(options));
  const absl::Status listening = Listen(parts->options, &parts->acceptor);
  if (!listening.ok()) return listening;
  parts->Accept();
  parts->thread = std::thread([io = &parts->io] { io->run(); });
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(parts)));
}

AdminServer::AdminServer(std::unique_ptr<Parts> parts)
    : parts_(std::move(parts)) {}

AdminServer::~AdminServer() {
  parts_->io.stop();
  parts_->thread.join();
}

int AdminServer::port() const {
  error_code ignored;
  return parts_->acceptor.local_endpoint(ignored).port();
}

}  // namespace streamhub
