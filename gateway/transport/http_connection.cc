#include "gateway/transport/http_connection.h"

#include <absl/strings/numbers.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/base/utf8.h"
#include "gateway/codec/documents.h"
#include "gateway/codec/event_id.h"
#include "gateway/codec/json.h"
#include "gateway/codec/query_string.h"
#include "gateway/codec/ws_handshake.h"
#include "gateway/transport/sse_transport.h"
#include "gateway/transport/ws_transport.h"

namespace streamhub {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using Socket = boost::asio::ip::tcp::socket;
using HttpRequest = http::request<http::string_body>;
using HttpResponse = http::response<http::string_body>;

constexpr size_t kHeaderBytesMax = 32 * 1024;
constexpr size_t kBodyBytesMax = 64 * 1024;
constexpr int kSymbolsPageMax = 1000;

// How long a client may take to hang up after its last answer.
constexpr std::chrono::seconds kLingerTime{2};

std::string_view View(boost::beast::string_view s) {
  return {s.data(), s.size()};
}

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(Socket socket, ShardContext& shard)
      : socket_(std::move(socket)),
        shard_(shard),
        connections_(shard.http_connections),
        timer_(socket_.get_executor()) {
    ++connections_;
  }
  ~HttpConnection() { --connections_; }

  HttpConnection(const HttpConnection&) = delete;

  void Read();

 private:
  void OnRead(const error_code& error);
  void OnRequest(const HttpRequest& request);
  void StartWebSocket(const HttpRequest& request, std::string_view query);
  void StartSse(const HttpRequest& request, std::string_view query);
  void AnswerQuotes(std::string_view query);
  void AnswerSymbols(std::string_view query);
  void AnswerFile(const HttpRequest& request, std::string_view path);
  void AnswerJson(http::status status, std::string body);
  void AnswerError(http::status status, std::string_view code,
                   std::string_view reason, std::string_view key = {});
  void AnswerError(http::status status, const RequestError& error);
  void Refuse(const RequestError& error);
  HttpResponse MakeResponse(http::status status) const;
  void Answer(HttpResponse response);
  void Write(HttpResponse response);
  void StartTimer(std::chrono::nanoseconds time);
  void Linger();
  void Discard();
  void Drop();

  Socket socket_;
  ShardContext& shard_;
  size_t& connections_;
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_{kHeaderBytesMax + kBodyBytesMax};
  std::optional<http::request_parser<http::string_body>> parser_;
  bool keep_alive_ = false;
  bool head_ = false;
  unsigned version_ = 11;
};

void HttpConnection::Read() {
  head_ = false;
  parser_.emplace();
  parser_->header_limit(kHeaderBytesMax);
  parser_->body_limit(kBodyBytesMax);
  StartTimer(std::chrono::nanoseconds(shard_.handshake_ns_max));
  http::async_read(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](const error_code& error, size_t) {
        self->OnRead(error);
      });
}

void HttpConnection::OnRead(const error_code& error) {
  timer_.cancel();
  if (error == http::error::end_of_stream) return Drop();
  keep_alive_ = false;
  if (error == http::error::header_limit) {
    return AnswerError(http::status::request_header_fields_too_large,
                       "bad_request", "request line and headers above 32 KB");
  }
  if (error == http::error::body_limit) {
    return AnswerError(http::status::payload_too_large, "bad_request",
                       "body above 64 KB");
  }
  if (error) {
    if (error.category() != http::make_error_code(http::error{}).category()) {
      return Drop();
    }
    return AnswerError(http::status::bad_request, "bad_request",
                       error.message());
  }
  const HttpRequest request = parser_->release();
  keep_alive_ = request.keep_alive();
  version_ = request.version();
  shard_.counters.Add(Metric::kHttpRequests);
  OnRequest(request);
}

void HttpConnection::OnRequest(const HttpRequest& request) {
  head_ = request.method() == http::verb::head;
  if (!head_ && request.method() != http::verb::get) {
    return AnswerError(http::status::method_not_allowed, "bad_request",
                       "only GET and HEAD are answered here");
  }
  // RFC 9112 section 3.2.
  if (version_ >= 11 && request.count(http::field::host) != 1) {
    return AnswerError(http::status::bad_request, "bad_request",
                       "one Host is wanted", "Host");
  }
  if (shard_.stopping) {
    keep_alive_ = false;
    return AnswerError(http::status::service_unavailable, "unavailable",
                       "server stopping");
  }
  const std::string_view target = View(request.target());
  const size_t mark = target.find('?');
  const std::string_view path = target.substr(0, mark);
  const std::string_view query =
      mark == target.npos ? std::string_view() : target.substr(mark + 1);
  if (path == "/v1/ws") return StartWebSocket(request, query);
  if (path == "/v1/sse") return StartSse(request, query);
  if (path == "/v1/quotes") return AnswerQuotes(query);
  if (path == "/v1/symbols") return AnswerSymbols(query);
  AnswerFile(request, path);
}

