// What clients publish: which topics they may, how much, and where it goes. One
// per shard, its thread only; nobody may publish anything unless the rules list
// topics.
//
// A topic begins with the first message to it, in the market's one table of
// symbols, so their number is bounded twice: by `topics` of the rules, and by
// the market's `symbols_max`. Whatever is refused is counted.

#ifndef STREAMHUB_GATEWAY_SESSION_PUBLISHING_H_
#define STREAMHUB_GATEWAY_SESSION_PUBLISHING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/base/address_limits.h"
#include "gateway/base/clock.h"
#include "gateway/base/counters.h"
#include "gateway/base/quota.h"
#include "gateway/base/refusals.h"
#include "gateway/codec/request.h"
#include "gateway/market/market.h"

namespace streamhub {

struct PublishRules {
  std::vector<std::string> allowed;  // names, or beginnings with "*" behind
  double rate = 50;  // messages per second and client; twice as many at once
  uint32_t keeps = 1000;    // messages of a topic
  Quota* topics = nullptr;  // that clients may begin, on all shards; null: any
  Refusals* refusals = nullptr;  // of the shard; null: untold
};

// What one client has left to publish. It grows with time.
class PublishBudget {
 public:
  PublishBudget() = default;  // of no address
  // `place`: of its address; outlives the budget. Null: it has none.
  explicit PublishBudget(AddressLimits::Place* place) : place_(place) {}

  // False: there is nothing left.
  bool Take(double per_second, int64_t mono_ns);

  AddressLimits::Place* place() const { return place_; }

 private:
  AddressLimits::Place* place_ = nullptr;
  double left_ = 0;
  int64_t at_ns_ = 0;  // 0: nothing was taken yet
};

class Publishing {
 public:
  // All outlive it.
  Publishing(Market& market, Counters& counters, const Clock& clock,
             PublishRules rules);

  // Takes `allowed` and `rate` of `rules`, for what is published from now on.
  void Rerule(const PublishRules& rules);

  // The sequence of the message, or why there is none. `request` is a publish.
  std::variant<uint64_t, RequestError> Publish(const Request& request,
                                               PublishBudget* budget);

  // Of a page that must not publish, whatever it wants to, and why.
  RequestError ForeignPage(const Request& request, std::string_view reason);

 private:
  bool Allows(std::string_view topic) const;
  std::variant<SymbolId, RequestError> TopicOf(const Request& request,
                                               AddressLimits::Place* place);
  std::variant<SymbolId, RequestError> BeginTopic(const Request& request,
                                                  AddressLimits::Place* place);
  RequestError Exceeds(const Request& request, Limit limit,
                       std::string_view code, std::string_view reason,
                       std::string_view key);
  RequestError Refuse(const Request& request, std::string_view code,
                      std::string_view reason, std::string_view key);

  Market& market_;
  Counters& counters_;
  const Clock& clock_;
  PublishRules rules_;
  std::vector<Quota::Slot> begun_;  // topics that are this shard's
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_PUBLISHING_H_
