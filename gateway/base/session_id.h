// What a session is called: `2-117` is the 117th session of the second shard
// since the gateway started. Its client is told it (`hello`), operators ask by
// it, and no other session of this run of the gateway has it.
//
// A poll is a session that ends with its answer, so the one client that polls
// on and on carries the id of its first poll from each to the next: `2-118p`.
// The `p` keeps what a client says of itself apart from ids that were given.
//
// Pure; any thread.

#ifndef STREAMHUB_GATEWAY_BASE_SESSION_ID_H_
#define STREAMHUB_GATEWAY_BASE_SESSION_ID_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace streamhub {

// One word, so that logs and comparisons are cheap. 0: of no session.
using SessionId = uint64_t;

// `number` from 1 to 2^40 - 1, `shard` below 2^23.
constexpr SessionId MakeSessionId(uint32_t shard, uint64_t number,
                                  bool poll = false) {
  return uint64_t{shard} << 41 | (poll ? uint64_t{1} << 40 : 0) | number;
}

constexpr bool IsPoll(SessionId id) { return (id >> 40 & 1) != 0; }
constexpr uint32_t ShardOf(SessionId id) {
  return static_cast<uint32_t>(id >> 41);
}
constexpr uint64_t NumberOf(SessionId id) {
  return id & ((uint64_t{1} << 40) - 1);
}

// As people read it.
std::string SessionText(SessionId id);

// The id whose text that is, to the letter; nullopt: of none.
std::optional<SessionId> ParseSession(std::string_view text);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_BASE_SESSION_ID_H_