// RFC 6455 section 4.2.
void HttpConnection::StartWebSocket(const HttpRequest& request,
                                    std::string_view query) {
  const bool upgrade =
      !head_ && version_ >= 11 &&
      http::token_list(request[http::field::upgrade]).exists("websocket") &&
      http::token_list(request[http::field::connection]).exists("upgrade");
  const std::string_view key = View(request["Sec-WebSocket-Key"]);
  if (!upgrade || View(request["Sec-WebSocket-Version"]) != "13") {
    HttpResponse response = MakeResponse(http::status::upgrade_required);
    response.set(http::field::upgrade, "websocket");
    response.set(http::field::connection, "Upgrade");
    response.set("Sec-WebSocket-Version", "13");
    response.body() = "this is a WebSocket (version 13)\n";
    return Answer(std::move(response));
  }
  if (!IsValidWebSocketKey(key)) {
    return AnswerError(http::status::bad_request, "bad_request",
                       "not the base64 of 16 bytes", "Sec-WebSocket-Key");
  }
  std::optional<Request> first;
  if (!query.empty()) {
    ParsedRequest parsed = ParseQuery(query);
    if (const auto* error = std::get_if<RequestError>(&parsed)) {
      return Refuse(*error);
    }
    first = std::move(std::get<Request>(parsed));
  }
  std::string head =
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      WebSocketAccept(key) + "\r\n";
  constexpr std::string_view kProtocol = "streamhub.v1.json";
  if (http::token_list(request["Sec-WebSocket-Protocol"])
          .exists({kProtocol.data(), kProtocol.size()})) {
    head += "Sec-WebSocket-Protocol: streamhub.v1.json\r\n";
  }
  head += "\r\n";
  const auto text = std::make_shared<std::string>(std::move(head));
  boost::asio::async_write(
      socket_, boost::asio::buffer(*text),
      [self = shared_from_this(), text, first = std::move(first)](
          const error_code& error, size_t) {
        if (error) return self->Drop();
        const auto early = self->buffer_.data();
        WsTransport::Start(
            std::move(self->socket_), self->shard_,
            {static_cast<const char*>(early.data()), early.size()},
            first.has_value() ? &*first : nullptr);
      });
}

void HttpConnection::StartSse(const HttpRequest& request,
                              std::string_view query) {
  ParsedRequest parsed = ParseQuery(query);
  if (std::holds_alternative<Request>(parsed)) {
    ApplyEventId(View(request["Last-Event-ID"]), &std::get<Request>(parsed));
  }
  if (const auto* error = std::get_if<RequestError>(&parsed)) {
    return Refuse(*error);
  }
  if (head_) {  // the headers of what has no end
    HttpResponse response = MakeResponse(http::status::ok);
    response.set(http::field::content_type, "text/event-stream; charset=utf-8");
    response.set(http::field::cache_control, "no-store, no-transform");
    keep_alive_ = false;
    return Write(std::move(response));
  }
  SseTransport::Start(std::move(socket_), shard_, std::get<Request>(parsed));
}

void HttpConnection::AnswerQuotes(std::string_view query) {
  const ParsedRequest parsed = ParseQuery(query);
  if (const auto* error = std::get_if<RequestError>(&parsed)) {
    return Refuse(*error);
  }
  std::string body;
  AppendQuotes(shard_.market, shard_.clock, std::get<Request>(parsed), &body);
  AnswerJson(http::status::ok, std::move(body));
}

void HttpConnection::AnswerSymbols(std::string_view query) {
  std::string prefix, after, bad;
  int limit = 100;
  std::vector<QueryParameter> parameters;
  if (!SplitQuery(query, &parameters, &bad)) {
    return AnswerError(http::status::bad_request, "bad_request",
                       "% not followed by two hex digits", bad);
  }
  for (const auto& [name, value] : parameters) {
    if (name == "prefix") {
      prefix = value;
    } else if (name == "after") {
      after = value;
    } else if (name.starts_with('_')) {
      continue;
    } else if (name != "limit") {
      return AnswerError(http::status::bad_request, "bad_request",
                         "unknown parameter", name);
    } else if (!absl::SimpleAtoi(value, &limit) || limit < 1 ||
               limit > kSymbolsPageMax) {
      return AnswerError(http::status::bad_request, "bad_request",
                         "limit must be 1-1000", name);
    }
  }
  std::string body;
  AppendSymbols(shard_.market, prefix, after, static_cast<size_t>(limit),
                &body);
  AnswerJson(http::status::ok, std::move(body));
}

