#include "gateway/transport/tls_handshake.h"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/base/log.h"
#include "gateway/transport/http_connection.h"
#include "gateway/transport/socket_options.h"

namespace streamhub {
namespace {

using boost::system::error_code;

// As curl, browsers and people see it.
constexpr std::string_view kPlainAnswer =
    "HTTP/1.1 400 Bad Request\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Length: 46\r\n"
    "Connection: close\r\n"
    "\r\n"
    "This port speaks TLS: use https:// or wss://.\n";

// How long a client may take to hang up after it was told why.
constexpr std::chrono::seconds kLingerTime{2};

class Handshake : public std::enable_shared_from_this<Handshake> {
 public:
  Handshake(AcceptedSocket accepted, std::shared_ptr<const TlsContext> tls,
            ShardContext& shard)
      : accepted_(std::move(accepted)),
        tls_(std::move(tls)),
        shard_(shard),
        timer_(accepted_.stream.get_executor()) {}

  Handshake(const Handshake&) = delete;

  void Start();

 private:
  void StartTimer(std::chrono::nanoseconds time);
  void Await(ClientSocket::wait_type what, void (Handshake::*then)());
  void OnFirst();
  void Shake();
  void AnswerPlain();
  void Linger();
  void Discard();
  void Drop();
  ClientStream& stream() { return accepted_.stream; }

  AcceptedSocket accepted_;
  const std::shared_ptr<const TlsContext> tls_;
  ShardContext& shard_;
  boost::asio::steady_timer timer_;
  bool failed_ = false;  // and counted
  bool over_ = false;    // served, or closed
};

void Handshake::Start() {
  StartTimer(std::chrono::nanoseconds(shard_.handshake_ns_max));
  Await(ClientSocket::wait_read, &Handshake::OnFirst);
}

void Handshake::StartTimer(std::chrono::nanoseconds time) {
  timer_.expires_after(time);
  timer_.async_wait([self = weak_from_this()](const error_code& error) {
    const auto alive = self.lock();
    if (alive == nullptr || error || alive->over_) return;
    if (!std::exchange(alive->failed_, true)) {
      alive->shard_.counters.Add(Metric::kTlsFailures);
    }
    alive->Drop();
  });
}

void Handshake::Await(ClientSocket::wait_type what, void (Handshake::*then)()) {
  stream().socket().async_wait(
      what, [self = shared_from_this(), then](const error_code& error) {
        if (self->over_) return;
        if (error) return self->Drop();
        (self.get()->*then)();
      });
}

// A record begins with its type, 22 for a handshake; HTTP with a method.
void Handshake::OnFirst() {
  char first = 0;
  const ssize_t got =
      ::recv(stream().native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    return Await(ClientSocket::wait_read, &Handshake::OnFirst);
  }
  // Somebody looked whether there is a server: no handshake that failed.
  if (got <= 0) return Drop();
  if ('A' <= first && first <= 'Z') return AnswerPlain();
  SslPtr tls = tls_->Accept(stream().native_handle());
  if (tls == nullptr) return Drop();
  stream().StartTls(std::move(tls));
  Shake();
}

void Handshake::Shake() {
  std::string fault;
  switch (stream().ShakeHands(&fault)) {
    case ClientStream::Shaken::kWantsRead:
      return Await(ClientSocket::wait_read, &Handshake::Shake);
    case ClientStream::Shaken::kWantsWrite:
      return Await(ClientSocket::wait_write, &Handshake::Shake);
    case ClientStream::Shaken::kDone:
      over_ = true;
      timer_.cancel();
      shard_.counters.Add(Metric::kTlsHandshakes);
      return ServeHttp(std::move(accepted_), shard_);
    case ClientStream::Shaken::kFailed:
      break;
  }
  failed_ = true;
  shard_.counters.Add(Metric::kTlsFailures);
  Log(LogLevel::kDebug, "TLS handshake with " +
                            PeerOf(stream().native_handle()) +
                            " failed: " + fault);
  Linger();
}

void Handshake::AnswerPlain() {
  failed_ = true;
  shard_.counters.Add(Metric::kTlsPlainHttp);
  stream().Send(kPlainAnswer);  // it fits into a socket that is new
  Linger();
}

// To close with bytes unread would reset the connection, and the client might
// lose what it was told with it.
void Handshake::Linger() {
  error_code error;
  stream().EndSending(error);
  if (error) return Drop();
  StartTimer(kLingerTime);
  Discard();
}

void Handshake::Discard() {
  error_code error;
  stream().socket().read_some(boost::asio::buffer(shard_.read_buffer), error);
  if (error && error != boost::asio::error::would_block) return Drop();
  Await(ClientSocket::wait_read, &Handshake::Discard);
}

void Handshake::Drop() {
  over_ = true;
  timer_.cancel();
  stream().Close();
}

}  // namespace

void ServeTls(AcceptedSocket accepted, std::shared_ptr<const TlsContext> tls,
              ShardContext& shard) {
  std::make_shared<Handshake>(std::move(accepted), std::move(tls), shard)
      ->Start();
}

}  // namespace streamhub
