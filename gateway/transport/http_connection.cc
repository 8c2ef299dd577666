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

#include "gateway/base/token_bucket.h"
#include "gateway/codec/event_id.h"
#include "gateway/codec/query_string.h"
#include "gateway/transport/client_stream_async.h"
#include "gateway/transport/http_answers.h"
#include "gateway/transport/http_framing.h"
#include "gateway/transport/http_stream_transport.h"
#include "gateway/transport/http_target.h"
#include "gateway/transport/latency_answer.h"
#include "gateway/transport/poll_transport.h"
#include "gateway/transport/publish_answer.h"
#include "gateway/transport/refusal.h"
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

constexpr std::string_view kWebSocketPath = "/v1/ws";

// So many seconds' requests may come at once.
constexpr double kRequestBurstSeconds = 10;

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
      : stream_(std::move(accepted.stream)),
        slot_(std::move(accepted.slot)),
        place_(std::move(accepted.place)),
        refusal_(accepted.refusal),
        base_(shard),
        shard_(&shard),
        timer_(stream_.get_executor()) {}

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
    bool tells_refusal = false;
  };
  static const Door* FindDoor(std::string_view path);
  static bool OpensSession(const Door* door);
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
  AcceptedSocket HandOver() {
    return {std::move(stream_), std::move(slot_), std::move(place_), refusal_};
  }
  void ReadNext();
  void AwaitNext();
  void Expire();

  ClientStream stream_;
  Quota::Slot slot_;            // until the socket is handed over
  AddressLimits::Place place_;  // the same
  const std::optional<Refusal> refusal_;
  ShardContext& base_;
  ShardContext* shard_;  // of the market of the request at hand
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_{base_.limits.header_bytes_max +
                                    base_.limits.body_bytes_max};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::shared_ptr<PollTransport> poll_;  // while it is waited for and written
  HttpHeaders cors_headers_;             // of the response at hand
  std::optional<ScriptPage> page_;       // that it is for
  std::vector<std::string> body_;        // of a script's GET
  PublishBudget budget_{&place_};
  TokenBucket requests_;
  int64_t rest_ns_ = 0;       // before the next request is read
  bool awaits_first_ = true;  // no request was read yet
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
  parser_->header_limit(static_cast<uint32_t>(base_.limits.header_bytes_max));
  parser_->body_limit(base_.limits.body_bytes_max);
  StartTimer(std::chrono::nanoseconds(shard_->handshake_ns_max));
  http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](const error_code& error, size_t) {
        self->OnHead(error);
      });
}

// After an answer.
void HttpConnection::ReadNext() {
  if (rest_ns_ == 0) return AwaitNext();
  timer_.expires_after(std::chrono::nanoseconds(std::exchange(rest_ns_, 0)));
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->AwaitNext();
  });
}

// Between requests a connection may rest for longer than one may take.
void HttpConnection::AwaitNext() {
  if (buffer_.size() > 0 || stream_.HasReceived()) return Read();
  StartTimer(std::chrono::nanoseconds(base_.limits.keep_alive_ns_max));
  stream_.socket().async_wait(
      ClientSocket::wait_read,
      [self = shared_from_this()](const error_code& error) {
        if (error) return self->Drop();
        self->Read();
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
      stream_, boost::asio::buffer(kContinue),
      [self = shared_from_this()](const error_code& failed, size_t) {
        if (failed) return self->Drop();
        self->ReadBody();
      });
}

void HttpConnection::ReadBody() {
  http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](const error_code& error, size_t) {
        self->OnRead(error);
      });
}

void HttpConnection::OnRead(const error_code& error) {
  timer_.cancel();
  awaits_first_ = false;
  if (error == http::error::end_of_stream) return Drop();
  if (error) {
    auto answer = ReadFault(error, *shard_);
    if (!answer.has_value()) return Drop();
    NoteOrigin(parser_->get());
    return Answer(*std::move(answer));
  }
  const HttpRequest request = parser_->release();
  keep_alive_ = request.keep_alive();
  version_ = request.version();
  shard_->counters.Add(Metric::kHttpRequests);
  const double per_second = base_.limits.requests_per_second;
  rest_ns_ = requests_.Charge({per_second, kRequestBurstSeconds * per_second},
                              1, base_.clock.MonoNs());
  if (rest_ns_ > 0) base_.Note(Limit::kRequests);
  OnRequest(request);
}

