#include "gateway/transport/http_connection.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/codec/event_id.h"
#include "gateway/codec/query_string.h"
#include "gateway/transport/http_answers.h"
#include "gateway/transport/http_framing.h"
#include "gateway/transport/http_stream_transport.h"
#include "gateway/transport/http_target.h"
#include "gateway/transport/latency_answer.h"
#include "gateway/transport/poll_transport.h"
#include "gateway/transport/publish_answer.h"
#include "gateway/transport/script_page.h"
#include "gateway/transport/sse_transport.h"
#include "gateway/transport/subscribe_requests.h"
#include "gateway/transport/ws_opening.h"
#include "gateway/transport/ws_transport.h"

namespace streamhub {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using HttpRequest = http::request<http::string_body>;
using HttpResponse = http::response<http::string_body>;

constexpr size_t kHeaderBytesMax = 32 * 1024;
constexpr std::string_view kWebSocketPath = "/v1/ws";
constexpr size_t kBodyBytesMax = 64 * 1024;

// How long a client may take to hang up after its last answer.
constexpr std::chrono::seconds kLingerTime{2};

std::string_view View(boost::beast::string_view s) {
  return {s.data(), s.size()};
}

PageRequest PageRequestOf(const HttpRequest& request) {
  return {View(request[http::field::referer]),
          View(request[http::field::host])};
}

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(AcceptedSocket accepted, ShardContext& shard)
      : socket_(std::move(accepted.socket)),
        slot_(std::move(accepted.slot)),
        base_(shard),
        shard_(&shard),
        timer_(socket_.get_executor()) {}

  HttpConnection(const HttpConnection&) = delete;

  void Read();

 private:
  // What serves a path below /v1/.
  struct Door {
    std::string_view path;
    void (HttpConnection::*serve)(const HttpRequest& request,
                                  std::string_view query);
    bool takes_post;
    bool takes_get = true;
  };
  static const Door* FindDoor(std::string_view path);
  enum Form { kText, kTextOrBinary };

  void OnHead(const error_code& error);
  void ReadBody();
  void OnRead(const error_code& error);
  void NoteOrigin(const HttpRequest& request);
  void OnRequest(const HttpRequest& request);
  bool EnterMarket(const HttpTarget& target, std::string* query);
  void StartWebSocket(const HttpRequest& request, std::string_view query);
  void StartSse(const HttpRequest& request, std::string_view query);
  void StartStream(const HttpRequest& request, std::string_view query);
  void StartPoll(const HttpRequest& request, std::string_view query);
  void StartPublish(const HttpRequest& request, std::string_view query);
  void StartJsonp(const HttpRequest& request, std::string_view query);
  void StartFrame(const HttpRequest& request, std::string_view query);
  void OnPolled(std::optional<PollTransport::Answer> answer);
  void EndPoll();
  template <HttpAnswer (*kMake)(std::string_view query, ShardContext& shard)>
  void AnswerBy(const HttpRequest&, std::string_view query) {
    Answer(kMake(query, *shard_));
  }
  bool TakeRequests(const HttpRequest& request, std::string_view query,
                    std::vector<ParsedRequest>* wanted, Encoding* encoding,
                    Form form = kTextOrBinary);
  void Answer(HttpAnswer answer);
  void StartTimer(std::chrono::nanoseconds time);
  void Linger();
  void Discard();
  void Drop();
  AcceptedSocket HandOver() { return {std::move(socket_), std::move(slot_)}; }

  ClientSocket socket_;
  Quota::Slot slot_;  // until the socket is handed over
  ShardContext& base_;
  ShardContext* shard_;  // of the market of the request at hand
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_{kHeaderBytesMax + kBodyBytesMax};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::shared_ptr<PollTransport> poll_;  // while it is waited for and written
  HttpHeaders cors_headers_;             // of the response at hand
  std::optional<ScriptPage> page_;       // that it is for
  std::vector<std::string> body_;        // of a script's GET
  PublishBudget budget_;
  bool keep_alive_ = false;
  bool head_ = false;
  unsigned version_ = 11;
};

void HttpConnection::Read() {
  head_ = false;
  cors_headers_.clear();
  page_.reset();
  body_.clear();
  parser_.emplace();
  parser_->header_limit(kHeaderBytesMax);
  parser_->body_limit(kBodyBytesMax);
  StartTimer(std::chrono::nanoseconds(shard_->handshake_ns_max));
  http::async_read_header(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](const error_code& error, size_t) {
        self->OnHead(error);
      });
}

