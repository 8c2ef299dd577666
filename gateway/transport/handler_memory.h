// Memory for one pending operation of Asio, in the object that waits: Asio
// would take it from the heap, or from a block that a greater operation left
// behind. One thread.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_HANDLER_MEMORY_H_
#define STREAMHUB_GATEWAY_TRANSPORT_HANDLER_MEMORY_H_

#include <cstddef>
#include <new>

namespace streamhub {

class HandlerMemory {
 public:
  HandlerMemory() = default;
  HandlerMemory(const HandlerMemory&) = delete;
  HandlerMemory& operator=(const HandlerMemory&) = delete;

  // What does not fit, or comes while it is taken, is the heap's.
  void* Allocate(size_t bytes) {
    if (taken_ || bytes > sizeof(bytes_)) return ::operator new(bytes);
    taken_ = true;
    return bytes_;
  }

  void Free(void* memory) {
    if (memory != bytes_) return ::operator delete(memory);
    taken_ = false;
  }

 private:
  // What waiting for a socket takes with Boost 1.81, whose handler is a
  // shared_ptr.
  alignas(std::max_align_t) std::byte bytes_[104];
  bool taken_ = false;
};

// An allocator as boost::asio::bind_allocator takes it. The memory must outlive
// what is allocated: the handler holds its owner.
template <typename T>
class HandlerAllocator {
 public:
  using value_type = T;

  explicit HandlerAllocator(HandlerMemory& memory) : memory_(&memory) {}
  template <typename Other>
  HandlerAllocator(const HandlerAllocator<Other>& other)
      : memory_(other.memory_) {}

  T* allocate(size_t n) const {
    return static_cast<T*>(memory_->Allocate(n * sizeof(T)));
  }
  void deallocate(T* memory, size_t) const { memory_->Free(memory); }

  friend bool operator==(const HandlerAllocator& a, const HandlerAllocator& b) {
    return a.memory_ == b.memory_;
  }

 private:
  template <typename>
  friend class HandlerAllocator;

  HandlerMemory* memory_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_HANDLER_MEMORY_H_
