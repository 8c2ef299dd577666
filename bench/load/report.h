// What a load test found, as text for people and as JSON for programs. Pure.

#ifndef STREAMHUB_BENCH_LOAD_REPORT_H_
#define STREAMHUB_BENCH_LOAD_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/load/floor_report.h"
#include "bench/load/http.h"
#include "bench/load/process.h"
#include "bench/load/reference.h"
#include "bench/load/tally.h"

namespace streamhub::load {

// A process over the measurement.
struct ProcessReport {
  int64_t pid = 0;
  ProcessUse before;  // any client had connected
  ProcessUse begin;
  ProcessUse end;
};

struct LoadReport {
  // What was measured.
  std::string url;
  bool own_server = false;
  std::vector<std::string> server_arguments;
  std::string preset;  // empty: none
  std::string transport;
  std::string encoding = "json";
  int64_t clients = 0;
  int64_t symbols_per_client = 0;
  int64_t symbols = 0;         // to choose from
  double symbol_period_s = 0;  // between ticks of each; 0: nobody knows
  std::vector<std::string> fields;
  std::string max_rate;
  uint64_t seed = 0;
  int64_t threads = 0;
  int64_t processes = 1;
  double slow_share = 0;
  double slow_bytes_per_second = 0;
  double storm_share = 0;
  double storm_within_s = 0;
  double warmup_s = 0;
  ClockOffset clock;

  // What came out.
  double connecting_s = 0;  // until all had their first state, or had failed
  double window_s = 0;      // of the measurement
  int64_t failed = 0;       // clients
  bool stopped = false;     // by a signal, before its end
  Tally tally;
  std::optional<ProcessReport> server;
  ProcessReport client;  // those with clients
  KernelUse kernel_before, kernel_end;
  CheckResult check;
  double share_wanted = 0;
  std::optional<FloorReport> floor;
  std::vector<Round> rounds;  // of gateway and floor; this is one of them
  std::string trouble;        // what the run itself noticed; empty: nothing

  // Why it was not good, the first of all reasons; empty: it was.
  std::string Trouble() const;
  bool Good() const { return Trouble().empty(); }

  // Whether clients should have got updates in the measurement.
  bool MarketTicks() const;
};

std::string ToText(const LoadReport& report);
std::string ToJson(const LoadReport& report);

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_REPORT_H_