void HttpConnection::OnHead(const error_code& error) {
  if (error) return OnRead(error);
  const HttpRequestHead& head = parser_->get();
  version_ = head.version();
  if (auto fault = FramingFault(head)) {
    NoteOrigin(parser_->get());
    return Answer(*std::move(fault));
  }
  if (parser_->is_done()) return OnRead({});
  if (!WantsContinue(head)) return ReadBody();
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  boost::asio::async_write(
      socket_, boost::asio::buffer(kContinue),
      [self = shared_from_this()](const error_code& failed, size_t) {
        if (failed) return self->Drop();
        self->ReadBody();
      });
}

void HttpConnection::ReadBody() {
  http::async_read(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](const error_code& error, size_t) {
        self->OnRead(error);
      });
}

void HttpConnection::OnRead(const error_code& error) {
  timer_.cancel();
  if (error == http::error::end_of_stream) return Drop();
  if (error) {
    auto answer = ReadFault(error);
    if (!answer.has_value()) return Drop();
    NoteOrigin(parser_->get());
    return Answer(*std::move(answer));
  }
  const HttpRequest request = parser_->release();
  keep_alive_ = request.keep_alive();
  version_ = request.version();
  shard_->counters.Add(Metric::kHttpRequests);
  OnRequest(request);
}

const HttpConnection::Door* HttpConnection::FindDoor(std::string_view path) {
  static constexpr Door kDoors[] = {
      {kWebSocketPath, &HttpConnection::StartWebSocket, false},
      {"/v1/sse", &HttpConnection::StartSse, false},
      {"/v1/stream", &HttpConnection::StartStream, true},
      {"/v1/poll", &HttpConnection::StartPoll, true},
      {"/v1/publish", &HttpConnection::StartPublish, true, false},
      {"/v1/jsonp", &HttpConnection::StartJsonp, false},
      {"/v1/frame", &HttpConnection::StartFrame, false},
      {"/v1/quotes", &HttpConnection::AnswerBy<QuotesAnswer>, false},
      {"/v1/symbols", &HttpConnection::AnswerBy<SymbolsAnswer>, false},
      {"/v1/latency", &HttpConnection::AnswerBy<LatencyAnswer>, false},
  };
  for (const Door& door : kDoors) {
    if (door.path == path) return &door;
  }
  return nullptr;
}

// A page of another origin must be let to read the errors, too.
void HttpConnection::NoteOrigin(const HttpRequest& request) {
  const HttpTarget target = SplitTarget(View(request.target()));
  if (!target.path.starts_with("/v1/") || target.path == kWebSocketPath) return;
  const std::string_view origin = View(request[http::field::origin]);
  cors_headers_ = request.method() == http::verb::options
                      ? shard_->cors.PreflightHeaders(origin)
                      : shard_->cors.Headers(origin);
}

void HttpConnection::OnRequest(const HttpRequest& request) {
  const HttpTarget target = SplitTarget(View(request.target()));
  const Door* const door = FindDoor(target.path);
  NoteOrigin(request);
  const bool post = request.method() == http::verb::post;
  head_ = request.method() == http::verb::head;
  const bool posts = door != nullptr && door->takes_post;
  if (door != nullptr && request.method() == http::verb::options) {
    return Answer({.status = 204, .has_length = false});
  }
  const bool gets = door == nullptr || door->takes_get;
  const bool get = head_ || request.method() == http::verb::get;
  if (!(get && gets) && !(post && posts)) {
    const std::string_view methods = !gets   ? "POST"
                                     : posts ? "GET, HEAD, POST"
                                             : "GET, HEAD";
    HttpAnswer answer =
        ErrorAnswer(405, "bad_request", "another method is wanted", methods);
    answer.headers.emplace_back("Allow", methods);
    return Answer(std::move(answer));
  }
  // RFC 9112 section 3.2.
  if (version_ >= 11 && request.count(http::field::host) != 1) {
    return Answer(
        ErrorAnswer(400, "bad_request", "one Host is wanted", "Host"));
  }
  if (shard_->stopping) {
    keep_alive_ = false;
    return Answer(ErrorAnswer(503, "unavailable", "server stopping"));
  }
  std::string query(door != nullptr ? target.query : std::string_view());
  if (!EnterMarket(target, &query)) return;
  if (door != nullptr) return (this->*door->serve)(request, query);
  Answer(FileAnswer(shard_->files, target.path,
                    View(request[http::field::if_none_match])));
}

