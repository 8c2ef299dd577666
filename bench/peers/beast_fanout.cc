// beast_fanout: the fan-out that one would write with Boost.Beast in an
// afternoon, as a peer to compare with. One thread; a message is shared by its
// subscribers, each of which has a queue and writes one message at a time.
// line_peer.h says what it speaks. Prints its two ports and serves until it is
// killed.

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <cstdio>
#include <deque>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using Error = boost::system::error_code;
using Message = std::shared_ptr<const std::string>;

// Of one subscriber; who is that slow is cut off.
constexpr size_t kQueueMax = 64 * 1024;

class Session;
struct Topic {
  Message newest;
  std::set<Session*> sessions;
};
using Topics = std::unordered_map<std::string, Topic>;

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, Topics& topics)
      : ws_(std::move(socket)), topics_(topics) {}
  ~Session() {
    for (Topic* topic : mine_) topic->sessions.erase(this);
  }

  void Start() {
    ws_.next_layer().set_option(tcp::no_delay(true));
    ws_.text(true);
    ws_.async_accept([self = shared_from_this()](Error e) {
      if (!e) self->Read();
    });
  }

  void Send(const Message& message) {
    if (queue_.size() >= kQueueMax) return ws_.next_layer().close();
    queue_.push_back(message);
    if (queue_.size() == 1) Write();
  }

 private:
  void Read() {
    ws_.async_read(read_, [self = shared_from_this()](Error e, size_t) {
      if (e) return;
      self->Subscribe(beast::buffers_to_string(self->read_.data()));
      self->read_.clear();
      self->Read();
    });
  }

  void Subscribe(const std::string& names) {
    static const auto synced =
        std::make_shared<const std::string>("{\"type\":\"synced\"}");
    std::istringstream words(names);
    for (std::string name; words >> name;) {
      Topic& topic = topics_[name];
      if (topic.sessions.insert(this).second) mine_.push_back(&topic);
      if (topic.newest != nullptr) Send(topic.newest);
    }
    Send(synced);
  }

  void Write() {
    ws_.async_write(asio::buffer(*queue_.front()),
                    [self = shared_from_this()](Error e, size_t) {
                      if (e) return self->ws_.next_layer().close();
                      self->queue_.pop_front();
                      if (!self->queue_.empty()) self->Write();
                    });
  }

  beast::websocket::stream<tcp::socket> ws_;
  Topics& topics_;
  std::vector<Topic*> mine_;
  beast::flat_buffer read_;
  std::deque<Message> queue_;
};

class Publisher : public std::enable_shared_from_this<Publisher> {
 public:
  Publisher(tcp::socket socket, Topics& topics)
      : socket_(std::move(socket)), topics_(topics) {}

  void Start() {
    asio::async_read_until(socket_, asio::dynamic_buffer(text_), '\n',
                           [self = shared_from_this()](Error e, size_t size) {
                             if (e) return;
                             self->Take(size);
                             self->Start();
                           });
  }

 private:
  void Take(size_t size) {
    const size_t blank = text_.find(' ');
    if (blank < size) {
      Topic& topic = topics_[text_.substr(0, blank)];
      topic.newest = std::make_shared<const std::string>(
          text_.substr(blank + 1, size - blank - 2));
      for (Session* session : topic.sessions) session->Send(topic.newest);
    }
    text_.erase(0, size);
  }

  tcp::socket socket_;
  Topics& topics_;
  std::string text_;
};

template <typename Kind>
void Accept(tcp::acceptor& acceptor, Topics& topics) {
  acceptor.async_accept([&](Error e, tcp::socket socket) {
    if (!e) std::make_shared<Kind>(std::move(socket), topics)->Start();
    Accept<Kind>(acceptor, topics);
  });
}

}  // namespace

int main() {
  asio::io_context io(1);
  Topics topics;
  const tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
  tcp::acceptor subscribers(io, any), publishers(io, any);
  Accept<Session>(subscribers, topics);
  Accept<Publisher>(publishers, topics);
  std::printf("%d %d\n", subscribers.local_endpoint().port(),
              publishers.local_endpoint().port());
  std::fflush(stdout);
  io.run();
}