const HttpConnection::Door* HttpConnection::FindDoor(std::string_view path) {
  static constexpr Door kDoors[] = {
      {kWebSocketPath, &HttpConnection::StartWebSocket, false, true, true},
      {"/v1/sse", &HttpConnection::StartSse, false, true, true},
      {"/v1/stream", &HttpConnection::StartStream, true, true, true},
      {"/v1/poll", &HttpConnection::StartPoll, true},
      {"/v1/publish", &HttpConnection::StartPublish, true, false},
      {"/v1/jsonp", &HttpConnection::StartJsonp, false, true, true},
      {"/v1/frame", &HttpConnection::StartFrame, false, true, true},
      {"/v1/quotes", &HttpConnection::AnswerBy<QuotesAnswer>, false},
      {"/v1/symbols", &HttpConnection::AnswerBy<SymbolsAnswer>, false},
      {"/v1/latency", &HttpConnection::AnswerBy<LatencyAnswer>, false},
  };
  for (const Door& door : kDoors) {
    if (door.path == path) return &door;
  }
  return nullptr;
}

// Where a session opens it is told that the server stops, and when to come
// back, by a message that also scripts see.
bool HttpConnection::OpensSession(const Door* door) {
  if (door == nullptr) return false;
  for (const auto serve :
       {&HttpConnection::StartWebSocket, &HttpConnection::StartSse,
        &HttpConnection::StartStream, &HttpConnection::StartPoll,
        &HttpConnection::StartJsonp, &HttpConnection::StartFrame}) {
    if (door->serve == serve) return true;
  }
  return false;
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
  if (shard_->stopping && !OpensSession(door)) {
    keep_alive_ = false;
    return Answer(ErrorAnswer(503, "unavailable", "server stopping"));
  }
  std::string query(door != nullptr ? target.query : std::string_view());
  if (!EnterMarket(target, &query)) return;
  // Those that stream tell it in their own way.
  if (refusal_.has_value() && (door == nullptr || !door->tells_refusal)) {
    keep_alive_ = false;
    return Answer(UnavailableAnswer(*refusal_));
  }
  if (door != nullptr) return (this->*door->serve)(request, query);
  Answer(FileAnswer(shard_->files, target.path,
                    View(request[http::field::if_none_match])));
}

// False: the market that the request names does not exist, and that is
// answered. Its name is taken out of the query.
bool HttpConnection::EnterMarket(const HttpTarget& target, std::string* query) {
  shard_ = &base_;
  std::vector<std::string> names = TakeParameters("market", query);
  if (!target.market.empty()) names.push_back(std::string(target.market));
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
      stream_, boost::asio::buffer(opening->head),
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
  if (refusal_.has_value()) {
    keep_alive_ = false;
    return Answer(UnavailableAnswer(*refusal_));
  }
  if (head_) {
    HttpAnswer answer = BatchAnswer("", encoding);
    answer.has_length = false;
    return Answer(std::move(answer));
  }
  poll_ = PollTransport::Start(
      stream_, *shard_, wanted, encoding,
      [self = shared_from_this()](std::optional<PollTransport::Answer> answer) {
        self->OnPolled(std::move(answer));
      });
  if (poll_ == nullptr) {
    return Answer(UnavailableAnswer(shard_->fanout.refusal()));
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
      stream_, *response,
      [self = shared_from_this(), response](const error_code& error, size_t) {
        self->EndPoll();
        if (error) return self->Drop();
        if (!self->keep_alive_) return self->Linger();
        self->ReadNext();
      });
}

void HttpConnection::StartTimer(std::chrono::nanoseconds time) {
  timer_.expires_after(time);
  timer_.async_wait([self = weak_from_this()](const error_code& error) {
    if (const auto alive = self.lock(); alive && !error) alive->Expire();
  });
}

void HttpConnection::Expire() {
  if (awaits_first_) base_.Note(Limit::kHandshake);
  Drop();
}

// To close with bytes unread would reset the connection, and the client might
// lose the answer with it (RFC 9112 section 9.6).
void HttpConnection::Linger() {
  stream_.SayEnd();  // or not: the answer itself says where it ends
  error_code error;
  stream_.EndSending(error);
  if (error) return Drop();
  StartTimer(kLingerTime);
  Discard();
}

void HttpConnection::Discard() {
  stream_.socket().async_wait(
      ClientSocket::wait_read,
      [self = shared_from_this()](const error_code& waited) {
        if (waited) return self->Drop();
        error_code error;
        self->stream_.socket().read_some(
            boost::asio::buffer(self->shard_->read_buffer), error);
        if (error && error != boost::asio::error::would_block)
          return self->Drop();
        self->Discard();
      });
}

void HttpConnection::Drop() {
  EndPoll();
  timer_.cancel();
  stream_.Close();
}

}  // namespace

void ServeHttp(AcceptedSocket accepted, ShardContext& shard) {
  std::make_shared<HttpConnection>(std::move(accepted), shard)->Read();
}

}  // namespace streamhub
