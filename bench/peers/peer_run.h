// A load test of a peer from begin to end, with the clients of
// `streamhub bench` and a publisher of the same market: publishes, lets
// clients connect, warms up, measures. Blocks its caller, whose thread starts
// and joins the others.

#ifndef STREAMHUB_BENCH_PEERS_PEER_RUN_H_
#define STREAMHUB_BENCH_PEERS_PEER_RUN_H_

#include <absl/status/statusor.h>
#include <sys/types.h>

#include <cstdint>
#include <string>

#include "bench/load/report.h"
#include "bench/load/run.h"
#include "bench/peers/peer.h"

namespace streamhub::peers {

struct PeerOptions {
  const Peer* peer = nullptr;
  int port = 0;         // of its subscribers, on 127.0.0.1
  int ingest_port = 0;  // of its publisher
  pid_t pid = 0;        // its process, for its use; 0: not known
  int64_t clients = 100;
  int64_t symbols_per_client = 10;
  int64_t symbols = 1000;
  double ticks_per_second = 500;
  uint64_t seed = 1;
  int64_t threads = 1;
  double connect_rate = 500;
  double warmup_s = 5;
  double duration_s = 20;
  // A client is in with its first update, not with its subscription; peers that
  // can are told to keep the newest message of each topic for it.
  bool await_update = false;
};

struct PeerReport {
  load::LoadReport load;
  int64_t ticks = 0;  // that the publisher had to send
  int64_t lost = 0;   // of them: the peer did not take them, for too long
  int64_t backlog_bytes_max = 0;
};

// Errors: Unavailable (the peer is not there, or its publisher was cut off).
absl::StatusOr<PeerReport> RunPeer(const PeerOptions& options,
                                   const load::LoadHooks& hooks);

// As load::ToJson, with `peer` and `publisher` besides.
std::string ToJson(const PeerReport& report);

}  // namespace streamhub::peers

#endif  // STREAMHUB_BENCH_PEERS_PEER_RUN_H_
