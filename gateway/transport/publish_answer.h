// `POST /v1/publish`: what the requests in its body come to. Shard's thread
// only.
//
// Browsers send such a POST for any page without asking first (WHATWG Fetch,
// "CORS-safelisted request"), so a page of another origin is refused here.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_PUBLISH_ANSWER_H_
#define STREAMHUB_GATEWAY_TRANSPORT_PUBLISH_ANSWER_H_

#include <string_view>

#include "gateway/session/publishing.h"
#include "gateway/transport/http_answers.h"
#include "gateway/transport/shard_context.h"

namespace streamhub {

struct PublishPost {
  std::string_view query, body;
  std::string_view origin, host;  // empty: it has none
};

// An `ack` or `error` per request, in their order, on lines. The status is that
// of the errors if there is nothing else. `budget` is the connection's.
HttpAnswer PublishAnswer(const PublishPost& post, PublishBudget* budget,
                         ShardContext& shard);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_PUBLISH_ANSWER_H_
