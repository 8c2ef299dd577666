// What every connection of a shard uses and the shard owns; one per market.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_SHARD_CONTEXT_H_
#define STREAMHUB_GATEWAY_TRANSPORT_SHARD_CONTEXT_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/counters.h"
#include "gateway/base/refusals.h"
#include "gateway/market/market.h"
#include "gateway/session/fanout.h"
#include "gateway/session/latency_board.h"
#include "gateway/session/publishing.h"
#include "gateway/transport/cors.h"
#include "gateway/transport/static_files.h"

namespace streamhub {

// What is off unless it is asked for.
struct ScriptDoors {
  bool jsonp = false;
  bool frame = false;
};

// Of one connection, or request.
struct HttpLimits {
  size_t header_bytes_max = 32 * 1024;  // with the request line
  size_t body_bytes_max = 64 * 1024;
  size_t message_bytes_max = 64 * 1024;      // of a WebSocket
  int64_t keep_alive_ns_max = 60 * kSecond;  // between requests
  double requests_per_second = 0;  // over one connection; 0: without limit
};

struct ShardContext {
  // That of the market of that name on the same shard; null: there is none.
  ShardContext* Of(std::string_view name) const {
    for (ShardContext* context : *all) {
      if (context->market.name() == name) return context;
    }
    return nullptr;
  }

  const std::vector<ShardContext*>* all;  // of the shard; the first is the base
  const Market& market;
  Fanout& fanout;
  Publishing& publishing;
  Counters& counters;
  const Clock& clock;
  const StaticFiles& files;
  const Cors& cors;
  const ScriptDoors scripts;
  int64_t handshake_ns_max;  // from accept, or the last answer, to a request
  int64_t write_ns_max;      // for a client to take an answer
  // Set when the shard stops: nobody is let in any more.
  bool stopping = false;
  // Where sockets are read into: no connection keeps a buffer of its own. Its
  // size bounds what one read can ask for before reading is paused.
  std::array<char, 8 * 1024> read_buffer{};
  // What /v1/latency tells, and its newest text (latency_answer.h).
  const LatencyBoard* latency = nullptr;  // null: it is not told
  std::string latency_text = {};
  int64_t latency_text_ns = 0;
  HttpLimits limits = {};
  Refusals* refusals = nullptr;  // of the shard; null: untold
  void Note(Limit limit) const {
    if (refusals != nullptr) refusals->Note(limit, clock.MonoNs());
  }
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_SHARD_CONTEXT_H_
