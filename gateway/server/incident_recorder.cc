#include "gateway/server/incident_recorder.h"

#include <absl/strings/str_cat.h>
#include <absl/time/time.h>

#include <algorithm>
#include <utility>

#include "gateway/base/log.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

// How often queues are written, so that shards need not ring for a batch.
constexpr std::chrono::milliseconds kRound{100};
// Of records that wait, about: what they have besides their bytes is bounded
// together with these.
constexpr size_t kBytesPerEntry = 128;
constexpr size_t kKeptMax = 16;  // incidents that are over
constexpr int64_t kFlushNs = kSecond;
constexpr int kNamesTried = 10;
constexpr char kEnding[] = ".ticklog";

// For a name of a file: what may mean something to a shell or a folder is "_".
std::string Harmless(std::string_view text) {
  std::string name(text);
  for (char& c : name) {
    const bool plain = ('0' <= c && c <= '9') || ('A' <= c && c <= 'Z') ||
                       ('a' <= c && c <= 'z') || c == '-' || c == '.';
    if (!plain) c = '_';
  }
  return name;
}

}  // namespace

std::string_view IncidentEndName(IncidentEnd end) {
  static constexpr std::string_view kNames[] = {
      "",       "seconds",        "bytes_max", "stopped", "session_over",
      "failed", "server_stopping"};
  return kNames[static_cast<size_t>(end)];
}

struct IncidentRecorder::Incident {
  // A copy that waits to be written, or a gap of `batch` records.
  struct Entry {
    SessionId session;
    int64_t time_ns, to_ns;
    uint64_t batch;
    size_t begin, size;  // in bytes
    TransportKind transport;
    Encoding encoding;
    bool gap;
  };
  struct Queue {
    std::vector<Entry> entries;
    std::string bytes;
  };
  struct Loss {
    uint64_t records = 0;
    int64_t from_ns = 0, to_ns = 0;
  };

  void PushGap() {
    if (loss.records == 0) return;
    Entry& entry = queue.entries.emplace_back();
    entry.gap = true;
    entry.time_ns = loss.from_ns;
    entry.to_ns = loss.to_ns;
    entry.batch = loss.records;
    loss = {};
  }

  void Push(const SentCopy& copy) {
    queue.entries.push_back({copy.session, copy.time_ns, copy.time_ns,
                             copy.batch, queue.bytes.size(), copy.bytes.size(),
                             copy.transport, copy.encoding, false});
    queue.bytes += copy.bytes;
  }

  // --- under the recorder's lock ---
  IncidentState state;
  int64_t end_wall_ns = 0, end_mono_ns = 0;
  size_t queue_bytes_max = 0;
  Queue queue;
  Loss loss;  // since the last record

  // --- the writing thread's ---
  std::unique_ptr<Log> log;
  Queue writing;
  int64_t flushed_ns = 0;  // monotonic
};

IncidentRecorder::IncidentRecorder(const Clock& clock, Options options)
    : clock_(clock), options_(std::move(options)) {
  if (on()) thread_ = std::thread([this] { Run(); });
}

IncidentRecorder::~IncidentRecorder() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& incident : incidents_) {
      End(*incident, IncidentEnd::kServerStopping);
    }
    stopping_ = true;
    wake_.notify_all();
  }
  thread_.join();
}

IncidentRecorder::Incident* IncidentRecorder::Find(uint64_t id) const {
  for (const auto& incident : incidents_) {
    if (incident->state.id == id) return incident.get();
  }
  return nullptr;
}

void IncidentRecorder::End(Incident& incident, IncidentEnd end) {
  if (incident.state.end != IncidentEnd::kNone) return;
  incident.state.end = end;
  incident.state.ended_ns = clock_.WallNs();
  urgent_ = true;
  wake_.notify_all();
}

