// What load tests found, as one self-contained page: latencies by percentile,
// what a growing variable costs, and all figures as a table. It loads nothing
// and runs no script; light or dark as the reader's system is. Pure.

#ifndef STREAMHUB_BENCH_LOAD_PLOT_H_
#define STREAMHUB_BENCH_LOAD_PLOT_H_

#include <string>
#include <vector>

#include "bench/load/suite.h"

namespace streamhub::load {

struct PlotTitle {
  std::string title;      // "caplin-20"
  std::string made_with;  // "streamhub 0.1.0, 2026-11-25 18:07 UTC"
  std::string command;    // line that made it
};

std::string ToHtml(const PlotTitle& title, const Growth& growth,
                   const std::vector<RunResult>& results);

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_PLOT_H_
