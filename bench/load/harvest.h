// What the clients of one process found, and the way it takes to another: as
// bytes, between processes of one program. Pure; any thread.

#ifndef STREAMHUB_BENCH_LOAD_HARVEST_H_
#define STREAMHUB_BENCH_LOAD_HARVEST_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/load/reference.h"
#include "bench/load/tally.h"

namespace streamhub::load {

struct Harvest {
  Tally tally;
  CheckResult check;
  int64_t failed = 0;
  bool ended_early = false;  // see Checker
  std::string error;         // why there was no check; empty: there was none

  void Merge(const Harvest& other);
};

std::string Pack(const Harvest& harvest);

// False if the bytes are not what Pack() made.
bool Unpack(std::string_view bytes, Harvest* harvest);

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_HARVEST_H_
