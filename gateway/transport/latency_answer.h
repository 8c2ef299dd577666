// `/v1/latency`: where the time of prices went in the last minute, for pages
// that show it. Shard's thread only.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_LATENCY_ANSWER_H_
#define STREAMHUB_GATEWAY_TRANSPORT_LATENCY_ANSWER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/session/latency_board.h"
#include "gateway/transport/http_answers.h"
#include "gateway/transport/shard_context.h"

namespace streamhub {

// The object of docs/protocol.md, on a line.
std::string LatencyText(const LatencyBoard& board, int64_t wall_ns,
                        int64_t mono_ns);

// Put together at most four times a second, however many ask.
HttpAnswer LatencyAnswer(std::string_view query, ShardContext& shard);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_LATENCY_ANSWER_H_
