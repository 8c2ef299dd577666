// One client of a load test: a non-blocking socket, the wire on it, and what
// it holds. Belongs to its worker's thread.

#ifndef STREAMHUB_BENCH_LOAD_CLIENT_H_
#define STREAMHUB_BENCH_LOAD_CLIENT_H_

#include <absl/status/status.h>
#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/holding.h"
#include "bench/load/recording.h"
#include "bench/load/reference.h"
#include "bench/load/tally.h"
#include "bench/load/wire.h"
#include "gateway/codec/flat_reader.h"

namespace streamhub::load {

// The address that all clients connect to.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// How a client behaves.
struct Manner {
  bool slow = false;      // reads slowly once it is ready
  bool storm = false;     // is cut off when there is a storm, and comes back
  bool recorded = false;  // keeps its messages for a floor
};

// What all clients of a run share, read only.
struct RunPlan {
  Target target;
  Address address;
  WireKind kind = WireKind::kWs;
  Encoding encoding = Encoding::kJson;
  // Makes the wire of a client, by its number, instead of that of `kind`: of
  // servers that are no gateway.
  std::function<std::unique_ptr<Wire>(uint64_t)> make_wire;
  Wanted wanted;
  int64_t clock_offset_us = 0;  // the server's clock is so far ahead
  double slow_bytes_per_second = 0;
  bool storms = false;  // survivors are watched
  double storm_within_s = 0;
  bool record = false;  // for a floor
  bool spin = false;    // workers never sleep
  // More than one address of 127.0.0.0/8 to come from, if the target is there.
  bool spread_sources = false;
};

class Client final : public Sink {
 public:
  enum class State : uint8_t { kWaiting, kConnecting, kOpen, kEnded };

  Client(const RunPlan& plan, uint64_t number,
         const std::vector<uint32_t>& symbols, Manner manner = {});
  ~Client() override { Close(); }

  // Opens the socket and connects. The socket is fd() then.
  absl::Status Connect(int64_t mono_ns);

  // The socket is writable, or can be read into `room`. `measuring`: whether
  // what comes counts. Errors end the client: see Wire::Take().
  absl::Status OnWritable();
  absl::Status OnReadable(std::span<char> room, bool measuring, Tally& tally);

  // Ends the connection without a farewell, as a network does that breaks, and
  // forgets all that it holds: the next Connect() begins anew.
  void Cut();

  // A survivor of a storm: an update was read, and if that was within [from,
  // until) the time since the one before counts.
  void NoteUpdate(int64_t from_ns, int64_t until_ns);

  // The longest such time within [from, until), the last one included, which
  // no update ended.
  int64_t GapNs(int64_t from_ns, int64_t until_ns) const;

  // What was read held messages, in the measurement that began at `begin_ns`.
  void NoteMessages(int64_t begin_ns);

  // The longest time of a measurement without one, its ends included.
  int64_t LongestGapNs(int64_t begin_ns, int64_t end_ns) const;

  // Compares what is not compared yet. How many remain.
  int64_t CompareWith(const Reference& reference);

  // What the check found out; `last` is the last reference.
  void AddTo(const Reference& last, CheckResult* result) const;

  void Close();

  State state() const { return state_; }
  int fd() const { return fd_; }
  int64_t began_ns() const { return began_ns_; }
  bool ready() const { return ready_; }  // has got its first state
  bool wants_write() const { return !out_.empty(); }
  int64_t total_updates() const { return total_updates_; }
  const Manner& manner() const { return manner_; }
  bool returned() const { return returned_; }  // was cut off before
  // When it had all of its first state; 0: not yet. Monotonic.
  int64_t complete_ns() const { return complete_ns_; }
  const Sample* sample() const { return sample_.get(); }

  void OnAccepted() override;
  void OnMessage(std::string_view message) override;

 private:
  // Of a subscription that was compared.
  struct Compared {
    bool done = false;
    int64_t due = 0, received = 0;
    std::string difference;
  };

  absl::Status Send();
  void OnUpdate(std::string_view object);
  void OnReady();
  void OnComplete();
  void Record(std::string_view message, bool has_update);
  bool BindSource(int fd) const;
  Compared Compare(const Held& held, const ReferenceQuote& quote,
                   bool same) const;

  const RunPlan& plan_;
  const uint64_t number_;
  const Manner manner_;
  std::unique_ptr<Wire> wire_;
  std::unique_ptr<FlatReader> flat_;  // if messages are FlatBuffers
  Holding holding_;
  int fd_ = -1;
  State state_ = State::kWaiting;
  bool ready_ = false;
  bool returned_ = false;
  bool recorded_opening_ = false;
  bool nonsense_ = false;  // a message that no gateway sends
  std::string refusal_;    // the gateway's words, if it sent an error
  int64_t began_ns_ = 0;
  int64_t total_updates_ = 0;
  int64_t closing_code_ = 0;
  int64_t complete_ns_ = 0;
  int64_t updated_ns_ = 0;  // see NoteUpdate()
  int64_t gap_ns_ = 0;
  int64_t message_ns_ = 0;  // see NoteMessages()
  int64_t longest_gap_ns_ = 0;
  double rate_ = 0;  // as the ack said; 0: unlimited
  std::string out_;
  std::vector<Compared> compared_;  // by subscription; empty before the check
  std::unique_ptr<Sample> sample_;  // if it is recorded

  // While a read is looked at.
  Tally* tally_ = nullptr;
  bool measuring_ = false;
  int64_t now_us_ = 0;  // of the server's clock
  int64_t mono_ns_ = 0;
};

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_CLIENT_H_
