// The least that a server could do for the same clients: a process that accepts
// them and then only sends bytes that are ready, to the same clients at the
// same times as a gateway did in a measurement. What that costs is the floor
// under any server on this machine: a gateway is as good as its ratio to it.
//
// Made, prepared and forked by one thread; what is named so runs in the child.

#ifndef STREAMHUB_BENCH_LOAD_FLOOR_H_
#define STREAMHUB_BENCH_LOAD_FLOOR_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/child.h"
#include "bench/load/recording.h"
#include "bench/load/wire.h"
#include "gateway/codec/batch.h"

namespace streamhub::load {

struct FloorPlan {
  WireKind kind = WireKind::kWs;
  Encoding encoding = Encoding::kJson;
  Sample sample;
  std::vector<Delivery> deliveries;  // ascending
  int64_t period_us = 0;             // after which they begin anew
  double bytes_mean = 0;             // of a message, as it goes on the wire
};

// As it goes on the wire.
struct FloorFrame {
  std::string bytes;
  size_t time_at = std::string::npos;  // of its 16 digits, if it has them
};

// `message` as the gateway's transport of that kind wraps it.
FloorFrame FrameFor(WireKind kind, Encoding encoding, std::string_view message);

// What the process with the floor and its parent tell each other.
struct FloorDoor {
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  std::atomic<int64_t> begin_ns{kNever};  // when the turns begin; monotonic
  std::atomic<int64_t> held_back{0};      // messages whose client took none
};

// The server itself, in its process.
class FloorServer {
 public:
  // All outlive it. Takes the listening socket.
  FloorServer(const FloorPlan& plan, int listener, FloorDoor& door);
  ~FloorServer();

  FloorServer(const FloorServer&) = delete;
  FloorServer& operator=(const FloorServer&) = delete;

  // Serves until `channel` can be read or is closed at its other end.
  void Run(int channel);

 private:
  struct Connection {
    int fd = -1;
    bool open = false;     // its request has been answered
    bool waiting = false;  // of a poll: there is a request to answer
    size_t opened = 0;     // messages of the opening that it got
    std::string in;        // of a request that is not whole
    std::string out;       // what its socket did not take
  };

  int64_t NextNs() const;
  void SendDue(int64_t now_ns);
  void SendTurn();
  bool Takes(const Connection& connection) const;
  void SendNext(Connection& connection, std::string_view time);
  FloorFrame& NextFrame();
  void SendFrame(Connection& connection, std::string_view bytes);
  void Accept();
  void Serve(Connection& connection, uint32_t events);
  void OnBytes(Connection& connection, std::string_view bytes);
  void OnRequest(Connection& connection, std::string_view head);
  void Watch(Connection& connection, int operation);
  void Close(Connection& connection);

  const FloorPlan& plan_;
  const int listener_;
  FloorDoor& door_;
  int epoll_ = -1;
  std::vector<FloorFrame> opening_;
  // The messages below the mean size, and the others. One client's may be
  // smaller than most, so that they are taken such that the mean comes out.
  std::vector<FloorFrame> small_, large_;
  // By number: as they came, which is nearly as they were started.
  std::vector<std::unique_ptr<Connection>> connections_;
  size_t next_small_ = 0, next_large_ = 0;
  double bytes_owed_ = 0;  // to the mean
  size_t next_ = 0;        // of the deliveries
  int64_t lap_ = 0;
};

// The process.
class FloorProcess {
 public:
  // Listens on a free port of the loopback address. Core `cpu` alone, if that
  // is not negative. `plan` outlives it.
  static absl::StatusOr<std::unique_ptr<FloorProcess>> Start(
      const FloorPlan& plan, int cpu);

  pid_t pid() const { return child_->pid(); }
  int port() const { return port_; }
  FloorDoor& door() { return door_[0]; }

 private:
  FloorProcess() : door_(1) {}

  SharedArray<FloorDoor> door_;
  int port_ = 0;
  std::unique_ptr<Child> child_;
};

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_FLOOR_H_
