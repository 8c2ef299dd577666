// What a floor (floor.h) repeats of a measurement: how many messages with
// updates left the server in each of its turns, and the messages of one client.
// Pure; one thread. Workers fill one each, and they are merged.

#ifndef STREAMHUB_BENCH_LOAD_RECORDING_H_
#define STREAMHUB_BENCH_LOAD_RECORDING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace streamhub::load {

struct Turn {
  int64_t time_us = 0;  // as the server stamped it
  int64_t messages = 0;

  bool operator==(const Turn&) const = default;
};

// Counts messages by the time that the server put into them, which is that of
// its turn: all that left in one go have one.
class TurnLog {
 public:
  // Turns that are told apart. Of later ones only the messages are counted.
  static constexpr size_t kTurnsMax = 1 << 18;

  void Add(int64_t time_us, int64_t messages = 1);
  void Merge(const TurnLog& other);
  // Messages of turns that there was no room for.
  void AddUntold(int64_t messages) { messages_ += messages; }

  // All that were added.
  int64_t messages() const { return messages_; }

  // In the order of time.
  std::vector<Turn> Sorted() const;

 private:
  Turn* Find(int64_t time_us);
  void Grow();

  std::vector<Turn> table_;  // by the hash of the time, at most half full
  size_t used_ = 0;
  size_t last_ = 0;  // the place that was found last: messages come in turns
  int64_t messages_ = 0;
};

// The messages of one client, without what a transport wraps around them.
struct Sample {
  static constexpr size_t kMessagesMax = 1000;
  static constexpr size_t kBytesMax = 4 * 1024 * 1024;

  std::vector<std::string> names;    // of its symbols, as JSON writes them
  std::vector<std::string> opening;  // until it had all of its first state
  std::vector<std::string> updates;  // of the measurement, in order
  size_t bytes = 0;

  // Keeps a copy, while there is room.
  void Keep(std::string_view message, std::vector<std::string>* where);
  bool empty() const { return updates.empty(); }
};

struct Recording {
  TurnLog turns;
  Sample sample;

  void Merge(const Recording& other);
};

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_RECORDING_H_
