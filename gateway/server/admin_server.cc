#include "gateway/server/admin_server.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
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
#include <vector>

#include "gateway/base/strings.h"
#include "gateway/server/admin_rules.h"

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
constexpr char kOwnField[] = "X-StreamHub-Admin";

// The two pages that are always there, before all others.
std::vector<AdminRoute> AllRoutes(const AdminOptions& options) {
  std::vector<AdminRoute> routes = {
      {"GET", "/healthz",
       [page = options.health](const AdminRequest&) { return page(); }},
      {"GET", "/metrics", [page = options.metrics](const AdminRequest&) {
         return AdminAnswer{.type = "text/plain; version=0.0.4; charset=utf-8",
                            .body = page()};
       }}};
  routes.insert(routes.end(), options.routes.begin(), options.routes.end());
  return routes;
}

class Connection;
// Those that are open, the one first whose last step is the longest ago.
using Connections = std::list<Connection*>;

}  // namespace

struct AdminServer::Parts {
  explicit Parts(AdminOptions o)
      : options(std::move(o)),
        routes(AllRoutes(options)),
        guard(options.access, options.counters) {}

  void Accept();

  const AdminOptions options;
  const std::vector<AdminRoute> routes;
  AdminGuard guard;         // admin thread
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
  Connection(tcp::socket socket, const std::vector<AdminRoute>& routes,
             AdminGuard* guard, Connections* connections)
      : socket_(std::move(socket)),
        routes_(routes),
        guard_(guard),
        connections_(connections),
        place_(connections->insert(connections->end(), this)),
        timer_(socket_.get_executor()) {}
  ~Connection() { Leave(); }

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Read();
  void Close();

 private:
  using Parser = http::request_parser<http::string_body>;
  using Request = Parser::value_type;
  using Response = http::response<http::string_body>;

  void OnHead(const error_code& error);
  void OnBody(const error_code& error);
  // What stands against the request, by its head alone, and if nothing does
  // the route that it takes.
  std::optional<AdminAnswer> Refusal(const Request& request);
  std::optional<AdminAnswer> PostRefusal(const Request& request) const;
  void Answer(const Request& request);
  void Send(const Request& request, AdminAnswer answer);
  void StartTimer();
  void Leave();

  tcp::socket socket_;
  const std::vector<AdminRoute>& routes_;
  AdminGuard* const guard_;
  Connections* const connections_;
  std::optional<Connections::iterator> place_;  // none once closed
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_{2 * kHeaderBytesMax};
  std::optional<Parser> parser_;
  const AdminRoute* route_ = nullptr;  // of the request
  std::string allow_;                  // of a method that is refused
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
  // What is too long is refused by us, with an answer.
  parser_->body_limit(boost::none);
  route_ = nullptr;
  allow_.clear();
  StartTimer();
  http::async_read_header(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](const error_code& error, size_t) {
        self->OnHead(error);
      });
}

void Connection::OnHead(const error_code& error) {
  // What cannot be parsed gets no answer: nobody who operates us sends it.
  if (error) return Close();
  const Request& request = parser_->get();
  if (auto refusal = Refusal(request); refusal.has_value()) {
    return Send(request, *std::move(refusal));
  }
  // A body that no page wants is left where it is, and the connection ends.
  if (request.method() != http::verb::post || parser_->is_done()) {
    return Answer(request);
  }
  parser_->body_limit(kAdminBodyBytesMax);
  StartTimer();
  http::async_read(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](const error_code& failed, size_t) {
        self->OnBody(failed);
      });
}

void Connection::OnBody(const error_code& error) {
  if (error == http::error::body_limit) {
    return Send(parser_->get(), AdminError(413, "the body is too long"));
  }
  if (error) return Close();
  Answer(parser_->get());
}

