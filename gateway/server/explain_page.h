// GET /admin/explain?session=2-117&symbol=AAPL: why that client gets of that
// symbol what it gets. docs/operations.md has every key.
//
// Admin thread; the shards are asked (ask_shards.h), for half a second at most.

#ifndef STREAMHUB_GATEWAY_SERVER_EXPLAIN_PAGE_H_
#define STREAMHUB_GATEWAY_SERVER_EXPLAIN_PAGE_H_

#include <span>
#include <string_view>

#include "gateway/base/clock.h"
#include "gateway/server/admin_route.h"
#include "gateway/server/ask_shards.h"

namespace streamhub {

// 400: the query is wrong; 404: there is
// no such session, or it has no such subscription; 503: a shard did not answer.
AdminAnswer ExplainPage(std::span<const ShardDoor> doors,
                        std::string_view query, const Clock& clock);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_EXPLAIN_PAGE_H_
