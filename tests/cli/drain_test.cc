// SIGTERM under 5,000 clients with another gateway beside it on the same port:
// all of them move within the deadline and one after the other, none is shown
// as live what is not, and the program ends with status 0.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/load/process.h"
#include "bench/load/wire.h"
#include "gateway/base/check.h"
#include "gateway/base/clock.h"
#include "tests/cli/program.h"
#include "tests/integration/test_gateway.h"
#include "tests/support/json_value.h"

namespace streamhub {
namespace {

constexpr int kHeartbeatMs = 1000;
constexpr int64_t kDrainNs = 8 * kSecond;
// What a client hears nothing of for so long is stale (docs/protocol.md).
constexpr int64_t kSilenceNs = kHeartbeatMs * kMillisecond * 5 / 2;

int64_t Now() { return SystemClock().MonoNs(); }

// A client as docs/protocol.md wants it, of one symbol: it shows a price as
// live only while it is connected, has all of its state, and hears something.
class Follower final : public load::Sink {
 public:
  enum class State { kNone, kConnecting, kOpen, kWaiting };

  Follower(const load::Wanted& wanted, uint64_t number)
      : wanted_(wanted), number_(number) {}
  ~Follower() override { Close(); }

  void Connect(const load::Target& target, int epoll) {
    wire_ = load::MakeWire(load::WireKind::kWs, ++number_ * 7919);
    holding_ =
        std::make_unique<load::Holding>(wanted_, std::vector<uint32_t>{0});
    out_ = wire_->Open(target, *holding_);
    ended_ = live_ = false;
    epoch_.clear();
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    STREAMHUB_CHECK(fd_ >= 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port =
        htons(static_cast<uint16_t>(std::atoi(target.port.c_str())));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    state_ = State::kConnecting;
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {}};
    event.data.ptr = this;
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd_, &event);
    const int done = connect(fd_, reinterpret_cast<const sockaddr*>(&address),
                             sizeof address);
    if (done != 0 && errno != EINPROGRESS) Lost();
  }

  void OnReady(std::string* room) {
    if (state_ != State::kConnecting && state_ != State::kOpen) return;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return Lost();
    state_ = State::kOpen;
    for (;;) {
      Send();
      const ssize_t got = recv(fd_, room->data(), room->size(), 0);
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) return Lost();
      const auto taken =
          wire_->Take({room->data(), static_cast<size_t>(got)}, *this, &out_);
      if (!taken.ok()) return Lost();
    }
  }

  void OnAccepted() override {}

  void OnMessage(std::string_view message) override {
    for (size_t end; !message.empty(); message.remove_prefix(end)) {
      end = std::min(message.find('\n'), message.size());
      OnObject(message.substr(0, end));
      end = std::min(end + 1, message.size());
    }
  }

  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

  // Whether it shows a price as live.
  bool live() const { return live_; }
  const std::string& epoch() const { return epoch_; }
  const std::string& bid() const { return bid_; }
  const std::string& last() const { return last_; }
  State state() const { return state_; }
  int64_t return_ns() const { return return_ns_; }
  int64_t live_since_ns() const { return live_since_ns_; }

  int told = 0;         // closing messages
  int lost = 0;         // connections that ended without one
  int wrong = 0;        // what no gateway may send
  int64_t most_ns = 0;  // the longest silence while it was live

 private:
  void Send() {
    while (!out_.empty()) {
      const ssize_t sent = send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      out_.erase(0, static_cast<size_t>(sent));
    }
  }

  void Lost() {
    Close();
    live_ = false;
    state_ = State::kWaiting;
    if (ended_) return;
    ++lost;
    return_ns_ = Now() + 100 * kMillisecond;
  }

