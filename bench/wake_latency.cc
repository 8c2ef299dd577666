// wake_latency: what one tick costs an idle gateway, from the feed's receive
// to the client's socket, beside the least that any program could take: a
// thread that waits for an eventfd and sends the same bytes.
//
//   wake_latency [ROUNDS [TICKS]]      default 10 rounds of 1000 ticks each
//
// Both run in this process and take turns, tick by tick, so that what else the
// machine does, and where its scheduler puts threads, meets both. Between two
// ticks everything sleeps. Prints percentiles per round and of all rounds, and
// the ratio of the medians.

#include <absl/strings/str_cat.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/base/check.h"
#include "gateway/base/clock.h"
#include "gateway/server/gateway.h"

namespace streamhub {
namespace {

constexpr std::chrono::microseconds kPause{300};

// One tick at a time, on demand: shared between the source of ticks and the
// client that waits for them.
struct Trigger {
  std::counting_semaphore<> ticks{0};
  std::atomic<bool> stop{false};
  std::atomic<int64_t> sent_ns{0};
};

class OnDemandFeed final : public Feed {
 public:
  explicit OnDemandFeed(Trigger& trigger) : trigger_(trigger) {}

  absl::Status Run(Publisher& publisher, FeedControl&) override {
    SymbolInfo info;
    info.code = "TICK";
    info.layout = &QuoteLayout();
    const auto id = publisher.Define(std::move(info));
    if (!id.ok()) return id.status();
    publisher.SetStatus(FeedStatus::kLive);
    for (int64_t bid = 100'000;; ++bid) {
      trigger_.ticks.acquire();
      if (trigger_.stop.load()) return absl::OkStatus();
      trigger_.sent_ns.store(SystemClock().MonoNs());
      publisher.BeginBatch();
      publisher.Publish(*id, {{FieldId::kBid, bid}}, 0);
      publisher.EndBatch();
    }
  }