absl::StatusOr<std::unique_ptr<IncidentRecorder::Log>>
IncidentRecorder::CreateFile(const IncidentWanted& wanted,
                             std::string* path) const {
  const std::string time =
      absl::FormatTime("%Y%m%dT%H%M%SZ", absl::FromUnixNanos(clock_.WallNs()),
                       absl::UTCTimeZone());
  const std::string name =
      absl::StrCat(options_.dir, "/incident-", time, "-",
                   wanted.session != 0 ? SessionText(wanted.session)
                                       : Harmless(wanted.symbol));
  absl::StatusOr<std::unique_ptr<Log>> log;
  for (int i = 1; i <= kNamesTried; ++i) {
    *path = absl::StrCat(name, i == 1 ? "" : absl::StrCat("-", i), kEnding);
    log = options_.create != nullptr ? options_.create(*path)
                                     : Log::Create(*path);
    if (!absl::IsAlreadyExists(log.status())) break;
  }
  return log;
}

absl::StatusOr<IncidentState> IncidentRecorder::Begin(
    const IncidentWanted& wanted) {
  if (!on()) {
    return absl::FailedPreconditionError(
        "incident_dir is not set: nothing can be recorded");
  }
  auto incident = std::make_unique<Incident>();
  IncidentState& state = incident->state;
  {
    const std::lock_guard lock(mutex_);
    const auto open = static_cast<size_t>(
        std::count_if(incidents_.begin(), incidents_.end(),
                      [](const auto& one) { return !one->state.closed; }));
    if (open >= options_.incidents_max) {
      return absl::ResourceExhaustedError(
          absl::StrCat(open, " incidents are being recorded already"));
    }
    state.id = next_id_++;
  }
  // Without the lock: shards are not to wait for a folder.
  auto log = CreateFile(wanted, &state.file);
  if (!log.ok()) return log.status();
  incident->log = *std::move(log);
  state.wanted = wanted;
  state.started_ns = clock_.WallNs();
  const int64_t length_ns = wanted.seconds * kSecond;
  incident->end_wall_ns = state.started_ns + length_ns;
  incident->flushed_ns = clock_.MonoNs();
  incident->end_mono_ns = incident->flushed_ns + length_ns;
  for (Incident::Queue* queue : {&incident->queue, &incident->writing}) {
    queue->bytes.reserve(options_.queue_bytes_max);
    queue->entries.reserve(options_.queue_bytes_max / kBytesPerEntry + 2);
  }
  const IncidentState begun = state;
  const std::lock_guard lock(mutex_);
  incidents_.push_back(std::move(incident));
  while (incidents_.size() > kKeptMax && incidents_.front()->state.closed) {
    incidents_.pop_front();
  }
  urgent_ = true;
  wake_.notify_all();
  return begun;
}

std::vector<IncidentState> IncidentRecorder::Stop(
    uint64_t id, std::chrono::milliseconds patience) {
  std::vector<uint64_t> ids;
  std::unique_lock lock(mutex_);
  for (const auto& incident : incidents_) {
    const IncidentState& state = incident->state;
    if (id != 0 ? state.id != id : state.closed) continue;
    ids.push_back(state.id);
    End(*incident, IncidentEnd::kStopped);
  }
  AwaitAllClosed(ids, patience, lock);
  std::vector<IncidentState> states;
  for (const uint64_t one : ids) {
    if (const Incident* incident = Find(one)) states.push_back(incident->state);
  }
  return states;
}

bool IncidentRecorder::AwaitClosed(uint64_t id,
                                   std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return AwaitAllClosed({id}, patience, lock);
}

bool IncidentRecorder::AwaitAllClosed(const std::vector<uint64_t>& ids,
                                      std::chrono::milliseconds patience,
                                      std::unique_lock<std::mutex>& lock) {
  return closed_.wait_for(lock, patience, [&] {
    return std::all_of(ids.begin(), ids.end(), [this](uint64_t id) {
      const Incident* const incident = Find(id);
      return incident == nullptr || incident->state.closed;
    });
  });
}

std::vector<IncidentState> IncidentRecorder::States() const {
  std::vector<IncidentState> states;
  const std::lock_guard lock(mutex_);
  for (const auto& incident : incidents_) states.push_back(incident->state);
  return states;
}

