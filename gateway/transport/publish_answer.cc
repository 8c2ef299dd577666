#include "gateway/transport/publish_answer.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/codec/json.h"
#include "gateway/transport/subscribe_requests.h"

namespace streamhub {
namespace {

int StatusOf(const RequestError& error) {
  if (error.code == "forbidden") return 403;
  return error.code == "too_many_messages" ? 429 : 400;
}

// Appends what the request came to. Its status: 200, or that of its error.
int Do(const ParsedRequest& parsed, PublishBudget* budget, ShardContext& shard,
       std::string* lines) {
  std::variant<uint64_t, RequestError> done;
  if (const auto* const request = std::get_if<Request>(&parsed)) {
    shard.counters.Add(Metric::kRequests);
    done = shard.publishing.Publish(*request, budget);
    if (const auto* const sequence = std::get_if<uint64_t>(&done)) {
      AppendPublished(request->id, *sequence, lines);
      *lines += '\n';
      return 200;
    }
  } else {
    done = std::get<RequestError>(parsed);
  }
  const auto& error = std::get<RequestError>(done);
  shard.counters.Add(Metric::kRequestErrors);
  AppendError(error, lines);
  *lines += '\n';
  return StatusOf(error);
}

}  // namespace

HttpAnswer PublishAnswer(const PublishPost& post, PublishBudget* budget,
                         ShardContext& shard) {
  if (!shard.cors.AllowsPublish(post.origin, post.host)) {
    shard.counters.Add(Metric::kPublishesRefused);
    return ErrorAnswer(403, "forbidden", WhyNoPublish(post.origin, post.host),
                       "Origin");
  }
  std::string lines;
  int status = 0;
  for (const ParsedRequest& parsed :
       RequestsOfBody(post.query, post.body, Request::Type::kPublish)) {
    const int one = Do(parsed, budget, shard, &lines);
    // What was published was; of faults of several kinds 400 is the name.
    if (status == 0 || one == 200) {
      status = one;
    } else if (status != 200 && status != one) {
      status = 400;
    }
  }
  HttpAnswer answer = BatchAnswer(std::move(lines), Encoding::kJson);
  answer.status = status;
  return answer;
}

}  // namespace streamhub
