// What one client address may take of what all share: connections, how fast
// they come, messages and topics that it publishes. And how fast connections
// may come in all. Shards share one; any thread: a mutex, which a connection,
// its end and a published message take once each.
//
// Addresses are forgotten when they have nothing open and everything left, so
// that strangers cannot fill the memory; of the others there are at most
// `addresses_max`. Who began topics is remembered with them.

#ifndef STREAMHUB_GATEWAY_BASE_ADDRESS_LIMITS_H_
#define STREAMHUB_GATEWAY_BASE_ADDRESS_LIMITS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "gateway/base/client_address.h"
#include "gateway/base/refusals.h"
#include "gateway/base/token_bucket.h"

namespace streamhub {

class AddressLimits {
 public:
  struct Options {
    int connections = 0;  // of an address; 0: without limit, as for the others
    double connect_rate = 0;            // per second and address
    double connect_rate_total = 0;      // per second
    double publish_rate = 0;            // messages per second and address
    int topics = 0;                     // that an address may begin
    std::vector<AddressRange> trusted;  // no limit of an address is theirs
    size_t addresses_max = 100'000;
  };

 private:
  struct Entry {
    int connections = 0;
    int topics = 0;
    TokenBucket connects, publishes;
  };
  using Entries = std::map<ClientAddress, Entry>;  // which stay where they are

 public:
  // A connection's; the limits outlive it.
  class Place {
   public:
    Place() = default;  // of nobody in particular: it limits nothing
    Place(Place&& other) noexcept
        : limits_(std::exchange(other.limits_, nullptr)),
          entry_(other.entry_) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(limits_, other.limits_);
      std::swap(entry_, other.entry_);
      return *this;
    }
    ~Place() {
      if (limits_ != nullptr) limits_->Leave(*entry_);
    }

    // False: the address has published as much as it may for now.
    bool TakePublish(int64_t mono_ns) {
      return limits_ == nullptr || limits_->TakePublish(*entry_, mono_ns);
    }
    // False: the address has begun as many topics as it may. Given back if it
    // was not begun after all.
    bool TakeTopic() {
      return limits_ == nullptr || limits_->TakeTopic(*entry_);
    }
    void GiveBackTopic() {
      if (limits_ != nullptr) limits_->GiveBackTopic(*entry_);
    }

   private:
    friend class AddressLimits;
    Place(AddressLimits* limits, Entry* entry)
        : limits_(limits), entry_(entry) {}
    AddressLimits* limits_ = nullptr;
    Entry* entry_ = nullptr;
  };

  enum class Verdict {
    kServe,
    kTell,  // one too many, but few enough to be told why in its own language
    kDrop,  // a flood: not worth reading
  };
  struct Admission {
    Verdict verdict = Verdict::kServe;
    Limit limit{};  // why, unless it is served
    Place place;
  };

  explicit AddressLimits(Options options);
  AddressLimits(const AddressLimits&) = delete;

  Admission Admit(const ClientAddress& address, int64_t mono_ns);

  // Those that are remembered.
  size_t address_count() const;

 private:
  bool IsTrusted(const ClientAddress& address) const;
  void Forget(int64_t mono_ns);
  void Leave(Entry& entry);
  bool TakePublish(Entry& entry, int64_t mono_ns);
  bool TakeTopic(Entry& entry);
  void GiveBackTopic(Entry& entry);

  const Options options_;
  const TokenBucket::Pace connect_pace_, total_pace_, publish_pace_;
  mutable std::mutex mutex_;
  Entries entries_;             // under mutex_
  TokenBucket connects_;        // under mutex_
  size_t forget_at_ = 1024;     // entries; under mutex_
  int64_t forget_from_ns_ = 0;  // under mutex_
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_BASE_ADDRESS_LIMITS_H_
