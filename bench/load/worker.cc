#include "bench/load/worker.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "bench/load/behaviours.h"
#include "bench/load/process.h"
#include "gateway/base/check.h"
#include "gateway/base/clock.h"
#include "gateway/base/strings.h"

namespace streamhub::load {
namespace {

constexpr size_t kReadBytes = 256 * 1024;
constexpr int64_t kReadyNsMax = 10 * kSecond;
constexpr int64_t kWaitMsMax = 50;

int64_t ThreadCpuNs() {
  timespec used;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return used.tv_sec * kSecond + used.tv_nsec;
}

}  // namespace

Worker::Worker(const RunPlan& plan, WorkerDoor* door, int cpu)
    : plan_(plan),
      own_door_(door == nullptr ? std::make_unique<WorkerDoor>() : nullptr),
      door_(door == nullptr ? own_door_.get() : door),
      cpu_(cpu) {}

Worker::~Worker() {
  Stop();
  clients_.clear();
  if (epoll_ >= 0) close(epoll_);
  if (bell_ >= 0) close(bell_);
}

void Worker::Add(uint64_t number, const std::vector<uint32_t>& symbols,
                 int64_t start_ns, Manner manner) {
  clients_.push_back(std::make_unique<Client>(plan_, number, symbols, manner));
  firsts_.entries.push_back({clients_.back().get(), start_ns});
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
  for (const auto& client : clients_) client->AddTo(last, result);
}

void Worker::Run() {
  if (cpu_ >= 0) PinThread(cpu_);
  std::array<epoll_event, 256> events;
  while (!stop_.load()) {
    int64_t now_ns = SystemClock().MonoNs();
    const int64_t cpu_ns = plan_.spin ? ThreadCpuNs() : 0;
    Storm(now_ns);
    for (Starts* starts : {&firsts_, &returns_}) {
      StartDue(*starts, now_ns);
      FailLate(*starts, now_ns);
    }
    ReadSlowly(now_ns);
    Compare();
    const int count =
        epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                   plan_.spin ? 0 : WaitMs(now_ns));
    STREAMHUB_CHECK(count >= 0 || errno == EINTR);
    now_ns = SystemClock().MonoNs();
    if (plan_.spin && count <= 0) {
      door_->idle_ns.store(door_->idle_ns.load() + ThreadCpuNs() - cpu_ns);
    }
    for (int i = 0; i < count; ++i) {
      auto* client = static_cast<Client*>(events[i].data.ptr);
      if (client != nullptr) Serve(*client, events[i].events, now_ns);
    }
  }
  NoteGaps();
  NoteLongestGap();
  for (const auto& client : clients_) {
    if (client->sample() == nullptr) continue;
    tally_.recording.sample = *client->sample();
  }
}

int64_t Worker::Starts::Next() const {
  return started < entries.size() ? entries[started].start_ns
                                  : WorkerDoor::kNever;
}

int Worker::WaitMs(int64_t now_ns) const {
  int64_t next_ns = std::min(firsts_.Next(), returns_.Next());
  if (!slow_.empty()) next_ns = std::min(next_ns, slow_.front().next_ns);
  if (stormed_ns_ == 0) next_ns = std::min(next_ns, door_->storm_ns.load());
  if (next_ns - now_ns >= kWaitMsMax * kMillisecond) return kWaitMsMax;
  return static_cast<int>(std::max<int64_t>(
      (next_ns - now_ns + kMillisecond - 1) / kMillisecond, 0));
}

void Worker::StartDue(Starts& starts, int64_t now_ns) {
  for (; starts.Next() <= now_ns; ++starts.started) {
    Client& client = *starts.entries[starts.started].client;
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
void Worker::FailLate(Starts& starts, int64_t now_ns) {
  for (; starts.on_time < starts.started; ++starts.on_time) {
    Client& client = *starts.entries[starts.on_time].client;
    if (client.ready() || client.state() == Client::State::kEnded ||
        client.state() == Client::State::kWaiting) {
      continue;
    }
    if (now_ns - client.began_ns() < kReadyNsMax) return;
    Fail(client, absl::DeadlineExceededError("no first state within 10 s"));
  }
}

void Worker::Watch(Client& client, int operation) {
  const bool write =
      client.state() == Client::State::kConnecting || client.wants_write();
  const uint32_t read = IsHeldBack(client) ? 0 : uint32_t{EPOLLIN};
  epoll_event event{.events = read | (write ? uint32_t{EPOLLOUT} : 0),
                    .data = {.ptr = &client}};
  STREAMHUB_CHECK(epoll_ctl(epoll_, operation, client.fd(), &event) == 0);
}

void Worker::Serve(Client& client, uint32_t events, int64_t now_ns) {
  if (client.fd() < 0) return;
  const bool wrote =
      client.state() == Client::State::kConnecting || client.wants_write();
  const bool was_held_back = IsHeldBack(client);
  absl::Status status;
  if ((events & EPOLLOUT) != 0) status = client.OnWritable();
  if (status.ok() && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
    status = Read(client, room_.size(), now_ns);
  }
  if (!status.ok()) return Fail(client, status);
  const bool held_back = IsHeldBack(client);
  if (held_back && !was_held_back && plan_.slow_bytes_per_second > 0) {
    slow_.push_back({&client, now_ns + kSlowPeriodNs});
  }
  if (wrote != client.wants_write() || held_back != was_held_back) {
    Watch(client, EPOLL_CTL_MOD);
  }
}

absl::Status Worker::Read(Client& client, size_t bytes_max, int64_t now_ns) {
  const bool measuring =
      now_ns >= door_->begin_ns.load() && now_ns < door_->end_ns.load();
  const bool was_ready = client.ready();
  const bool was_complete = client.complete_ns() != 0;
  const int64_t before = client.total_updates();
  const int64_t messages = tally_.messages;
  absl::Status status = client.OnReadable(
      std::span<char>(room_).first(bytes_max), measuring, tally_);
  if (tally_.messages > messages) client.NoteMessages(door_->begin_ns.load());
  const int64_t updates = client.total_updates() - before;
  door_->updates.store(door_->updates.load() + updates);
  if (client.returned()) {
    if (!was_complete && client.complete_ns() != 0) NoteReturn(client);
    return status;
  }
  if (!was_ready && client.ready()) {
    door_->settled.store(door_->settled.load() + 1);
  }
  if (updates > 0 && measuring && plan_.storms && !client.manner().slow) {
    const int64_t from_ns = door_->storm_ns.load();
    client.NoteUpdate(from_ns, from_ns == WorkerDoor::kNever
                                   ? from_ns
                                   : from_ns + StormNs(plan_));
  }
  return status;
}

void Worker::Fail(Client& client, const absl::Status& why) {
  ++tally_.errors[std::string(FromAbsl(why.message()))];
  client.Close();
  if (!client.ready() && !client.returned()) {
    door_->settled.store(door_->settled.load() + 1);
  }
  door_->failed.store(door_->failed.load() + 1);
}

void Worker::Compare() {
  const Reference* reference = reference_.load();
  if (reference == nullptr) return;
  if (compared_.load() == reference && behind_.load() == 0) return;
  int64_t behind = 0;
  for (const auto& client : clients_) {
    if (client->state() != Client::State::kOpen) continue;
    behind += client->CompareWith(*reference);
  }
  behind_.store(behind);
  compared_.store(reference);
}

}  // namespace streamhub::load
