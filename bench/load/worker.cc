#include "bench/load/worker.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "gateway/base/check.h"
#include "gateway/base/clock.h"
#include "gateway/base/strings.h"

namespace streamhub::load {
namespace {

constexpr size_t kReadBytes = 256 * 1024;
constexpr int64_t kReadyNsMax = 10 * kSecond;
constexpr int kWaitMsMax = 50;

}  // namespace

Worker::~Worker() {
  Stop();
  clients_.clear();
  if (epoll_ >= 0) close(epoll_);
  if (bell_ >= 0) close(bell_);
}

void Worker::Add(uint64_t number, const std::vector<uint32_t>& symbols,
                 int64_t start_ns) {
  clients_.push_back(
      {std::make_unique<Client>(plan_, number, symbols), start_ns});
}

void Worker::Start() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  bell_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  STREAMHUB_CHECK(epoll_ >= 0 && bell_ >= 0);
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  STREAMHUB_CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, bell_, &event) == 0);
  room_.resize(kReadBytes);
  thread_ = std::thread([this] { Run(); });
}

void Worker::Stop() {
  if (!thread_.joinable()) return;
  stop_.store(true);
  const uint64_t one = 1;
  STREAMHUB_CHECK(write(bell_, &one, sizeof one) == sizeof one);
  thread_.join();
}

void Worker::AddTo(const Reference& last, CheckResult* result) const {
  for (const Entry& entry : clients_) entry.client->AddTo(last, result);
}

void Worker::Run() {
  std::array<epoll_event, 256> events;
  while (!stop_.load()) {
    int64_t now_ns = SystemClock().MonoNs();
    StartDue(now_ns);
    FailLate(now_ns);
    Compare();
    int wait_ms = kWaitMsMax;
    if (started_ < clients_.size()) {
      const int64_t left_ns = clients_[started_].start_ns - now_ns;
      wait_ms = static_cast<int>(std::clamp<int64_t>(
          (left_ns + kMillisecond - 1) / kMillisecond, 0, kWaitMsMax));
    }
    const int count = epoll_wait(epoll_, events.data(),
                                 static_cast<int>(events.size()), wait_ms);
    STREAMHUB_CHECK(count >= 0 || errno == EINTR);
    now_ns = SystemClock().MonoNs();
    const bool measuring =
        now_ns >= begin_ns_.load() && now_ns < end_ns_.load();
    for (int i = 0; i < count; ++i) {
      auto* client = static_cast<Client*>(events[i].data.ptr);
      if (client != nullptr) Serve(*client, events[i].events, measuring);
    }
  }
}

void Worker::StartDue(int64_t now_ns) {
  for (; started_ < clients_.size() && clients_[started_].start_ns <= now_ns;
       ++started_) {
    Client& client = *clients_[started_].client;
    const absl::Status connecting = client.Connect(now_ns);
    if (connecting.ok()) {
      Watch(client, EPOLL_CTL_ADD);
    } else {
      Fail(client, connecting);
    }
  }
}

// In the order of their starts, so that only the first ones have to be looked
// at.
void Worker::FailLate(int64_t now_ns) {
  for (; on_time_ < started_; ++on_time_) {
    Client& client = *clients_[on_time_].client;
    if (client.ready() || client.state() == Client::State::kEnded) continue;
    if (now_ns - client.began_ns() < kReadyNsMax) return;
    Fail(client, absl::DeadlineExceededError("no first state within 10 s"));
  }
}

void Worker::Watch(Client& client, int operation) {
  const bool write =
      client.state() == Client::State::kConnecting || client.wants_write();
  epoll_event event{.events = EPOLLIN | (write ? uint32_t{EPOLLOUT} : 0),
                    .data = {.ptr = &client}};
  STREAMHUB_CHECK(epoll_ctl(epoll_, operation, client.fd(), &event) == 0);
}

void Worker::Serve(Client& client, uint32_t events, bool measuring) {
  if (client.state() == Client::State::kEnded) return;
  const bool wrote =
      client.state() == Client::State::kConnecting || client.wants_write();
  const bool was_ready = client.ready();
  const int64_t before = client.total_updates();
  absl::Status status;
  if ((events & EPOLLOUT) != 0) status = client.OnWritable();
  if (status.ok() && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
    status = client.OnReadable(room_, measuring, tally_);
  }
  updates_.store(updates_.load() + client.total_updates() - before);
  if (!was_ready && client.ready()) settled_.store(settled_.load() + 1);
  if (!status.ok()) return Fail(client, status);
  if (wrote != client.wants_write()) Watch(client, EPOLL_CTL_MOD);
}

void Worker::Fail(Client& client, const absl::Status& why) {
  ++tally_.errors[std::string(FromAbsl(why.message()))];
  client.Close();
  if (!client.ready()) settled_.store(settled_.load() + 1);
  failed_.store(failed_.load() + 1);
}

void Worker::Compare() {
  const Reference* reference = reference_.load();
  if (reference == nullptr) return;
  if (compared_.load() == reference && behind_.load() == 0) return;
  int64_t behind = 0;
  for (const Entry& entry : clients_) {
    if (entry.client->state() != Client::State::kOpen) continue;
    behind += entry.client->CompareWith(*reference);
  }
  behind_.store(behind);
  compared_.store(reference);
}

}  // namespace streamhub::load