 private:
  Trigger& trigger_;
};

int ConnectTo(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  STREAMHUB_CHECK(
      connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  return fd;
}

void SendAll(int fd, std::string_view bytes) {
  STREAMHUB_CHECK(send(fd, bytes.data(), bytes.size(), 0) ==
                  static_cast<ssize_t>(bytes.size()));
}

// Reads until `mark` has come; returns how many bytes the last read brought.
size_t ReadUntil(int fd, std::string_view mark) {
  static char buffer[64 * 1024];
  std::string tail;
  for (;;) {
    const ssize_t got = recv(fd, buffer, sizeof(buffer), 0);
    STREAMHUB_CHECK(got > 0);
    tail.append(buffer, static_cast<size_t>(got));
    if (tail.find(mark) != tail.npos) return static_cast<size_t>(got);
  }
}

// The least: eventfd, send, receive.
class BareLoop {
 public:
  BareLoop(Trigger& trigger, size_t message_bytes) {
    bell_ = eventfd(0, 0);
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    STREAMHUB_CHECK(
        bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
        listen(listener, 1) == 0 &&
        getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) ==
            0);
    client_ = ConnectTo(ntohs(address.sin_port));
    server_ = accept(listener, nullptr, nullptr);
    close(listener);
    const int on = 1;
    setsockopt(server_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    sender_ = std::thread([this, message_bytes] {
      const std::string message(message_bytes, 'x');
      uint64_t rings;
      while (read(bell_, &rings, sizeof(rings)) == sizeof(rings) &&
             !stop_.load()) {
        SendAll(server_, message);
      }
    });
    source_ = std::thread([this, &trigger] {
      const uint64_t one = 1;
      for (;;) {
        trigger.ticks.acquire();
        if (trigger.stop.load()) return;
        trigger.sent_ns.store(SystemClock().MonoNs());
        STREAMHUB_CHECK(write(bell_, &one, sizeof(one)) == sizeof(one));
      }
    });
  }

  ~BareLoop() {
    source_.join();
    stop_.store(true);
    const uint64_t one = 1;
    STREAMHUB_CHECK(write(bell_, &one, sizeof(one)) == sizeof(one));
    sender_.join();
    for (const int fd : {bell_, client_, server_}) close(fd);
  }

  int client() const { return client_; }

 private:
  int bell_, client_, server_;
  std::atomic<bool> stop_{false};
  std::thread sender_, source_;
};

struct Percentiles {
  double p50, p90, p99;  // in microseconds
};

Percentiles PercentilesOf(std::vector<int64_t> ns) {
  std::sort(ns.begin(), ns.end());
  const auto at = [&](double p) {
    return static_cast<double>(ns[static_cast<size_t>(
               p * static_cast<double>(ns.size() - 1))]) /
           1e3;
  };
  return {at(0.5), at(0.9), at(0.99)};
}

// One that is measured: its trigger, its client's socket, what it took.
struct Subject {
  Trigger& trigger;
  int client;
  std::vector<int64_t> round = {}, all = {};

  void Tick() {
    char buffer[4096];
    std::this_thread::sleep_for(kPause);
    trigger.ticks.release();
    STREAMHUB_CHECK(recv(client, buffer, sizeof(buffer), 0) > 0);
    round.push_back(SystemClock().MonoNs() - trigger.sent_ns.load());
  }

  Percentiles EndRound() {
    all.insert(all.end(), round.begin(), round.end());
    return PercentilesOf(std::exchange(round, {}));
  }
};

void Print(const char* round, const Percentiles& b, const Percentiles& g) {
  std::printf("%6s %10.1f%9.1f%9.1f %10.1f%9.1f%9.1f %7.2f\n", round, b.p50,
              b.p90, b.p99, g.p50, g.p90, g.p99, g.p50 / b.p50);
}

void MeasureBoth(Subject bare, Subject gateway, int rounds, int ticks) {
  for (int i = 0; i < 200; ++i) {
    bare.Tick();
    gateway.Tick();
  }
  bare.round.clear();
  gateway.round.clear();
  std::printf("%6s %28s %28s %7s\n", "round", "bare p50/p90/p99",
              "gateway p50/p90/p99", "ratio");
  for (int i = 1; i <= rounds; ++i) {
    for (int t = 0; t < ticks; ++t) {
      bare.Tick();
      gateway.Tick();
    }
    const Percentiles b = bare.EndRound(), g = gateway.EndRound();
    Print(absl::StrCat(i).c_str(), b, g);
  }
  Print("all", PercentilesOf(bare.all), PercentilesOf(gateway.all));
}

int Main(int rounds, int ticks) {
  Trigger gateway_trigger, bare_trigger;
  Config config;
  config.port = 0;
  config.admin_port = 0;
  config.threads = 1;
  config.feed = "none";
  config.heartbeat_ms = 3'600'000;
  config.stale_after_ms = 3'600'000;
  config.quiet_after_ms = 3'600'000;
  auto gateway = Gateway::Start(
      config, {}, std::make_unique<OnDemandFeed>(gateway_trigger));
  if (!gateway.ok()) {
    std::fprintf(stderr, "%s\n", gateway.status().ToString().c_str());
    return 1;
  }
  const int client = ConnectTo((*gateway)->port());
  SendAll(client,
          "GET /v1/ws?symbols=TICK&fields=bid&max_rate=unlimited HTTP/1.1\r\n"
          "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  ReadUntil(client, "\"synced\"");
  gateway_trigger.ticks.release();
  const size_t bytes = ReadUntil(client, "\"bid\":");
  {
    const BareLoop bare(bare_trigger, bytes);
    std::printf("one tick to one client, %zu bytes, microseconds\n", bytes);
    MeasureBoth({bare_trigger, bare.client()}, {gateway_trigger, client},
                rounds, ticks);
    bare_trigger.stop.store(true);
    bare_trigger.ticks.release();
  }
  gateway_trigger.stop.store(true);
  gateway_trigger.ticks.release();
  close(client);
  return 0;
}

}  // namespace
}  // namespace streamhub

int main(int argc, char** argv) {
  return streamhub::Main(argc > 1 ? std::atoi(argv[1]) : 10,
                         argc > 2 ? std::atoi(argv[2]) : 1000);
}
