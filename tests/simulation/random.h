// The one source of chance of a simulation: the same seed gives the same run
// on every machine, which the standard library's distributions do not promise.

#ifndef STREAMHUB_TESTS_SIMULATION_RANDOM_H_
#define STREAMHUB_TESTS_SIMULATION_RANDOM_H_

#include <cstddef>
#include <cstdint>

namespace streamhub::simulation {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15 + 1) {}

  // SplitMix64.
  uint64_t Next() {
    uint64_t x = (state_ += 0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    return x ^ (x >> 31);
  }

  // 0 to n - 1; n > 0.
  size_t Below(size_t n) { return static_cast<size_t>(Next() % n); }

  // `low` to `high`, both included.
  int64_t Between(int64_t low, int64_t high) {
    return low +
           static_cast<int64_t>(Next() % static_cast<uint64_t>(high - low + 1));
  }

  // True `percent` times out of 100.
  bool Chance(int percent) { return static_cast<int>(Below(100)) < percent; }

 private:
  uint64_t state_;
};

}  // namespace streamhub::simulation

#endif  // STREAMHUB_TESTS_SIMULATION_RANDOM_H_
