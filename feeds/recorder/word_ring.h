// A bounded queue of 64-bit words from one thread, which never waits, to
// another one: the way of a feed's ticks to the recorder. What is one message
// is the users' to say; a message is put whole or not at all.
//
//   writer:  if (ring.HasRoom(2)) { auto to = ring.Begin(); to.Put(a);
//            to.Put(b); ring.End(to); }
//   reader:  while (ring.Readable() > 0) { ring.At(0) ...; ring.Take(2); }
//
// Threads: one writer, one reader. The writer publishes a message by a release
// store of how much was written so far, which the reader loads with acquire;
// the reader gives room back likewise. Words themselves are plain: a word is
// written only while the reader cannot see it. Each side keeps what it last saw
// of the other one, so that the cache line of either position travels once per
// ring or per pause, not once per message.

#ifndef STREAMHUB_FEEDS_RECORDER_WORD_RING_H_
#define STREAMHUB_FEEDS_RECORDER_WORD_RING_H_

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace streamhub {

class WordRing {
 public:
  // Room for `words` or a little more: a power of two. All of its memory is
  // touched here, so that no tick has to wait for a page.
  explicit WordRing(size_t words)
      : capacity_(std::bit_ceil(words)),
        words_(std::make_unique<uint64_t[]>(capacity_)) {}

  size_t capacity() const { return capacity_; }

  // --- the writer ---

  // Where a message is written; with copies of its own of what the compiler
  // would have to load again after every word.
  class Writing {
   public:
    void Put(uint64_t word) { words_[at_++ & mask_] = word; }

   private:
    friend class WordRing;
    Writing(uint64_t* words, size_t mask, uint64_t at)
        : words_(words), mask_(mask), at_(at) {}
    uint64_t* const words_;
    const size_t mask_;
    uint64_t at_;
  };

  bool HasRoom(size_t words) {
    if (capacity_ - (written_ - taken_seen_) >= words) return true;
    taken_seen_ = taken_.load(std::memory_order_acquire);
    return capacity_ - (written_ - taken_seen_) >= words;
  }

  // The caller knows that there is room for all that it is going to put.
  Writing Begin() { return {words_.get(), capacity_ - 1, written_}; }

  // The reader may have what was put.
  void End(const Writing& writing) {
    written_ = writing.at_;
    published_.store(written_, std::memory_order_release);
  }

  // --- the reader ---

  // Words that are there; asks the writer only when none is known of.
  size_t Readable() {
    if (published_seen_ == read_) {
      published_seen_ = published_.load(std::memory_order_acquire);
    }
    return published_seen_ - read_;
  }

  // How far the writer has come by now, to be compared with read().
  uint64_t Published() const {
    return published_.load(std::memory_order_acquire);
  }
  uint64_t read() const { return read_; }

  // The `i`th of them, from 0.
  uint64_t At(size_t i) const { return words_[(read_ + i) & (capacity_ - 1)]; }

  // The next `words` have been read; the writer may have their room.
  void Take(size_t words) {
    read_ += words;
    taken_.store(read_, std::memory_order_release);
  }

 private:
  static_assert(std::atomic<uint64_t>::is_always_lock_free);

  const size_t capacity_;
  const std::unique_ptr<uint64_t[]> words_;

  // Positions only grow. The writer's:
  alignas(64) uint64_t written_ = 0;
  uint64_t taken_seen_ = 0;
  alignas(64) std::atomic<uint64_t> published_{0};

  // The reader's:
  alignas(64) uint64_t read_ = 0;
  uint64_t published_seen_ = 0;
  alignas(64) std::atomic<uint64_t> taken_{0};
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_RECORDER_WORD_RING_H_
