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
};

class Client final : public Sink {
 public:
  enum class State : uint8_t { kWaiting, kConnecting, kOpen, kEnded };

  Client(const RunPlan& plan, uint64_t number,
         const std::vector<uint32_t>& symbols);
  ~Client() override { Close(); }

  // Opens the socket and connects. The socket is fd() then.
  absl::Status Connect(int64_t mono_ns);

  // The socket is writable, or can be read into `room`. `measuring`: whether
  // what comes counts. Errors end the client: see Wire::Take().
  absl::Status OnWritable();
  absl::Status OnReadable(std::span<char> room, bool measuring, Tally& tally);

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
  Compared Compare(const Held& held, const ReferenceQuote& quote,
                   bool same) const;

  const RunPlan& plan_;
  const std::unique_ptr<Wire> wire_;
  std::unique_ptr<FlatReader> flat_;  // if messages are FlatBuffers
  Holding holding_;
  int fd_ = -1;
  State state_ = State::kWaiting;
  bool ready_ = false;
  bool nonsense_ = false;  // a message that no gateway sends
  int64_t began_ns_ = 0;
  int64_t total_updates_ = 0;
  int64_t closing_code_ = 0;
  double rate_ = 0;  // as the ack said; 0: unlimited
  std::string out_;
  std::vector<Compared> compared_;  // by subscription; empty before the check

  // While a read is looked at.
  Tally* tally_ = nullptr;
  bool measuring_ = false;
  int64_t now_us_ = 0;  // of the server's clock
  int64_t mono_ns_ = 0;
};

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_CLIENT_H_
