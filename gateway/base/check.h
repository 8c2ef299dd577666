// CHECK: an invariant of ours that must hold in every build. It ends the
// process with the place and the condition. Input from outside must never be
// able to trigger one; such faults are absl::Status. (Debian's Abseil has no
// CHECK of its own.)

#ifndef STREAMHUB_GATEWAY_BASE_CHECK_H_
#define STREAMHUB_GATEWAY_BASE_CHECK_H_

#include <cstdio>
#include <cstdlib>

namespace streamhub {

[[noreturn]] inline void CheckFailed(const char* file, int line,
                                     const char* condition) {
  std::fprintf(stderr, "%s:%d: check failed: %s\n", file, line, condition);
  std::abort();
}

}  // namespace streamhub

#define STREAMHUB_CHECK(condition)                              \
  do {                                                          \
    if (!(condition)) [[unlikely]]                              \
      ::streamhub::CheckFailed(__FILE__, __LINE__, #condition); \
  } while (false)

#endif  // STREAMHUB_GATEWAY_BASE_CHECK_H_
