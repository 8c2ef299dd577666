// What a floor (floor.h) repeats of a measurement: which client got a message
// with updates in which turn of the server, and the messages of one client.
// Pure; one thread. Workers fill one each, and they are merged.

#ifndef STREAMHUB_BENCH_LOAD_RECORDING_H_
#define STREAMHUB_BENCH_LOAD_RECORDING_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace streamhub::load {

struct Delivery {
  int64_t time_us = 0;  // of its turn, as the server stamped it
  uint32_t client = 0;  // by its number

  auto operator<=>(const Delivery&) const = default;
};

struct DeliveryLog {
  // Of one worker's. Later ones are only counted.
  static constexpr size_t kKeptMax = 1 << 22;

  void Add(int64_t time_us, uint64_t client);
  void Merge(const DeliveryLog& other);

  bool all() const { return static_cast<int64_t>(kept.size()) == messages; }

  // In the order of their turns, up to the first one that was not kept.
  std::vector<Delivery> Sorted() const;

  std::vector<Delivery> kept;
  int64_t messages = 0;
  int64_t until_us = std::numeric_limits<int64_t>::max();  // of that one
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
  DeliveryLog deliveries;
  Sample sample;

  void Merge(const Recording& other);
};

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_RECORDING_H_