// False: the market that the request names does not exist, and that is
// answered. Its name is taken out of the query.
bool HttpConnection::EnterMarket(const HttpTarget& target, std::string* query) {
  shard_ = &base_;
  std::vector<std::string> names = TakeParameters("market", query);
  if (!target.market.empty()) names.emplace_back(target.market);
  if (names.empty()) return true;
  if (names.size() > 1) {
    Answer(RefusalAnswer({"", "bad_request", "given twice", "market"}, base_));
    return false;
  }
  if (ShardContext* const found = base_.Of(names.front())) {
    shard_ = found;
    return true;
  }
  Answer(ErrorAnswer(404, "unknown_market", "there is no such market",
                     names.front()));
  return false;
}

void HttpConnection::StartWebSocket(const HttpRequest& request,
                                    std::string_view query) {
  auto opened =
      OpenWebSocket(request, query, !head_ && version_ >= 11, *shard_);
  if (auto* const refused = std::get_if<HttpAnswer>(&opened)) {
    return Answer(std::move(*refused));
  }
  const auto opening =
      std::make_shared<const WsOpening>(std::get<WsOpening>(std::move(opened)));
  boost::asio::async_write(
      socket_, boost::asio::buffer(opening->head),
      [self = shared_from_this(), opening](const error_code& error, size_t) {
        if (error) return self->Drop();
        const auto early = self->buffer_.data();
        WsTransport::Start(
            self->HandOver(), *self->shard_, *opening,
            {static_cast<const char*>(early.data()), early.size()});
      });
}

void HttpConnection::StartSse(const HttpRequest& request,
                              std::string_view query) {
  std::vector<ParsedRequest> wanted;
  Encoding encoding;
  if (!TakeRequests(request, query, &wanted, &encoding, kText)) return;
  ApplyEventId(View(request["Last-Event-ID"]),
               &std::get<Request>(wanted.front()));
  if (head_) return Answer(StreamHeadAnswer(SseTransport::kContentType));
  SseTransport::Start(HandOver(), *shard_, wanted, HeaderLines(cors_headers_));
}

void HttpConnection::StartStream(const HttpRequest& request,
                                 std::string_view query) {
  std::vector<ParsedRequest> wanted;
  Encoding encoding;
  if (!TakeRequests(request, query, &wanted, &encoding)) return;
  if (head_) {
    return Answer(StreamHeadAnswer(HttpStreamTransport::ContentType(encoding)));
  }
  HttpStreamTransport::Start(HandOver(), *shard_, wanted,
                             HeaderLines(cors_headers_), encoding,
                             /*chunked=*/version_ >= 11);
}

void HttpConnection::StartPoll(const HttpRequest& request,
                               std::string_view query) {
  std::vector<ParsedRequest> wanted;
  Encoding encoding;
  if (!TakeRequests(request, query, &wanted, &encoding,
                    page_.has_value() ? kText : kTextOrBinary))
    return;
  if (head_) {
    HttpAnswer answer = BatchAnswer("", encoding);
    answer.has_length = false;
    return Answer(std::move(answer));
  }
  poll_ = PollTransport::Start(
      socket_, *shard_, wanted, encoding,
      [self = shared_from_this()](std::optional<PollTransport::Answer> answer) {
        self->OnPolled(std::move(answer));
      });
  if (poll_ == nullptr) {
    return Answer(FullAnswer());
  }
}

void HttpConnection::StartPublish(const HttpRequest& request,
                                  std::string_view query) {
  Answer(
      PublishAnswer({query, request.body(), View(request[http::field::origin]),
                     View(request[http::field::host])},
                    &budget_, *shard_));
}

void HttpConnection::StartJsonp(const HttpRequest& request,
                                std::string_view query) {
  std::string rest(query);
  auto page = JsonpPage(PageRequestOf(request), *shard_, &rest);
  if (auto* const refused = std::get_if<HttpAnswer>(&page)) {
    return Answer(std::move(*refused));
  }
  page_ = std::get<ScriptPage>(std::move(page));
  body_ = TakeParameters("requests", &rest);
  if (body_.size() > 1) {
    return Answer(
        RefusalAnswer({"", "bad_request", "given twice", "requests"}, *shard_));
  }
  StartPoll(request, rest);
}