  void OnObject(std::string_view object) {
    const int64_t now_ns = Now();
    if (live_) most_ns = std::max(most_ns, now_ns - heard_ns_);
    heard_ns_ = now_ns;
    const auto value = JsonReader(object).Read();
    if (!value.has_value() || ended_) {
      ++wrong;
      return;
    }
    const std::string_view type = value->Text("type");
    if (type == "hello") {
      epoch_ = value->Text("epoch");
      fresh_ = true;
    } else if (type == "closing") {
      ++told;
      ended_ = true;
      live_ = false;
      return_ns_ = now_ns + value->Int("after_ms") * kMillisecond;
      wrong += value->Int("code") != 4001 || value->Int("after_ms") < 0;
    } else if (type == "update") {
      OnUpdate(*value);
    } else if (type == "synced") {
      wrong += fresh_;
      live_ = true;
      live_since_ns_ = now_ns;
    }
  }

  void OnUpdate(const JsonValue& update) {
    wrong += update.Text("epoch") != epoch_;
    const JsonValue* const quotes = update.Find("quotes");
    const JsonValue* const quote =
        quotes == nullptr ? nullptr : quotes->Find("AAPL");
    if (quote == nullptr) {
      ++wrong;
      return;
    }
    // Of another gateway it holds nothing: what comes first must replace.
    if (std::exchange(fresh_, false)) {
      wrong += quote->Text("snapshot") != "true";
      bid_.clear();
      last_.clear();
    }
    if (quote->Find("bid") != nullptr) bid_ = quote->Text("bid");
    if (quote->Find("last") != nullptr) last_ = quote->Text("last");
  }

  const load::Wanted& wanted_;
  uint64_t number_;
  std::unique_ptr<load::Wire> wire_;
  std::unique_ptr<load::Holding> holding_;
  std::string out_;
  int fd_ = -1;
  State state_ = State::kNone;
  bool ended_ = false;  // told to go
  bool live_ = false;
  bool fresh_ = false;  // no update came over this connection yet
  std::string epoch_, bid_, last_;
  int64_t heard_ns_ = 0;
  int64_t live_since_ns_ = 0;
  int64_t return_ns_ = 0;  // once it waits
};

// All of them on one epoll.
class Crowd {
 public:
  Crowd(int count, const std::string& port)
      : target_{"127.0.0.1", port, ""}, epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    wanted_.names = wanted_.plain = {"AAPL"};
    for (int i = 0; i < count; ++i) {
      followers_.emplace_back(wanted_, static_cast<uint64_t>(i) << 20);
    }
  }
  ~Crowd() { close(epoll_); }

  std::deque<Follower>& all() { return followers_; }

  // Connects them, a few hundred at a time, until all are live.
  bool ConnectAll() {
    size_t next = 0;
    const int64_t until_ns = Now() + 60 * kSecond;
    while (Count() < followers_.size() && Now() < until_ns) {
      while (next < followers_.size() && next < Count() + 300) {
        followers_[next++].Connect(target_, epoll_);
      }
      Step();
    }
    return Count() == followers_.size();
  }

  // Handles what came, and connects again who is to come back now.
  void Step() {
    std::array<epoll_event, 256> events;
    const int ready =
        epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 10);
    for (int i = 0; i < ready; ++i) {
      static_cast<Follower*>(events[static_cast<size_t>(i)].data.ptr)
          ->OnReady(&room_);
    }
    const int64_t now_ns = Now();
    for (Follower& follower : followers_) {
      if (follower.state() == Follower::State::kWaiting &&
          now_ns >= follower.return_ns()) {
        follower.Connect(target_, epoll_);
      }
    }
  }

  size_t Count() const {
    return static_cast<size_t>(
        std::count_if(followers_.begin(), followers_.end(),
                      [](const Follower& each) { return each.live(); }));
  }
  // Those that are live at another gateway than that one.
  size_t CountMoved(const std::string& epoch) const {
    return static_cast<size_t>(std::count_if(
        followers_.begin(), followers_.end(), [&](const Follower& each) {
          return each.live() && each.epoch() != epoch;
        }));
  }

 private:
  const load::Target target_;
  load::Wanted wanted_;
  const int epoll_;
  std::deque<Follower> followers_;
  std::string room_ = std::string(64 * 1024, '\0');
};

