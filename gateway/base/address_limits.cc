#include "gateway/base/address_limits.h"

#include <algorithm>

#include "gateway/base/clock.h"

namespace streamhub {
namespace {

// A look at all addresses takes milliseconds when they are many.
constexpr int64_t kForgetEveryNs = kSecond;

// All that an address may have open may come back at once.
double BurstOf(double per_second, int connections) {
  return std::max({2 * per_second, static_cast<double>(connections), 1.0});
}

// As many more than `connections` are told why.
int ToldOf(int connections) { return connections + connections / 4 + 4; }

}  // namespace

AddressLimits::AddressLimits(Options options)
    : options_(std::move(options)),
      connect_pace_{options_.connect_rate,
                    BurstOf(options_.connect_rate, options_.connections)},
      total_pace_{options_.connect_rate_total,
                  BurstOf(options_.connect_rate_total, 0)},
      publish_pace_{options_.publish_rate, BurstOf(options_.publish_rate, 0)} {}

bool AddressLimits::IsTrusted(const ClientAddress& address) const {
  return std::any_of(
      options_.trusted.begin(), options_.trusted.end(),
      [&](const AddressRange& range) { return range.Contains(address); });
}

AddressLimits::Admission AddressLimits::Admit(const ClientAddress& address,
                                              int64_t mono_ns) {
  const bool trusted = IsTrusted(address);
  const std::lock_guard lock(mutex_);
  const auto drop = [](Limit limit) {
    return Admission{Verdict::kDrop, limit, {}};
  };
  Entry* entry = nullptr;
  Admission admission;
  if (!trusted) {
    if (entries_.size() >= std::min(forget_at_, options_.addresses_max)) {
      Forget(mono_ns);
    }
    const ClientAddress client = address.Client();
    auto found = entries_.find(client);
    if (found == entries_.end()) {
      if (entries_.size() >= options_.addresses_max) {
        return drop(Limit::kAddresses);
      }
      found = entries_.try_emplace(client).first;
    }
    entry = &found->second;
    if (!entry->connects.Take(connect_pace_, mono_ns)) {
      return drop(Limit::kConnectRatePerAddress);
    }
    if (options_.connections > 0 &&
        entry->connections >= options_.connections) {
      admission = {Verdict::kTell, Limit::kConnectionsPerAddress, {}};
      if (entry->connections >= ToldOf(options_.connections)) {
        return drop(admission.limit);
      }
    }
  }
  if (!connects_.Take(total_pace_, mono_ns)) return drop(Limit::kConnectRate);
  if (entry != nullptr) {
    ++entry->connections;
    admission.place = Place(this, entry);
  }
  return admission;
}

void AddressLimits::Forget(int64_t mono_ns) {
  if (mono_ns < forget_from_ns_) return;
  forget_from_ns_ = mono_ns + kForgetEveryNs;
  std::erase_if(entries_, [&](const auto& each) {
    const Entry& entry = each.second;
    return entry.connections == 0 && entry.topics == 0 &&
           entry.connects.IsFull(connect_pace_, mono_ns) &&
           entry.publishes.IsFull(publish_pace_, mono_ns);
  });
  forget_at_ = std::max<size_t>(1024, 2 * entries_.size());
}

size_t AddressLimits::address_count() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

void AddressLimits::Leave(Entry& entry) {
  const std::lock_guard lock(mutex_);
  --entry.connections;
}

bool AddressLimits::TakePublish(Entry& entry, int64_t mono_ns) {
  const std::lock_guard lock(mutex_);
  return entry.publishes.Take(publish_pace_, mono_ns);
}

bool AddressLimits::TakeTopic(Entry& entry) {
  const std::lock_guard lock(mutex_);
  if (options_.topics > 0 && entry.topics >= options_.topics) return false;
  ++entry.topics;
  return true;
}

void AddressLimits::GiveBackTopic(Entry& entry) {
  const std::lock_guard lock(mutex_);
  --entry.topics;
}

}  // namespace streamhub
