#include <array>
#include <cstddef>

#include "bench/instructions/operation.h"
#include "bench/support/still_shard.h"

namespace streamhub {
namespace {

// Turns of a shard over 1000 sessions, in updates: from the dirty bits to each
// session's batch. Before each of them one in `every` symbols ticks.
int64_t Turns(Envelope envelope, const StillShardSize& size, size_t every,
              int turns) {
  StillShard shard(envelope, size);
  for (int i = 0; i < 3; ++i) {
    shard.TickEvery(every);
    shard.Turn();
  }
  const int64_t before = shard.updates();
  for (int i = 0; i < turns; ++i) {
    shard.TickEvery(every);
    Counted([&] {
      shard.Turn();
      return 0;
    });
  }
  return shard.updates() - before;
}

int64_t Lines() { return Turns(Envelope::kLines, {}, 1, 3); }
int64_t Sse() { return Turns(Envelope::kSse, {}, 1, 3); }
int64_t Flat() { return Turns(Envelope::kFlat, {}, 1, 3); }
int64_t Few() { return Turns(Envelope::kLines, {}, 100, 30); }
int64_t Broadcast() {
  return Turns(Envelope::kLines, {.symbols = 1, .each = 1}, 1, 10);
}

constexpr auto kOperations = std::to_array<Operation>({
    {"turn_json", "an update of a turn, 10 of 1000 symbols per session", Lines},
    {"turn_sse", "the same as server-sent events", Sse},
    {"turn_flat", "the same in FlatBuffers", Flat},
    {"turn_json_few", "the same, one in 100 symbols has ticked", Few},
    {"turn_json_broadcast", "one symbol to 1000 sessions", Broadcast},
});

}  // namespace

std::span<const Operation> SessionOperations() { return kOperations; }

}  // namespace streamhub
