// The operations whose instructions are counted. `instructions NAME` runs one;
// bench/instructions.sh runs them all under callgrind and compares. One thread.

#ifndef STREAMHUB_BENCH_INSTRUCTIONS_OPERATION_H_
#define STREAMHUB_BENCH_INSTRUCTIONS_OPERATION_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace streamhub {

struct Operation {
  std::string_view name;
  std::string_view what;  // one of it, in words
  // Prepares, and does it many times inside Counted(). Returns how often.
  int64_t (*run)();
};

// Calls `body`. callgrind counts what happens inside this function and nothing
// else.
int64_t Counted(const std::function<int64_t()>& body);

// The same after a first time that is not counted: buffers have their size,
// and functions of libraries are bound.
inline int64_t CountedWarm(const std::function<int64_t()>& body) {
  body();
  return Counted(body);
}

// Makes the compiler believe that somebody looks at `value`.
template <typename T>
void LookAt(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

// By layer.
std::span<const Operation> MarketOperations();
std::span<const Operation> CodecOperations();
std::span<const Operation> SessionOperations();
std::span<const Operation> FeedOperations();

}  // namespace streamhub

#endif  // STREAMHUB_BENCH_INSTRUCTIONS_OPERATION_H_
