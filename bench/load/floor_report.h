// What a floor cost beside what a gateway did, and rounds of both in turn.
// Pure.

#ifndef STREAMHUB_BENCH_LOAD_FLOOR_REPORT_H_
#define STREAMHUB_BENCH_LOAD_FLOOR_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bench/load/json_object.h"
#include "gateway/base/histogram.h"

namespace streamhub::load {

struct LoadReport;

// Of a floor's measurement.
struct FloorReport {
  int64_t failed = 0;  // clients
  double window_s = 0;
  int64_t messages = 0;   // that were read
  int64_t bytes = 0;      // likewise
  int64_t held_back = 0;  // messages that full sockets did not take
  double cpu_s = 0;       // of its server
  double user_s = 0;
  double system_s = 0;
  double wait_s = 0;  // see ProcessUse
  double client_cpu_s = 0;
  Histogram delivery_us;  // as LoadReport's; empty if messages are binary
};

// CPU of a gateway and of its floor in one round, in microseconds.
struct Round {
  double per_message = 0, user_per_message = 0;
  double per_update = 0, user_per_update = 0, system_per_update = 0;
  double floor_per_message = 0, floor_user_per_message = 0;
  // What bare writes of the gateway's messages come to, per update in them.
  double floor_per_update = 0;
  double floor_user_per_update = 0, floor_system_per_update = 0;
  // Of the gateway to its floor; 0: unknown, as when the floor did not keep up.
  double ratio = 0;
  double updates_per_second = 0;
  int64_t latency_p99_us = 0;
};

// Of a report that has a server and a floor.
Round RoundOf(const LoadReport& report);

// Why the floor of a report that has one is none; empty: it is.
std::string FloorTrouble(const LoadReport& report);

// The median of the rounds' ratios that are known (of an even number: the lower
// one of the two in the middle), and the index of its round; of none 0 and the
// first. At least one round.
double MedianRatio(const std::vector<Round>& rounds);
size_t MedianRound(const std::vector<Round>& rounds);

// Members "floor" and "rounds", and lines for people; nothing if there was no
// floor.
void AddFloor(const LoadReport& report, JsonObject* json);
std::string FloorText(const LoadReport& report);

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_FLOOR_REPORT_H_
