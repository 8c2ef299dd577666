#include "bench/load/recording.h"

#include <algorithm>

namespace streamhub::load {
void DeliveryLog::Add(int64_t time_us, uint64_t client) {
  ++messages;
  if (kept.size() == kKeptMax) {
    until_us = std::min(until_us, time_us);
    return;
  }
  // At once: to grow would hold the clients up. What is not used costs nothing.
  if (kept.empty()) kept.reserve(kKeptMax);
  kept.push_back({time_us, static_cast<uint32_t>(client)});
}

void DeliveryLog::Merge(const DeliveryLog& other) {
  kept.insert(kept.end(), other.kept.begin(), other.kept.end());
  messages += other.messages;
  until_us = std::min(until_us, other.until_us);
}

std::vector<Delivery> DeliveryLog::Sorted() const {
  std::vector<Delivery> sorted = kept;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::lower_bound(sorted.begin(), sorted.end(),
                                Delivery{.time_us = until_us}),
               sorted.end());
  return sorted;
}

void Sample::Keep(std::string_view message, std::vector<std::string>* where) {
  if (where->size() == kMessagesMax || bytes + message.size() > kBytesMax) {
    return;
  }
  bytes += message.size();
  where->emplace_back(message);
}

void Recording::Merge(const Recording& other) {
  deliveries.Merge(other.deliveries);
  if (sample.empty()) sample = other.sample;
}

}  // namespace streamhub::load