void HttpConnection::AnswerFile(const HttpRequest& request,
                                std::string_view path) {
  const StaticFiles::File* file = shard_.files.Find(path);
  if (file == nullptr) {
    return AnswerError(http::status::not_found, "not_found", "no such page",
                       path);
  }
  // RFC 9110 section 13.1.2: a list, and proxies make tags weak (W/"...").
  const std::string_view known = View(request[http::field::if_none_match]);
  const bool same = known == "*" || known.find(file->etag) != known.npos;
  HttpResponse response =
      MakeResponse(same ? http::status::not_modified : http::status::ok);
  response.set(http::field::etag, file->etag);
  response.set(http::field::cache_control, "no-cache");
  response.set(http::field::content_type,
               {file->content_type.data(), file->content_type.size()});
  if (same) return Write(std::move(response));
  response.body() = file->body;
  Answer(std::move(response));
}

void HttpConnection::AnswerError(http::status status, std::string_view code,
                                 std::string_view reason,
                                 std::string_view key) {
  AnswerError(status,
              {"", std::string(code), std::string(reason), ShownText(key)});
}

void HttpConnection::AnswerError(http::status status,
                                 const RequestError& error) {
  std::string body;
  AppendError(error, &body);
  body += '\n';
  AnswerJson(status, std::move(body));
}

void HttpConnection::Refuse(const RequestError& error) {
  shard_.counters.Add(Metric::kRequestErrors);
  AnswerError(http::status::bad_request, error);
}

void HttpConnection::AnswerJson(http::status status, std::string body) {
  HttpResponse response = MakeResponse(status);
  response.set(http::field::content_type, "application/json");
  response.set(http::field::cache_control, "no-store");
  response.body() = std::move(body);
  Answer(std::move(response));
}

HttpResponse HttpConnection::MakeResponse(http::status status) const {
  HttpResponse response(status, version_);
  if (status == http::status::method_not_allowed) {
    response.set(http::field::allow, "GET, HEAD");
  }
  response.set("X-Content-Type-Options", "nosniff");
  return response;
}

void HttpConnection::Answer(HttpResponse response) {
  response.prepare_payload();
  if (head_) response.body().clear();  // it is told the length all the same
  Write(std::move(response));
}

void HttpConnection::Write(HttpResponse response) {
  if (response.result_int() >= 400) {
    shard_.counters.Add(Metric::kHttpErrors);
  }
  response.keep_alive(keep_alive_);
  StartTimer(std::chrono::nanoseconds(shard_.handshake_ns_max));
  const auto kept = std::make_shared<HttpResponse>(std::move(response));
  http::async_write(
      socket_, *kept,
      [self = shared_from_this(), kept](const error_code& error, size_t) {
        if (error) return self->Drop();
        if (!self->keep_alive_) return self->Linger();
        self->Read();
      });
}

void HttpConnection::StartTimer(std::chrono::nanoseconds time) {
  timer_.expires_after(time);
  timer_.async_wait([self = weak_from_this()](const error_code& error) {
    if (const auto alive = self.lock(); alive && !error) alive->Drop();
  });
}

// To close with bytes unread would reset the connection, and the client might
// lose the answer with it (RFC 9112 section 9.6).
void HttpConnection::Linger() {
  error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  if (error) return Drop();
  StartTimer(kLingerTime);
  Discard();
}

void HttpConnection::Discard() {
  socket_.async_wait(
      Socket::wait_read, [self = shared_from_this()](const error_code& waited) {
        if (waited) return self->Drop();
        error_code error;
        self->socket_.read_some(boost::asio::buffer(self->shard_.read_buffer),
                                error);
        if (error && error != boost::asio::error::would_block)
          return self->Drop();
        self->Discard();
      });
}

void HttpConnection::Drop() {
  timer_.cancel();
  error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
}

}  // namespace

void ServeHttp(Socket socket, ShardContext& shard) {
  std::make_shared<HttpConnection>(std::move(socket), shard)->Read();
}

}  // namespace streamhub