bool IncidentRecorder::OnSent(uint64_t ticket, const SentCopy& copy) {
  const std::lock_guard lock(mutex_);
  Incident* const incident = Find(ticket);
  if (incident == nullptr) return false;
  IncidentState& state = incident->state;
  if (state.end != IncidentEnd::kNone) return false;
  if (copy.time_ns >= incident->end_wall_ns) {
    End(*incident, IncidentEnd::kTime);
    return false;
  }
  const uint64_t weight = copy.bytes.size() + kIncidentRecordBytes;
  if (state.bytes + weight > state.wanted.bytes_max) {
    End(*incident, IncidentEnd::kBytes);
    return false;
  }
  Incident::Queue& queue = incident->queue;
  const size_t used = queue.bytes.size() + copy.bytes.size();
  if (used > options_.queue_bytes_max ||
      queue.entries.size() * kBytesPerEntry >= options_.queue_bytes_max) {
    Incident::Loss& loss = incident->loss;
    if (loss.records++ == 0) loss.from_ns = copy.time_ns;
    loss.to_ns = copy.time_ns;
    ++state.lost;
    return true;
  }
  incident->PushGap();
  incident->Push(copy);
  ++state.records;
  state.bytes += weight;
  if (!urgent_ &&
      (used > options_.queue_bytes_max / 2 ||
       queue.entries.size() * kBytesPerEntry > options_.queue_bytes_max / 2)) {
    urgent_ = true;
    wake_.notify_all();
  }
  return true;
}

void IncidentRecorder::OnOver(uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  Incident* const incident = Find(ticket);
  if (incident != nullptr) End(*incident, IncidentEnd::kSessionOver);
}

bool IncidentRecorder::Wants(uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  const Incident* const incident = Find(ticket);
  return incident != nullptr && incident->state.end == IncidentEnd::kNone;
}

// --- the writing thread ---

void IncidentRecorder::Run() {
  std::unique_lock lock(mutex_);
  bool busy = false;
  std::vector<Incident*> open;
  for (;;) {
    const auto called = [this] { return urgent_ || stopping_; };
    if (busy) {
      wake_.wait_for(lock, kRound, called);
    } else {
      wake_.wait(lock, called);
    }
    urgent_ = false;
    open.clear();
    for (const auto& incident : incidents_) {
      if (!incident->state.closed) open.push_back(incident.get());
    }
    busy = !open.empty();
    if (!busy && stopping_) return;
    for (Incident* const incident : open) {
      if (clock_.MonoNs() >= incident->end_mono_ns) {
        End(*incident, IncidentEnd::kTime);
      }
      Write(*incident, lock);
    }
  }
}

// What waits goes into the file; of one that is over, all that ever will.
void IncidentRecorder::Write(Incident& incident,
                             std::unique_lock<std::mutex>& lock) {
  const bool last = incident.state.end != IncidentEnd::kNone;
  if (last) incident.PushGap();
  std::swap(incident.queue, incident.writing);
  lock.unlock();

  Log& log = *incident.log;
  const Incident::Queue& writing = incident.writing;
  for (const Incident::Entry& entry : writing.entries) {
    if (entry.gap) {
      log.Gap(entry.batch, entry.time_ns, entry.to_ns);
      continue;
    }
    SentRecord sent;
    sent.session = entry.session;
    sent.transport = TransportName(entry.transport);
    sent.encoding = EncodingName(entry.encoding);
    sent.time_ns = entry.time_ns;
    sent.batch = entry.batch;
    sent.symbol = incident.state.wanted.symbol;
    sent.bytes =
        std::string_view(writing.bytes).substr(entry.begin, entry.size);
    log.Sent(sent);
  }
  absl::Status status = log.status();
  const int64_t now_ns = clock_.MonoNs();
  if (last) {
    status = log.Close();
  } else if (status.ok() && now_ns - incident.flushed_ns >= kFlushNs) {
    // What is in a block that is not whole nobody can read.
    status = log.Flush();
    incident.flushed_ns = now_ns;
  }

  lock.lock();
  incident.writing.entries.clear();
  incident.writing.bytes.clear();
  IncidentState& state = incident.state;
  state.file_bytes = log.bytes_written();
  if (!status.ok() && state.error.empty()) {
    state.error = std::string(FromAbsl(status.message()));
    LogError(absl::StrCat("incident ", state.id, ": ", state.error));
    End(incident, IncidentEnd::kFailed);
  }
  if (!last) return;
  state.closed = true;
  incident.log.reset();
  incident.queue = {};
  incident.writing = {};
  closed_.notify_all();
}

}  // namespace streamhub