void HttpConnection::StartFrame(const HttpRequest& request,
                                std::string_view query) {
  auto page = FramePage(PageRequestOf(request), *shard_);
  if (auto* const refused = std::get_if<HttpAnswer>(&page)) {
    return Answer(std::move(*refused));
  }
  page_ = std::get<ScriptPage>(std::move(page));
  std::vector<ParsedRequest> wanted;
  Encoding encoding;
  if (!TakeRequests(request, query, &wanted, &encoding, kText)) return;
  if (head_) return Answer(StreamHeadAnswer(HttpStreamTransport::kFrameType));
  HttpStreamTransport::StartFrame(HandOver(), *shard_, wanted,
                                  HeaderLines(cors_headers_),
                                  *std::exchange(page_, std::nullopt),
                                  /*chunked=*/version_ >= 11);
}

void HttpConnection::OnPolled(std::optional<PollTransport::Answer> answer) {
  if (!answer.has_value()) return Drop();
  HttpAnswer out = BatchAnswer(std::move(answer->body), answer->encoding);
  if (answer->refused) out.status = 400;
  out.last = answer->last;
  Answer(std::move(out));
}

// The session ends when its answer is out, so that a stop waits for it.
void HttpConnection::EndPoll() {
  if (poll_ == nullptr) return;
  std::exchange(poll_, nullptr)->Finish();
}

// False: there are none, and that is answered.
bool HttpConnection::TakeRequests(const HttpRequest& request,
                                  std::string_view query,
                                  std::vector<ParsedRequest>* wanted,
                                  Encoding* encoding, Form form) {
  std::string rest(query);
  auto error = TakeEncoding(&rest, encoding);
  if (form == kText && *encoding != Encoding::kJson) {
    error = {"", "not_supported", "this transport is text", "encoding"};
  }
  if (!error.has_value()) {
    *wanted = request.method() == http::verb::post
                  ? RequestsOfBody(rest, request.body())
              : !body_.empty() ? RequestsOfBody(rest, body_.back())
                               : RequestsOfQuery(rest);
    if (const auto* const all = ErrorIfAllFaulty(*wanted)) error = *all;
  }
  if (error.has_value()) Answer(RefusalAnswer(*error, *shard_));
  return !error.has_value();
}

void HttpConnection::Answer(HttpAnswer answer) {
  if (answer.status >= 400) shard_->counters.Add(Metric::kHttpErrors);
  if (page_.has_value() && answer.has_length) {
    answer = page_->Wrap(std::move(answer));
  }
  const auto response = std::make_shared<HttpResponse>(
      static_cast<http::status>(answer.status), version_);
  for (const auto& [name, value] : answer.headers) {
    response->set({name.data(), name.size()}, value);
  }
  for (const auto& [name, value] : cors_headers_) {
    response->set({name.data(), name.size()}, value);
  }
  response->set("X-Content-Type-Options", "nosniff");
  response->body() = std::move(answer.body);
  if (answer.has_length) response->prepare_payload();
  if (head_) response->body().clear();  // it is told the length all the same
  if (answer.last) keep_alive_ = false;
  response->keep_alive(keep_alive_);
  StartTimer(std::chrono::nanoseconds(shard_->write_ns_max));
  http::async_write(
      socket_, *response,
      [self = shared_from_this(), response](const error_code& error, size_t) {
        self->EndPoll();
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
  socket_.shutdown(ClientSocket::shutdown_send, error);
  if (error) return Drop();
  StartTimer(kLingerTime);
  Discard();
}

void HttpConnection::Discard() {
  socket_.async_wait(ClientSocket::wait_read, [self = shared_from_this()](
                                                  const error_code& waited) {
    if (waited) return self->Drop();
    error_code error;
    self->socket_.read_some(boost::asio::buffer(self->shard_->read_buffer),
                            error);
    if (error && error != boost::asio::error::would_block) return self->Drop();
    self->Discard();
  });
}

void HttpConnection::Drop() {
  EndPoll();
  timer_.cancel();
  error_code ignored;
  socket_.shutdown(ClientSocket::shutdown_both, ignored);
  socket_.close(ignored);
}

}  // namespace

void ServeHttp(AcceptedSocket accepted, ShardContext& shard) {
  std::make_shared<HttpConnection>(std::move(accepted), shard)->Read();
}

}  // namespace streamhub
