// How often this program allocates: it puts itself before malloc and its kin,
// where new ends as well. What is counted comes with the calls that led there,
// so that a test that fails says who it was.
//
// One count at a time, begun and ended by the test's thread; the allocations
// may be any thread's.

#ifndef STREAMHUB_TESTS_ALLOCATIONS_ALLOCATION_COUNT_H_
#define STREAMHUB_TESTS_ALLOCATIONS_ALLOCATION_COUNT_H_

#include <cstdint>
#include <string>

namespace streamhub {

// False under sanitizers, which have allocators of their own: all counts are 0.
extern const bool kAllocationsAreCounted;

// Whose allocations are counted.
enum class CountedThreads {
  kAll,
  kOthers,  // all but the one that begins the count: it plays the client
};

// From here on.
void BeginAllocationCount(CountedThreads threads);

struct AllocationCount {
  int64_t count = 0;    // but for those that known_sites.h allows
  int64_t allowed = 0;  // those
  std::string sites;    // a line for each site, the most frequent first
};

// Up to here.
AllocationCount EndAllocationCount();

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_ALLOCATIONS_ALLOCATION_COUNT_H_