TEST(DrainTest, FiveThousandClientsMoveToTheNextGateway) {
  const int64_t files = load::RaiseOpenFiles();
  // Two descriptors each in this process: the client's and the next gateway's.
  const int count = static_cast<int>(
      std::min<int64_t>(kSanitized ? 1000 : 5000, (files - 1000) / 2));
  ASSERT_GE(count, 500) << "too few open files: " << files;
  Served first({"serve", "--threads", "1", "--symbols", "10",
                "--ticks-per-second", "20", "--heartbeat-ms",
                std::to_string(kHeartbeatMs), "--drain-ms",
                std::to_string(kDrainNs / kMillisecond)});
  Crowd crowd(count, first.port());
  ASSERT_TRUE(crowd.ConnectAll());
  const std::string old_epoch = crowd.all().front().epoch();

  // The next one: same port, same symbol, other prices, fewer fields.
  Config config = TestConfig();
  config.port = std::atoi(first.port().c_str());
  config.reuse_port = true;
  config.sessions_max = 20'000;
  config.heartbeat_ms = kHeartbeatMs;
  TestGateway next(config);
  const SymbolId aapl = next.Define({"AAPL"}).front();
  next.Tick(aapl, {{FieldId::kBid, 123}});

  first.process().Signal(SIGTERM);
  const int64_t begin_ns = Now();
  const auto moved = [&] { return crowd.CountMoved(old_epoch); };
  size_t alive_midway = 0;
  while (moved() < crowd.all().size() && Now() < begin_ns + 3 * kDrainNs) {
    crowd.Step();
    if (alive_midway == 0 && Now() > begin_ns + kDrainNs / 4) {
      alive_midway = crowd.Count();
    }
  }
  EXPECT_EQ(moved(), crowd.all().size());
  EXPECT_EQ(first.process().Wait().status, 0);

  // Of the symbol's old values nothing is left, and the new ones are live.
  next.Tick(aapl, {{FieldId::kBid, 456}});
  const auto all_hold = [&](const std::string& bid) {
    return std::all_of(
        crowd.all().begin(), crowd.all().end(),
        [&](const Follower& each) { return each.bid() == bid && each.live(); });
  };
  const int64_t until_ns = Now() + 20 * kSecond;
  while (!all_hold("4.56") && Now() < until_ns) crowd.Step();
  EXPECT_TRUE(all_hold("4.56"));

  std::vector<int64_t> moves;
  int told = 0, lost = 0, wrong = 0, stale = 0, left = 0;
  for (const Follower& each : crowd.all()) {
    moves.push_back(each.live_since_ns() - begin_ns);
    told += each.told;
    lost += each.lost;
    wrong += each.wrong;
    stale += each.most_ns > kSilenceNs;
    left += !each.last().empty() && each.last() != "null";
  }
  std::sort(moves.begin(), moves.end());
  EXPECT_EQ(told, count);
  EXPECT_EQ(lost, 0);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(left, 0);
  // No second brings much more than its share.
  size_t most = 0;
  for (size_t i = 0, from = 0; i < moves.size(); ++i) {
    while (moves[i] - moves[from] > kSecond) ++from;
    most = std::max(most, i - from + 1);
  }
  // A sanitizer takes the time that clients have.
  if (!kSanitized) {
    // Who is still served is served as before.
    EXPECT_EQ(stale, 0);
    EXPECT_GE(alive_midway, static_cast<size_t>(count) / 2);
    EXPECT_LE(moves.back(), kDrainNs);
    EXPECT_LE(most, static_cast<size_t>(count) * 2 / 5);
  }
  std::printf(
      "%d clients: the last moved after %.2f s, %zu in the busiest "
      "second, longest silence of one that was live %.2f s\n",
      count, static_cast<double>(moves.back()) / kSecond, most,
      static_cast<double>(std::max_element(crowd.all().begin(),
                                           crowd.all().end(),
                                           [](const auto& a, const auto& b) {
                                             return a.most_ns < b.most_ns;
                                           })
                              ->most_ns) /
          kSecond);
}

}  // namespace
}  // namespace streamhub
