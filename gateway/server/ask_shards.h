// Questions that only the shards can answer, each about its own sessions: asked
// of all of them at once, on their own threads, and waited for no longer than
// is bearable. A shard that is overloaded answers late, and then not at all.

#ifndef STREAMHUB_GATEWAY_SERVER_ASK_SHARDS_H_
#define STREAMHUB_GATEWAY_SERVER_ASK_SHARDS_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "gateway/session/fanout.h"

namespace streamhub {

// Runs `work` on the thread of one shard, with a fan-out of it, between two of
// its turns. Any thread, as long as the shard is there; never waits.
using ShardDoor = std::function<void(std::function<void(Fanout&)> work)>;

// A shard's part of a question. `shard`: its place among the doors. True: there
// is more to do; it is called again when the shard has served its clients.
using ShardStep = std::function<bool(size_t shard, Fanout& fanout)>;

// Calls `step` on every shard's thread, different shards at the same time, and
// waits until all are done, at most for `patience`. Once it returns no step
// runs, and none begins. Returns the places of those that were not done.
std::vector<size_t> AskShards(std::span<const ShardDoor> doors, ShardStep step,
                              std::chrono::milliseconds patience);

// `,"late_shards":[1,3]`, of what AskShards() returned, if there are any:
// counted from 1, as in ids of sessions. Each shard has `markets` doors.
void AppendLateShards(const std::vector<size_t>& late, size_t markets,
                      std::string* out);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_ASK_SHARDS_H_
