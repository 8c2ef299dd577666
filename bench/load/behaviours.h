// What clients do that is not just to read: some are slow, some are cut off in
// a storm and come back. Pure; any thread. What a worker does for it is in
// behaviours.cc.

#ifndef STREAMHUB_BENCH_LOAD_BEHAVIOURS_H_
#define STREAMHUB_BENCH_LOAD_BEHAVIOURS_H_

#include <cstddef>
#include <cstdint>

#include "bench/load/client.h"
#include "gateway/base/clock.h"

namespace streamhub::load {

// A slow client reads once in such a time what it may read in it.
inline constexpr int64_t kSlowPeriodNs = kSecond;

// A storm begins when this part of the measurement is over.
inline constexpr double kStormAfter = 0.25;

// Whether the client of this index belongs to that part of all. Spread evenly,
// and the first one belongs to it only if all do.
bool BelongsTo(double share, size_t index);

// How long after a cut the survivors are watched: until all are back, and
// have had 3 s for their state.
int64_t StormNs(const RunPlan& plan);

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_BEHAVIOURS_H_
