// What a numbered stream of messages lost, as ranges of their numbers, for an
// operator to look at. Bounded: the first ranges are kept, all are counted.
// Plain state of one feed's thread.

#ifndef STREAMHUB_FEEDS_GAP_LIST_H_
#define STREAMHUB_FEEDS_GAP_LIST_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace streamhub {

// Messages `first` to `last`, both lost.
struct Gap {
  std::string session;  // whose numbers these are
  uint64_t first = 0;
  uint64_t last = 0;

  friend bool operator==(const Gap&, const Gap&) = default;
};

class GapList {
 public:
  static constexpr size_t kKeptMax = 1000;

  // `first` <= `last`; within a session ranges come in their order. One that
  // follows right after the one before makes that one longer.
  void Add(std::string_view session, uint64_t first, uint64_t last);

  // Whether one of the ranges that are kept has any of these messages.
  bool Touches(std::string_view session, uint64_t first, uint64_t last) const;

  const std::vector<Gap>& kept() const { return kept_; }
  int64_t gaps() const { return gaps_; }

  // Lost in all; stays at the largest number there is.
  uint64_t messages() const { return messages_; }

 private:
  std::vector<Gap> kept_;
  int64_t gaps_ = 0;
  uint64_t messages_ = 0;
};

// "3 messages are lost in 2 gaps; the first is 7 to 8 of session ABC". There
// is at least one.
std::string Describe(const GapList& gaps);

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_GAP_LIST_H_