std::optional<AdminAnswer> Connection::Refusal(const Request& request) {
  const auto refuse = [](int status, std::string why) {
    return AdminAnswer{
        .status = status, .type = kText, .body = std::move(why) + "\n"};
  };
  error_code error;
  const auto local = socket_.local_endpoint(error).address();
  const auto host = request[http::field::host];
  if (!IsOurHost({host.data(), host.size()}, local)) {
    return refuse(421, "the Host of the request is not this machine");
  }
  const auto target = request.target();
  const std::string_view path = std::string_view(target.data(), target.size())
                                    .substr(0, target.find('?'));
  const auto authorization = request[http::field::authorization];
  if (!guard_->Allows(path, {authorization.data(), authorization.size()})) {
    return refuse(401,
                  "this wants the token of admin_token_file: as Bearer, or "
                  "as a password");
  }
  const auto sent = request.method_string();
  const std::string_view method =
      request.method() == http::verb::head
          ? std::string_view("GET")
          : std::string_view(sent.data(), sent.size());
  for (const AdminRoute& route : routes_) {
    if (!route.IsOf(path)) continue;
    if (route.method == method) {
      route_ = &route;
      return method == "POST" ? PostRefusal(request) : std::nullopt;
    }
    absl::StrAppend(&allow_, allow_.empty() ? "" : ", ", route.method,
                    route.method == "GET" ? ", HEAD" : "");
  }
  if (!allow_.empty()) return refuse(405, "this path takes only " + allow_);
  std::string known;
  for (const AdminRoute& route : routes_) {
    absl::StrAppend(&known, known.empty() ? "there is " : ", ", route.method,
                    " ", route.path);
  }
  return refuse(404, known);
}

std::optional<AdminAnswer> Connection::PostRefusal(
    const Request& request) const {
  const auto field = [&](auto name) {
    const auto value = request[name];
    return std::string_view(value.data(), value.size());
  };
  if (request.count(http::field::origin) > 0 &&
      !IsOriginOf(field(http::field::origin), field(http::field::host))) {
    return AdminError(403, "the Origin of the request is another site");
  }
  if (!IsJsonType(field(http::field::content_type)) &&
      request.count(kOwnField) == 0) {
    return AdminError(
        415,
        "want Content-Type: application/json, or a field X-StreamHub-Admin");
  }
  const auto length = parser_->content_length();
  if (length.has_value() && *length > kAdminBodyBytesMax) {
    return AdminError(413, "the body is too long");
  }
  return std::nullopt;
}

void Connection::Answer(const Request& request) {
  const auto target = request.target();
  const std::string_view whole(target.data(), target.size());
  const size_t mark = std::min(whole.find('?'), whole.size());
  error_code error;
  const tcp::endpoint peer = socket_.remote_endpoint(error);
  const std::string from =
      error ? "" : absl::StrCat(peer.address().to_string(), ":", peer.port());
  const auto authorization = request[http::field::authorization];
  const std::string user = UserOf({authorization.data(), authorization.size()});
  Send(request,
       route_->answer({.method = route_->method,
                       .path = whole.substr(0, mark),
                       .query = whole.substr(std::min(mark + 1, whole.size())),
                       .body = request.body(),
                       .peer = from,
                       .user = user}));
}

void Connection::Send(const Request& request, AdminAnswer answer) {
  response_.emplace(static_cast<http::status>(answer.status),
                    request.version());
  Response& response = *response_;
  response.set(http::field::content_type, answer.type);
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Content-Security-Policy",
               answer.policy.empty()
                   ? "default-src 'none'; frame-ancestors 'none'"
                   : answer.policy);
  if (answer.status == 401) {
    // Either will do; a browser knows the second.
    response.insert(http::field::www_authenticate,
                    "Bearer realm=\"StreamHub admin\"");
    response.insert(http::field::www_authenticate,
                    "Basic realm=\"StreamHub admin\", charset=\"UTF-8\"");
  }
  if (answer.status == 405) response.set(http::field::allow, allow_);
  response.body() = std::move(answer.body);
  response.keep_alive(request.keep_alive() && parser_->is_done());
  response.prepare_payload();  // a HEAD is told the length, too
  if (request.method() == http::verb::head) response.body().clear();
  StartTimer();
  http::async_write(
      socket_, response,
      [self = shared_from_this()](const error_code& failed, size_t) {
        if (failed || !self->response_->keep_alive()) return self->Close();
        self->Read();
      });
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
    std::make_shared<Connection>(std::move(socket), routes, &guard,
                                 &connections)
        ->Read();
    Accept();
  });
}

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(
    AdminOptions options) {
  auto parts = std::make_unique<Parts>(std::move(options));
  const absl::Status listening = ListenForAdmin(
      parts->options.listen, parts->options.port, &parts->acceptor);
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

void AdminServer::SetAccess(AdminAccess access) {
  boost::asio::post(parts_->io, [guard = &parts_->guard,
                                 access = std::move(access)]() mutable {
    guard->Set(std::move(access));
  });
}

}  // namespace streamhub
