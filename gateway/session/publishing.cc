#include "gateway/session/publishing.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "gateway/market/symbol.h"

namespace streamhub {

bool PublishBudget::Take(double per_second, int64_t mono_ns) {
  const double most = std::max(2 * per_second, 1.0);
  if (at_ns_ == 0) {
    left_ = most;
  } else {
    left_ += static_cast<double>(mono_ns - at_ns_) * per_second / kSecond;
    left_ = std::min(left_, most);
  }
  at_ns_ = mono_ns;
  if (left_ < 1) return false;
  left_ -= 1;
  return true;
}

Publishing::Publishing(Market& market, Counters& counters, const Clock& clock,
                       PublishRules rules)
    : market_(market),
      counters_(counters),
      clock_(clock),
      rules_(std::move(rules)) {}

void Publishing::Rerule(const PublishRules& rules) {
  rules_.allowed = rules.allowed;
  rules_.rate = rules.rate;
}

bool Publishing::Allows(std::string_view topic) const {
  return std::any_of(rules_.allowed.begin(), rules_.allowed.end(),
                     [topic](std::string_view pattern) {
                       if (!pattern.ends_with('*')) return pattern == topic;
                       pattern.remove_suffix(1);
                       return topic.starts_with(pattern);
                     });
}

RequestError Publishing::Refuse(const Request& request, std::string_view code,
                                std::string_view reason, std::string_view key) {
  counters_.Add(Metric::kPublishesRefused);
  return {.id = request.id,
          .code = std::string(code),
          .reason = std::string(reason),
          .key = std::string(key)};
}

RequestError Publishing::ForeignPage(const Request& request,
                                     std::string_view reason) {
  return Refuse(request, "forbidden", reason, "Origin");
}

RequestError Publishing::Exceeds(const Request& request, Limit limit,
                                 std::string_view code, std::string_view reason,
                                 std::string_view key) {
  if (rules_.refusals != nullptr) {
    rules_.refusals->Note(limit, clock_.MonoNs());
  }
  return Refuse(request, code, reason, key);
}

std::variant<SymbolId, RequestError> Publishing::BeginTopic(
    const Request& request, AddressLimits::Place* place) {
  const std::string& name = request.topic;
  if (place != nullptr && !place->TakeTopic()) {
    return Exceeds(request, Limit::kTopicsPerAddress, "too_many_topics",
                   "this address began topics_per_address topics already",
                   name);
  }
  SymbolId id = 0;
  Quota::Slot slot;
  SymbolTable::Added added = SymbolTable::Added::kFull;
  if (rules_.topics == nullptr || (slot = rules_.topics->Take())) {
    added =
        market_.DefineTopic(name, kNoFeed, rules_.keeps, clock_.WallNs(), &id);
    if (added == SymbolTable::Added::kNew) {
      counters_.Add(Metric::kTopics);
      begun_.push_back(std::move(slot));
      return id;
    }
  }
  if (place != nullptr) place->GiveBackTopic();
  // Another thread was faster.
  if (added == SymbolTable::Added::kKnown) return id;
  if (rules_.topics != nullptr && !slot) {
    return Exceeds(request, Limit::kTopics, "too_many_topics",
                   "there are topics_max topics already", name);
  }
  counters_.Add(Metric::kSymbolsRefused);
  return Refuse(request, "too_many_topics",
                "the market holds symbols_max topics already", name);
}

std::variant<SymbolId, RequestError> Publishing::TopicOf(
    const Request& request, AddressLimits::Place* place) {
  const std::string& name = request.topic;
  if (!Allows(name)) {
    return Refuse(request, "forbidden",
                  "clients may not publish to this topic: see publish_topics",
                  name);
  }
  if (name.starts_with(kTapePrefix)) {
    return Refuse(request, "forbidden", "a feed publishes to such topics",
                  name);
  }
  SymbolId id = 0;
  if (const auto found = market_.symbols().Find(name)) {
    id = *found;
  } else {
    auto begun = BeginTopic(request, place);
    if (std::holds_alternative<RequestError>(begun)) return begun;
    id = std::get<SymbolId>(begun);
  }
  if (market_.topic(id) == nullptr) {
    return Refuse(request, "forbidden", "this is a symbol of a feed", name);
  }
  return id;
}

std::variant<uint64_t, RequestError> Publishing::Publish(
    const Request& request, PublishBudget* budget) {
  // First of all, so that who is refused cannot ask without end.
  const int64_t now_ns = clock_.MonoNs();
  if (!budget->Take(rules_.rate, now_ns)) {
    return Exceeds(request, Limit::kPublishRate, "too_many_messages",
                   "no more than publish_rate messages per second", "publish");
  }
  AddressLimits::Place* const place = budget->place();
  if (place != nullptr && !place->TakePublish(now_ns)) {
    return Exceeds(request, Limit::kPublishRatePerAddress, "too_many_messages",
                   "no more than publish_rate_per_address messages per second",
                   "publish");
  }
  auto topic = TopicOf(request, place);
  if (auto* const refused = std::get_if<RequestError>(&topic)) {
    return std::move(*refused);
  }
  const uint64_t sequence =
      market_.Append(std::get<SymbolId>(topic), request.data, clock_.WallNs());
  market_.Wake();
  counters_.Add(Metric::kMessagesPublished);
  return sequence;
}

}  // namespace streamhub
