// The publisher of a comparison: a thread that sends the ticks of a market to a
// peer's ingest at their times, whatever the peer does with them: an open
// loop. Ticks that fall into one millisecond leave together, as those of the
// synthetic feed do. What the peer does not take waits here and gets old, up
// to a limit; beyond it ticks are lost and counted.
//
// The run's thread makes, starts and stops it; the counts are its own after
// Stop().

#ifndef STREAMHUB_BENCH_PEERS_FEEDER_H_
#define STREAMHUB_BENCH_PEERS_FEEDER_H_

#include <absl/status/status.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "bench/load/client.h"
#include "bench/peers/ingest.h"
#include "bench/peers/market_tape.h"

namespace streamhub::peers {

// How many ticks are due after `elapsed_ns` at that rate.
int64_t TicksDue(int64_t elapsed_ns, double ticks_per_second);

class Feeder {
 public:
  // `tape` and `address` outlive it.
  Feeder(const load::Address& address, std::unique_ptr<Ingest> ingest,
         MarketTape& tape, double ticks_per_second)
      : address_(address),
        ingest_(std::move(ingest)),
        tape_(tape),
        ticks_per_second_(ticks_per_second) {}
  ~Feeder();

  Feeder(const Feeder&) = delete;
  Feeder& operator=(const Feeder&) = delete;

  // Connects, at most 10 s, and starts the thread. Unavailable: nobody is
  // there.
  absl::Status Start();

  // Ends the thread. What went wrong with the connection, if anything did.
  absl::Status Stop();

  // After Stop().
  int64_t ticks() const { return ticks_; }
  int64_t lost() const { return lost_; }  // of them: never sent
  int64_t backlog_bytes_max() const { return backlog_bytes_max_; }

 private:
  void Run();
  void Publish(int64_t now_ns, int64_t begin_ns);
  absl::Status Send();
  absl::Status Receive();
  size_t backlog() const { return out_.size() - sent_; }

  const load::Address& address_;
  const std::unique_ptr<Ingest> ingest_;
  MarketTape& tape_;
  const double ticks_per_second_;
  int fd_ = -1;
  std::string out_;  // from sent_ on it has still to be sent
  size_t sent_ = 0;
  int64_t ticks_ = 0;
  int64_t lost_ = 0;
  int64_t backlog_bytes_max_ = 0;
  absl::Status status_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace streamhub::peers

#endif  // STREAMHUB_BENCH_PEERS_FEEDER_H_
