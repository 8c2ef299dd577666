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

std::variant<SymbolId, RequestError> Publishing::TopicOf(
    const Request& request) {
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
    Quota::Slot slot;
    if (rules_.topics != nullptr && !(slot = rules_.topics->Take())) {
      return Refuse(request, "too_many_topics",
                    "there are topics_max topics already", name);
    }
    switch (market_.DefineTopic(name, kNoFeed, rules_.keeps, clock_.WallNs(),
                                &id)) {
      case SymbolTable::Added::kFull:
        counters_.Add(Metric::kSymbolsRefused);
        return Refuse(request, "too_many_topics",
                      "the market holds symbols_max topics already", name);
      case SymbolTable::Added::kKnown:  // another thread was faster
        break;
      case SymbolTable::Added::kNew:
        counters_.Add(Metric::kTopics);
        begun_.push_back(std::move(slot));
        break;
    }
  }
  if (market_.topic(id) == nullptr) {
    return Refuse(request, "forbidden", "this is a symbol of a feed", name);
  }
  return id;
}

std::variant<uint64_t, RequestError> Publishing::Publish(
    const Request& request, PublishBudget* budget) {
  // First of all, so that who is refused cannot ask without end.
  if (!budget->Take(rules_.rate, clock_.MonoNs())) {
    return Refuse(request, "too_many_messages",
                  "no more than publish_rate messages per second", "publish");
  }
  auto topic = TopicOf(request);
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
