// What a stranger may send to the port that clients connect to, through all of
// the code that serves it: a connection of this process, a market, a shard's
// fan-out. Whatever comes, it does not crash, answers in HTTP or not at all,
// and leaves neither a session nor a connection behind.
//
// The first byte says in what the rest is dressed, the second how it is cut:
//   0  nothing: it is what comes over the socket
//   1  a WebSocket, opened before: frames
//   2  the same: messages, one per line, each in a frame of its own
//   3  the body of a POST, to the door that the third byte chooses
//   4  the query of a GET, the same

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/base/check.h"
#include "gateway/base/log.h"
#include "gateway/codec/ws_frame.h"
#include "gateway/session/fanout.h"
#include "gateway/transport/http_connection.h"
#include "gateway/transport/shard_context.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

constexpr std::string_view kDoors[] = {
    "/v1/poll",  "/v1/stream",  "/v1/publish", "/v1/sse",
    "/v1/jsonp", "/v1/frame",   "/v1/symbols", "/v1/quotes",
    "/v1/ws",    "/v1/latency", "/",           "/market/live/v1/poll"};

constexpr std::string_view kUpgrade =
    "GET /v1/ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

class Server {
 public:
  Server()
      : home_(/*symbols_max=*/50),
        wake_(home_.market.AddShard([] {})),
        addresses_(
            {.connections = 1, .publish_rate = 5, .topics = 3, .trusted = {}}),
        connections_(1),
        sessions_(1),
        topics_(4),
        publishing_(home_.market, home_.counters, home_.clock,
                    {.allowed = {"*"}, .keeps = 10, .topics = &topics_}),
        fanout_(home_.market, wake_, home_.counters, home_.clock, Limits()),
        context_{&contexts_,
                 home_.market,
                 fanout_,
                 publishing_,
                 home_.counters,
                 home_.clock,
                 files_,
                 cors_,
                 ScriptDoors{.jsonp = true, .frame = true},
                 10 * kSecond,
                 30 * kSecond} {
    contexts_.push_back(&context_);
    home_.publisher.SetStatus(FeedStatus::kLive);
    for (const char* code : {"A", "B", "EUR/USD"}) {
      home_.Tick(home_.Add(code), {{FieldId::kBid, 100}});
    }
  }

  void Serve(std::string_view bytes, uint32_t seed) {
    int ends[2];
    STREAMHUB_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) ==
                    0);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    Quota::Slot slot = connections_.Take();
    auto admission = addresses_.Admit({}, home_.clock.MonoNs());
    STREAMHUB_CHECK(slot &&
                    admission.verdict == AddressLimits::Verdict::kServe);
    ClientSocket socket(io_);
    socket.assign(boost::asio::ip::tcp::v4(), ends[0]);
    socket.non_blocking(true);
    ServeHttp({ClientStream(std::move(socket)),
               std::move(slot),
               std::move(admission.place),
               {}},
              context_);
    std::minstd_rand random(seed + 1);
    while (!bytes.empty()) {
      const size_t size =
          seed == 0
              ? bytes.size()
              : std::min<size_t>(1 + random() % (16 * seed), bytes.size());
      const ssize_t sent =
          send(ends[1], bytes.data(), size, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno != EAGAIN) break;  // it has hung up
      if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
      // It may want no more until its answers are read, or time has passed.
      const int64_t before = said_;
      Work(ends[1]);
      if (sent < 0 && said_ == before && ++stuck_ > 50) break;
    }
    stuck_ = 0;
    home_.Tick(0, {{FieldId::kBid, ++bid_}});
    home_.clock.Advance(3 * kSecond);
    Work(ends[1]);
    shutdown(ends[1], SHUT_WR);
    Work(ends[1]);
    close(ends[1]);
    for (int i = 0; i < 1000 && !IsFree(); ++i) Work(-1);
    STREAMHUB_CHECK(IsFree());
    STREAMHUB_CHECK(home_.counters.Get(Metric::kSessions) == 0);
    STREAMHUB_CHECK(home_.counters.Get(Metric::kSubscriptions) == 0);
    STREAMHUB_CHECK(first_.empty() || first_.starts_with("HTTP/1."));
    first_.clear();
  }

 private:
  SessionLimits Limits() {
    SessionLimits limits;
    limits.sessions = &sessions_;
    limits.subscriptions_max = 20;
    limits.requests_per_second = 100;
    limits.publishing = &publishing_;
    return limits;
  }

  bool IsFree() { return fanout_.session_count() == 0 && connections_.Take(); }

  // Turns, and reads what is said at the other end.
  void Work(int fd) {
    for (int i = 0; i < 20; ++i) {
      io_.restart();
      const size_t done = io_.poll();
      const bool left = fanout_.Turn();
      char buffer[4096];
      ssize_t got = fd < 0 ? -1 : recv(fd, buffer, sizeof(buffer), 0);
      for (; got > 0; got = recv(fd, buffer, sizeof(buffer), 0)) {
        said_ += got;
        if (first_.size() < 8) {
          first_.append(buffer, std::min<size_t>(static_cast<size_t>(got), 8));
        }
      }
      if (done == 0 && !left) break;
    }
    home_.clock.Advance(10 * kMillisecond);
  }

  TestMarket home_;
  ShardWake& wake_;
  AddressLimits addresses_;
  Quota connections_, sessions_, topics_;
  StaticFiles files_;
  Cors cors_;
  Publishing publishing_;
  Fanout fanout_;
  std::vector<ShardContext*> contexts_;
  ShardContext context_;
  boost::asio::io_context io_{1};
  int64_t bid_ = 100;
  int64_t said_ = 0;
  int stuck_ = 0;
  std::string first_;  // of what is said
};

std::string Dressed(uint8_t dress, std::string_view rest) {
  std::string_view door = kDoors[0];
  if (dress >= 3) {
    door = kDoors[static_cast<uint8_t>(rest.front()) % std::size(kDoors)];
    rest.remove_prefix(1);
  }
  const std::string text(rest);
  switch (dress) {
    case 1:
      return std::string(kUpgrade) + text;
    case 2: {
      std::string out(kUpgrade);
      for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        AppendClientFrame(WsOpcode::kText, text.substr(at, end - at),
                          0x01020304, &out);
        at = end + 1;
      }
      return out;
    }
    case 3:
      return "POST " + std::string(door) +
             " HTTP/1.1\r\nHost: h\r\nReferer: http://h/\r\nContent-Length: " +
             std::to_string(text.size()) + "\r\n\r\n" + text;
    case 4: {
      // What ends a line would end the request's.
      std::string query = text.substr(0, text.find_first_of("\r\n "));
      return "GET " + std::string(door) + "?" + query +
             " HTTP/1.1\r\nHost: h\r\nReferer: http://h/\r\n\r\n";
    }
    default:
      return text;
  }
}

}  // namespace
}  // namespace streamhub

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  // One for each input: what was published must not matter to the next.
  streamhub::SetLogLevel(streamhub::LogLevel::kError);
  streamhub::Server server;
  const std::string_view rest(reinterpret_cast<const char*>(data + 2),
                              size - 2);
  server.Serve(streamhub::Dressed(data[0] % 5, rest), data[1] % 8);
  return 0;
}
