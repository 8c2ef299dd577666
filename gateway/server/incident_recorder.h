// The incident recorder: what one session, or everybody who holds one symbol,
// was actually sent, in a tick log of its own (feeds/ticklog), for as long and
// as much as an operator said. A few at a time.
//
// Shards hand copies over (SentSink) and never wait for a file: a copy goes to
// a bounded queue in memory, one thread of this class writes the files, and
// what a queue has no room for is counted and becomes a gap in the log. The
// lock between them is held to copy one batch or to swap two queues.
//
// Any thread may call any of it. It outlives the shards.

#ifndef STREAMHUB_GATEWAY_SERVER_INCIDENT_RECORDER_H_
#define STREAMHUB_GATEWAY_SERVER_INCIDENT_RECORDER_H_

#include <absl/status/statusor.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "feeds/ticklog/log_writer.h"
#include "gateway/base/clock.h"
#include "gateway/session/sent_watch.h"

namespace streamhub {

struct IncidentWanted {
  SessionId session = 0;  // or 0, and then
  std::string symbol;
  std::string market = {};  // of the symbol; empty: of all of them
  int seconds = 60;
  // Of what is sent, and kIncidentRecordBytes a record: before compression.
  uint64_t bytes_max = 64 << 20;
};

inline constexpr uint64_t kIncidentRecordBytes = 64;

enum class IncidentEnd : uint8_t {
  kNone,         // it goes on
  kTime,         // its seconds are over
  kBytes,        // the next record would have been more than bytes_max
  kStopped,      // somebody said so
  kSessionOver,  // nothing more can come
  kFailed,       // the file could not be written, see error
  kServerStopping,
};
std::string_view IncidentEndName(IncidentEnd end);

struct IncidentState {
  uint64_t id = 0;
  IncidentWanted wanted;
  std::string file;
  int64_t started_ns = 0;  // wall clock
  IncidentEnd end = IncidentEnd::kNone;
  int64_t ended_ns = 0;
  bool closed = false;  // all is in the file, or cannot be
  std::string error;
  uint64_t records = 0;  // of the log, without gaps
  uint64_t bytes = 0;    // that count against bytes_max
  uint64_t lost = 0;     // records for which the queue had no room
  uint64_t file_bytes = 0;
};

class IncidentRecorder final : public SentSink {
 public:
  using Log = ticklog::LogWriter;
  struct Options {
    std::string dir;  // where files go; empty: nothing is recorded
    size_t incidents_max = 4;
    size_t queue_bytes_max = 8 << 20;  // of each
    // Makes the file; null: Log::Create. For tests.
    std::function<absl::StatusOr<std::unique_ptr<Log>>(const std::string&)>
        create = nullptr;
  };

  IncidentRecorder(const Clock& clock, Options options);

  // Ends what goes on, and waits until it is in its files.
  ~IncidentRecorder() override;

  bool on() const { return !options_.dir.empty(); }

  // Begins one. Shards are then told of its id: SentWatch::ticket. Errors:
  // FailedPrecondition (it is off), ResourceExhausted (there are as many as may
  // be), else what stands against the file.
  absl::StatusOr<IncidentState> Begin(const IncidentWanted& wanted);

  // Ends that one, or all (0), and waits until they are in their files, at most
  // for `patience`. What became of them: none, if there are none such.
  std::vector<IncidentState> Stop(uint64_t id,
                                  std::chrono::milliseconds patience);

  // Waits until that one is in its file. False if it is not in time.
  bool AwaitClosed(uint64_t id, std::chrono::milliseconds patience);

  // The newest last: those that go on, and some that are over.
  std::vector<IncidentState> States() const;

  // --- SentSink ---
  bool OnSent(uint64_t ticket, const SentCopy& copy) override;
  void OnOver(uint64_t ticket) override;
  bool Wants(uint64_t ticket) override;

 private:
  struct Incident;

  Incident* Find(uint64_t id) const;
  void End(Incident& incident, IncidentEnd end);
  absl::StatusOr<std::unique_ptr<Log>> CreateFile(const IncidentWanted& wanted,
                                                  std::string* path) const;
  bool AwaitAllClosed(const std::vector<uint64_t>& ids,
                      std::chrono::milliseconds patience,
                      std::unique_lock<std::mutex>& lock);
  void Run();
  void Write(Incident& incident, std::unique_lock<std::mutex>& lock);

  const Clock& clock_;
  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;    // the writing thread
  std::condition_variable closed_;  // who waits for files
  // Under mutex_: the oldest first. What is not closed does not move.
  std::deque<std::unique_ptr<Incident>> incidents_;
  uint64_t next_id_ = 1;   // under mutex_
  bool urgent_ = false;    // under mutex_: not to wait for the next round
  bool stopping_ = false;  // under mutex_
  std::thread thread_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_INCIDENT_RECORDER_H_
