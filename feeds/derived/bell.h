// What a thread waits for that is woken like a shard: others ring, it waits,
// with a time limit. The bell outlives whoever may ring it.

#ifndef STREAMHUB_FEEDS_DERIVED_BELL_H_
#define STREAMHUB_FEEDS_DERIVED_BELL_H_

#include <cstdint>

namespace streamhub::derived {

class Bell {
 public:
  Bell();
  ~Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  // Any thread.
  void Ring();

  // The thread that waits: until somebody has rung since the last return, or
  // for `ns` nanoseconds.
  void Wait(int64_t ns);

 private:
  const int fd_;
};

}  // namespace streamhub::derived

#endif  // STREAMHUB_FEEDS_DERIVED_BELL_H_
