// The results of a comparison as Markdown: a table per workload, and in words
// who is ahead. Pure.
//
// Values are medians of the rounds, ratios are medians of the ratios within
// each round. CPU and age are only compared with peers that delivered
// everything to everybody: who sends less has it easier.

#ifndef STREAMHUB_BENCH_PEERS_TABLE_H_
#define STREAMHUB_BENCH_PEERS_TABLE_H_

#include <string>
#include <vector>

#include "bench/peers/results.h"

namespace streamhub::peers {

// `results` in any order; a run that is missing has failed altogether.
std::string ToMarkdown(const Workload& workload,
                       const std::vector<Result>& results);

}  // namespace streamhub::peers

#endif  // STREAMHUB_BENCH_PEERS_TABLE_H_
