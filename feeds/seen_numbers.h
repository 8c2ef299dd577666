// Which numbers of a stream of messages have come, whatever their order: all up
// to the highest but for ranges that are missing so far. Pure; one thread.
//
// Bounded: of the missing ranges the newest are kept open. What is older is
// missing for good, and a message of it that comes after all is none that came.
// Steady state without allocation.

#ifndef STREAMHUB_FEEDS_SEEN_NUMBERS_H_
#define STREAMHUB_FEEDS_SEEN_NUMBERS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace streamhub {

class SeenNumbers {
 public:
  static constexpr size_t kOpenMax = 1024;

  // From `first` on all are expected; a new stream.
  void Begin(uint64_t first);

  // `first` to `end` - 1 came. How many of them are new.
  uint64_t Add(uint64_t first, uint64_t end);

  // All before `next` have been sent, whether they came or not.
  void Expect(uint64_t next);

  // Behind the highest.
  uint64_t next() const { return next_; }

  // Since this was made, in all streams; only those of ended streams and of
  // ranges that are not kept open are certain not to come.
  uint64_t missing() const { return missing_; }

 private:
  struct Range {
    uint64_t first;
    uint64_t end;
  };

  void Open(uint64_t first, uint64_t end);
  uint64_t Fill(uint64_t first, uint64_t end);

  uint64_t next_ = 0;
  uint64_t missing_ = 0;
  std::vector<Range> open_;  // missing, in their order
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_SEEN_NUMBERS_H_
