// What a load test counts: one of these per worker, merged at the end. Pure;
// one thread.

#ifndef STREAMHUB_BENCH_LOAD_TALLY_H_
#define STREAMHUB_BENCH_LOAD_TALLY_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include "bench/load/recording.h"
#include "gateway/base/histogram.h"

namespace streamhub::load {

struct Tally {
  // Of the measurement.
  int64_t updates = 0;        // quotes of symbols, snapshots included
  int64_t snapshots = 0;      // of them
  int64_t messages = 0;       // WebSocket messages, events, chunks, answers
  int64_t bytes = 0;          // of payload of TCP
  Histogram latency_us;       // from the feed's receive stamp to the read
  Histogram delivery_us;      // from the server's `time` to the read
  int64_t slow_updates = 0;   // of them, of clients that are slow on purpose
  Histogram slow_latency_us;  // of those alone, and in none of the above
  int64_t negative_ages = 0;  // that count as 0: the server's clock is ahead
  // Between two messages of one client, neither slow nor cut off, the ends of
  // the measurement included; -1: there was no such client.
  int64_t longest_gap_us = -1;
  Recording recording;  // if the plan says so

  // Of the whole run.
  Histogram connect_us;     // from connect() to the server's acceptance
  Histogram first_data_us;  // from connect() to the first values
  std::map<std::string, int64_t> errors;  // how clients failed
  double granted_rate = -1;  // what acks told; 0: unlimited, -1: none did

  // Of a storm.
  int64_t storm_cut = 0;        // clients that were cut off
  Histogram storm_complete_us;  // from their connect() to all of their state
  int64_t storm_last_us = 0;    // from the cut until the last one had it
  Histogram gap_us;  // each survivor's longest time without an update

  void Merge(const Tally& other) {
    updates += other.updates;
    snapshots += other.snapshots;
    messages += other.messages;
    bytes += other.bytes;
    latency_us.Merge(other.latency_us);
    delivery_us.Merge(other.delivery_us);
    negative_ages += other.negative_ages;
    longest_gap_us = std::max(longest_gap_us, other.longest_gap_us);
    granted_rate = std::max(granted_rate, other.granted_rate);
    connect_us.Merge(other.connect_us);
    first_data_us.Merge(other.first_data_us);
    slow_updates += other.slow_updates;
    slow_latency_us.Merge(other.slow_latency_us);
    recording.Merge(other.recording);
    storm_cut += other.storm_cut;
    storm_complete_us.Merge(other.storm_complete_us);
    storm_last_us = std::max(storm_last_us, other.storm_last_us);
    gap_us.Merge(other.gap_us);
    for (const auto& [kind, count] : other.errors) errors[kind] += count;
  }
};

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_TALLY_H_
