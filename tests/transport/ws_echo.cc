#include "tests/transport/ws_echo.h"

#include <absl/status/status.h>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/market/market.h"
#include "gateway/session/fanout.h"
#include "gateway/transport/ws_opening.h"
#include "gateway/transport/ws_transport.h"

namespace streamhub {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;

class WsEcho final : public WsTransport {
 public:
  WsEcho(AcceptedSocket accepted, ShardContext& shard, size_t message_bytes_max)
      : WsTransport(
            std::move(accepted), shard,
            {.max_message_bytes = message_bytes_max, .allow_binary = true}) {}

  using StreamTransport::StartReading;

 private:
  bool OnMessage(const WsEvent& message) override {
    const bool binary = message.type == WsEvent::Type::kBinary;
    std::string frame;
    AppendServerFrame(binary ? WsOpcode::kBinary : WsOpcode::kText,
                      message.payload, &frame);
    SendControl(frame);
    return true;
  }
};

// The handshake, from the first byte to the socket's next owner.
struct Opening : std::enable_shared_from_this<Opening> {
  Opening(ClientSocket accepted, ShardContext& context, size_t bytes_max)
      : socket(std::move(accepted)),
        shard(context),
        message_bytes_max(bytes_max) {}

  void Start() {
    http::async_read(
        socket, buffer, request,
        [self = shared_from_this()](const error_code& error, size_t) {
          if (!error) self->Answer();
        });
  }

  void Answer() {
    auto opened = OpenWebSocket(request, "", /*possible=*/true, shard);
    if (std::holds_alternative<HttpAnswer>(opened)) return;
    head = std::get<WsOpening>(std::move(opened)).head;
    boost::asio::async_write(
        socket, boost::asio::buffer(head),
        [self = shared_from_this()](const error_code& error, size_t) {
          if (error) return;
          const auto early = self->buffer.data();
          AcceptedSocket accepted{ClientStream(std::move(self->socket)), {}};
          std::make_shared<WsEcho>(std::move(accepted), self->shard,
                                   self->message_bytes_max)
              ->StartReading(
                  {static_cast<const char*>(early.data()), early.size()});
        });
  }

  ClientSocket socket;
  ShardContext& shard;
  const size_t message_bytes_max;
  boost::beast::flat_buffer buffer;
  http::request<http::empty_body> request;
  std::string head;
};

}  // namespace

struct WsEchoServer::Parts {
  explicit Parts(int wanted_port, size_t bytes_max)
      : market("live", 1, /*epoch_seed=*/1),
        wake(market.AddShard([] {})),
        publishing(market, counters, SystemClock(), {}),
        fanout(market, wake, counters, SystemClock(), {}),
        context{&contexts,     market,        fanout,      publishing,
                counters,      SystemClock(), files,       cors,
                ScriptDoors{}, 10 * kSecond,  30 * kSecond},
        acceptor(io),
        message_bytes_max(bytes_max) {
    contexts.push_back(&context);
    const tcp::endpoint endpoint(boost::asio::ip::address_v4::loopback(),
                                 static_cast<uint16_t>(wanted_port));
    error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(128, error);
    if (!error) port = acceptor.local_endpoint(error).port();
  }

  void Accept() {
    auto socket = std::make_shared<ClientSocket>(io);
    acceptor.async_accept(*socket, [this, socket](const error_code& error) {
      if (error) return;
      error_code ignored;
      socket->non_blocking(true, ignored);
      std::make_shared<Opening>(std::move(*socket), context, message_bytes_max)
          ->Start();
      Accept();
    });
  }

  Market market;
  ShardWake& wake;
  Counters counters;
  StaticFiles files;
  Cors cors;
  Publishing publishing;
  Fanout fanout;
  std::vector<ShardContext*> contexts;
  ShardContext context;
  boost::asio::io_context io{1};
  tcp::acceptor acceptor;
  const size_t message_bytes_max;
  int port = 0;
};

WsEchoServer::WsEchoServer(int port, size_t message_bytes_max)
    : parts_(std::make_unique<Parts>(port, message_bytes_max)) {}

WsEchoServer::~WsEchoServer() = default;

int WsEchoServer::port() const { return parts_->port; }

void WsEchoServer::Run() {
  parts_->Accept();
  parts_->io.run();
}

void WsEchoServer::Stop() { parts_->io.stop(); }

}  // namespace streamhub
