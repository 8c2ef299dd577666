// The newest messages of a topic, encoded once and numbered. A topic is a
// symbol whose update is a list: what a subscription gets is the messages since
// its cursor, which is the number of the last one that the client holds.
//
// Any thread appends, any thread reads; a lock inside, held for as long as it
// takes to copy. Bounded in messages and in bytes: the oldest make room.
// Memory grows on demand, up to the bounds, and then stays: in a steady state
// nothing is allocated.
//
// Numbers grow by one. The first is the time of the ring's making, so that a
// later run of the gateway is ahead of every earlier one and a cursor of
// another run is recognised by its number alone.

#ifndef STREAMHUB_GATEWAY_MARKET_TOPIC_RING_H_
#define STREAMHUB_GATEWAY_MARKET_TOPIC_RING_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace streamhub {

// Messages that were copied out of a ring, in order. Reused: it keeps its
// memory.
struct TopicMessages {
  struct Message {
    uint64_t seq;
    int64_t time_us;
    std::string_view json;  // {"seq":..,"time":..,"data":..}, within `bytes`
    std::string_view data;  // of it, the data
  };
  std::string bytes;
  std::vector<Message> messages;

  // How many there were between the cursor and the first of these that are
  // not kept any more.
  uint64_t lost = 0;
  // What a client holds that has these: the number of the last one, or the
  // newest there is if there are none to give.
  uint64_t last = 0;
  bool more = false;  // there are newer ones, for which was no room
};

class TopicRing {
 public:
  static constexpr uint32_t kKeepsMax = 1'000'000;
  static constexpr size_t kBytesMax = 1 << 20;

  // Keeps up to `keeps` messages (1 to kKeepsMax; what is beyond is clamped) of
  // together up to `bytes_max` bytes, but always the newest one. The first will
  // have the number `first_seq`, which is not 0.
  TopicRing(uint32_t keeps, uint64_t first_seq, size_t bytes_max = kBytesMax);

  TopicRing(const TopicRing&) = delete;
  TopicRing& operator=(const TopicRing&) = delete;

  // Any thread. `data_json` is one JSON value without line feeds, less than
  // 1 GB. Returns the message's number. `time_ns`: wall clock.
  uint64_t Append(std::string_view data_json, int64_t time_ns);

  uint32_t keeps() const { return keeps_; }
  uint64_t first_seq() const { return first_seq_; }  // of the first one ever

  // Any thread. The number of the newest message; first_seq() - 1 if there was
  // none yet.
  uint64_t newest() const;

  // Any thread. The cursor from which the newest `count` messages follow, or
  // as many as there are.
  uint64_t CursorBefore(uint64_t count) const;

  // Any thread. True if a client of this run may hold the message `seq`, or
  // none yet: the cursor counts.
  bool IsOfThisRun(uint64_t seq) const {
    return seq + 1 >= first_seq_ && seq <= newest();
  }

  // Any thread. What the messages after `cursor` take; what is above
  // `bytes_max` need not be exact.
  size_t BytesSince(uint64_t cursor, size_t bytes_max) const;

  // Any thread. The messages after `cursor`, which is of this run, as many as
  // go into `bytes_max` bytes, but one at least.
  void ReadSince(uint64_t cursor, size_t bytes_max, TopicMessages* out) const;

 private:
  struct Entry {
    size_t begin;  // in bytes_
    uint32_t size;
    uint32_t data_begin;  // in the message
    int64_t time_us;
  };

  // All under mutex_.
  Entry& EntryOf(uint64_t seq) { return entries_[(seq - first_seq_) % keeps_]; }
  const Entry& EntryOf(uint64_t seq) const {
    return entries_[(seq - first_seq_) % keeps_];
  }
  size_t MakeRoom(size_t size);
  bool FindRoom(size_t size, size_t* begin) const;
  void Grow(size_t size);

  const uint32_t keeps_;
  const uint64_t first_seq_;
  const size_t bytes_max_;

  mutable std::mutex mutex_;
  // Under mutex_. Kept are the numbers from oldest_ to next_ - 1. Their texts
  // follow each other in bytes_, which is a ring, too; none lies across its
  // end.
  uint64_t oldest_, next_;
  std::vector<Entry> entries_;  // up to keeps_, by number
  std::string bytes_;
  size_t end_ = 0;      // of the newest one's text
  std::string prefix_;  // of the message that is being appended
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_MARKET_TOPIC_RING_H_
