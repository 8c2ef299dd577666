// What clients are compared with: the gateway's own answer of /v1/quotes, and
// what each client made of its updates. Pure; a reference is not changed once
// clients are compared with it.
//
// The version of a symbol says what its values are. So a client that holds the
// version of the reference must hold its values, and what it lacks is a fault
// of the delivery; one that holds another version is compared later.

#ifndef STREAMHUB_BENCH_LOAD_REFERENCE_H_
#define STREAMHUB_BENCH_LOAD_REFERENCE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bench/load/holding.h"

namespace streamhub::load {

struct ReferenceQuote {
  int64_t version = 0;  // 0: the gateway has none
  int64_t ticks = 0;
  Values values;
};

class Reference {
 public:
  explicit Reference(const Wanted& wanted);

  // Takes a reply of /v1/quotes. False if it is none.
  bool Add(std::string_view reply);

  const ReferenceQuote& Of(uint32_t symbol) const { return quotes_[symbol]; }

  // Whether every symbol's feed is over: nothing changes any more.
  bool ended() const { return ended_; }

 private:
  const Wanted& wanted_;
  std::unordered_map<std::string_view, uint32_t> index_;  // by name
  std::vector<ReferenceQuote> quotes_;                    // by symbol
  bool ended_ = true;
};

// In which field two holders of one version differ, as
// "bid: 1.25, the gateway says 1.26"; empty: in none.
std::string Difference(const Values& client, const Values& gateway);

// How many updates a subscription was due: as many as its symbol had ticks
// since the snapshot, but no more than its rate had beats. `rate` 0: unlimited.
// Where ticks come at equal intervals this is exact; where they come in bursts
// several fall into one beat, and it is more than was due.
int64_t DueUpdates(int64_t ticks, double seconds, double rate);

// What the check found out about all clients.
struct CheckResult {
  bool done = false;
  int64_t due = 0;
  int64_t received = 0;
  std::vector<double> shares;  // of each client that was due anything
  int64_t equal = 0;           // subscriptions that held what they should
  int64_t different = 0;
  int64_t behind = 0;  // never seen at a version of a reference
  std::string first_difference;

  void Merge(const CheckResult& other);
  double ShareMin() const;
  double ShareMedian() const;
  int64_t ClientsBelow(double share) const;
};

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_REFERENCE_H_
