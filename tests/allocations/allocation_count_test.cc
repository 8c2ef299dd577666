// The count itself: a zero proves nothing if nothing is ever counted.

#include "tests/allocations/allocation_count.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace streamhub {
namespace {

struct alignas(64) Line {
  char bytes[64];
};

// Whoever allocates for nobody is left out by the compiler.
template <typename T>
T* Seen(T* memory) {
  asm volatile("" : : "r"(memory) : "memory");
  return memory;
}

__attribute__((noinline)) std::unique_ptr<int> MakeOne() {
  return std::unique_ptr<int>(Seen(new int(7)));
}

TEST(AllocationCount, SeesEveryKind) {
  if (!kAllocationsAreCounted) GTEST_SKIP() << "a sanitizer has malloc";
  std::vector<int> reserved;
  reserved.reserve(10);
  BeginAllocationCount(CountedThreads::kAll);
  const auto one = MakeOne();
  const std::unique_ptr<int[]> array(Seen(new int[3]));
  const std::unique_ptr<Line> line(Seen(new Line));
  const std::unique_ptr<void, decltype(&std::free)> aligned(
      Seen(std::aligned_alloc(64, 64)), &std::free);
  const std::unique_ptr<char> quietly(Seen(new (std::nothrow) char));
  reserved.push_back(1);  // allocates nothing
  const AllocationCount counted = EndAllocationCount();
  EXPECT_EQ(counted.count, 5) << counted.sites;
  EXPECT_THAT(counted.sites, testing::HasSubstr("MakeOne"));
  const auto uncounted = MakeOne();
  BeginAllocationCount(CountedThreads::kAll);
  EXPECT_EQ(EndAllocationCount().count, 0);
}

TEST(AllocationCount, LeavesOutTheTestsOwnThread) {
  if (!kAllocationsAreCounted) GTEST_SKIP() << "a sanitizer has malloc";
  BeginAllocationCount(CountedThreads::kOthers);
  const auto mine = MakeOne();
  std::thread other([] { MakeOne(); });
  other.join();
  const AllocationCount counted = EndAllocationCount();
  EXPECT_EQ(counted.count, 1) << counted.sites;
}

}  // namespace
}  // namespace streamhub
