// Commits, on purpose, the one fault its argument names: a heap overflow, a
// signed overflow or a data race. Under the sanitizer that hunts for that
// fault it must end with a report and a bad exit status. If it ends well, the
// preset is not really on, and the green tests beside it prove nothing.

#include <climits>
#include <cstdio>
#include <memory>
#include <string_view>
#include <thread>

namespace {

void OverflowHeap() {
  const auto bytes = std::make_unique<char[]>(8);
  volatile size_t one_past_the_end = 8;  // volatile: not known when compiled
  bytes[one_past_the_end] = 1;
  std::printf("wrote %d\n", bytes[one_past_the_end]);
}

void OverflowInt() {
  volatile int largest = INT_MAX;
  std::printf("the largest int and one: %d\n", largest + 1);
}

void Race() {
  int shared = 0;
  const auto count = [&shared] {
    for (int i = 0; i < 1000; ++i) {
      volatile int* counter = &shared;  // volatile: one access per turn
      *counter = *counter + 1;
    }
  };
  std::thread other(count);
  count();
  other.join();
  std::printf("counted %d\n", shared);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view fault = argc == 2 ? argv[1] : "";
  if (fault == "address") {
    OverflowHeap();
  } else if (fault == "undefined") {
    OverflowInt();
  } else if (fault == "thread") {
    Race();
  } else {
    std::fprintf(stderr, "usage: sanitizer_canary address|undefined|thread\n");
    return 2;
  }
  return 0;
}
