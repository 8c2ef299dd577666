// A writer of a cache slot that is stopped in the middle of a write, as the
// operating system may stop any thread: until it goes on, reads fail. Only for
// tests in which nobody else writes that slot.

#ifndef STREAMHUB_TESTS_SUPPORT_STUCK_WRITER_H_
#define STREAMHUB_TESTS_SUPPORT_STUCK_WRITER_H_

#include "gateway/market/conflation_cache.h"

namespace streamhub {

class StuckWriter {
 public:
  static void Enter(const ConflationCache& cache, SymbolId id) {
    Add(cache, id);
  }
  static void Leave(const ConflationCache& cache, SymbolId id) {
    Add(cache, id);
  }

 private:
  static void Add(const ConflationCache& cache, SymbolId id) {
    cache.slots_[id].load()[ConflationCache::kSequence].fetch_add(1);
  }
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SUPPORT_STUCK_WRITER_H_
