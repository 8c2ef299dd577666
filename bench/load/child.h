// A process that runs a function of this program: made by fork() alone, so that
// it has all that was prepared for it. One thread, which must be the only one
// of its process when it forks, and must not end before the child.

#ifndef STREAMHUB_BENCH_LOAD_CHILD_H_
#define STREAMHUB_BENCH_LOAD_CHILD_H_

#include <absl/status/statusor.h>
#include <sys/mman.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <string>

#include "gateway/base/check.h"

namespace streamhub::load {

class Child {
 public:
  // In the new process calls `run` with its end of a pair of stream sockets,
  // and ends with what that returns. The other end is channel(). It does not
  // outlive this object, nor (by PR_SET_PDEATHSIG) this process.
  static absl::StatusOr<std::unique_ptr<Child>> Fork(
      const std::function<int(int channel)>& run);

  // Hangs up, and kills it if it has not ended after 10 s.
  ~Child();

  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  int channel() const { return channel_; }

  // False once it has ended, however.
  bool Alive() const;

  // All that it says until it hangs up, after telling it that no more will be
  // said to it. Unavailable if that takes longer than `ns_max`.
  absl::StatusOr<std::string> Rest(int64_t ns_max);

 private:
  Child(pid_t pid, int channel) : pid_(pid), channel_(channel) {}

  const pid_t pid_;
  int channel_;
};

// Writes all of it, and waits if it must. False if nobody reads.
bool WriteAll(int fd, const void* bytes, size_t size);

// An array that this process shares with those that it forks later.
template <typename T>
class SharedArray {
 public:
  explicit SharedArray(size_t size) : bytes_(size * sizeof(T)) {
    void* const memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    STREAMHUB_CHECK(memory != MAP_FAILED);
    items_ = static_cast<T*>(memory);
    for (size_t i = 0; i < size; ++i) new (items_ + i) T();
  }
  ~SharedArray() { munmap(items_, bytes_); }

  SharedArray(const SharedArray&) = delete;
  SharedArray& operator=(const SharedArray&) = delete;

  T& operator[](size_t i) { return items_[i]; }
  const T& operator[](size_t i) const { return items_[i]; }

 private:
  const size_t bytes_;
  T* items_;
};

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_CHILD_H_
