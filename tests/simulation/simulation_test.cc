// The seeded simulation of the delivery engine: market, publisher, cache,
// fanout, sessions and frame cache as in production, over transports and a
// clock of the test. Each seed is a run of its own with faults of its own
// choice; the rules that must hold are named in verdict.h.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "tests/simulation/simulation.h"

namespace streamhub::simulation {
namespace {

// How many seeds take about a minute; sanitizers are slow.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    !defined(NDEBUG)
constexpr uint64_t kSeeds = 300;
#else
constexpr uint64_t kSeeds = 3000;
#endif

std::optional<uint64_t> Variable(const char* name) {
  const char* const text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  return std::strtoull(text, nullptr, 0);
}

void RunSeeds(bool polls) {
  uint64_t first = 1;
  uint64_t count = Variable("STREAMHUB_SEEDS").value_or(kSeeds);
  bool trace = false;
  if (const auto seed = Variable("STREAMHUB_SEED")) {
    first = *seed;
    count = 1;
    trace = true;
  }
  std::printf("seeds %llu to %llu\n", static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(first + count - 1));
  for (uint64_t seed = first; seed < first + count; ++seed) {
    const std::string failure = Simulation(seed, trace, polls).Run();
    ASSERT_EQ(failure, "") << "Run this seed alone, with a trace:\n"
                           << "STREAMHUB_SEED=" << seed << " simulation_test"
                           << (polls ? " --gtest_filter=*Polls*" : "");
  }
}

TEST(SimulationTest, EverySeedHoldsEveryRule) { RunSeeds(/*polls=*/false); }

TEST(SimulationTest, EverySeedHoldsEveryRuleForPollsToo) {
  RunSeeds(/*polls=*/true);
}

}  // namespace
}  // namespace streamhub::simulation
