// What a load test counts: one of these per worker, merged at the end. Pure;
// one thread.

#ifndef STREAMHUB_BENCH_LOAD_TALLY_H_
#define STREAMHUB_BENCH_LOAD_TALLY_H_

#include <cstdint>
#include <map>
#include <string>

#include "gateway/base/histogram.h"

namespace streamhub::load {

struct Tally {
  // Of the measurement.
  int64_t updates = 0;    // quotes of symbols, snapshots included
  int64_t snapshots = 0;  // of them
  int64_t messages = 0;   // WebSocket messages, events, chunks, answers
  int64_t bytes = 0;      // of payload of TCP
  Histogram latency_us;   // from the feed's receive stamp to the read
  Histogram delivery_us;  // from the server's `time` to the read

  // Of the whole run.
  Histogram connect_us;     // from connect() to the server's acceptance
  Histogram first_data_us;  // from connect() to the first values
  std::map<std::string, int64_t> errors;  // how clients failed

  void Merge(const Tally& other) {
    updates += other.updates;
    snapshots += other.snapshots;
    messages += other.messages;
    bytes += other.bytes;
    latency_us.Merge(other.latency_us);
    delivery_us.Merge(other.delivery_us);
    connect_us.Merge(other.connect_us);
    first_data_us.Merge(other.first_data_us);
    for (const auto& [kind, count] : other.errors) errors[kind] += count;
  }
};

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_TALLY_H_
