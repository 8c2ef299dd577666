#include "bench/instructions/operation.h"

namespace streamhub {

// In a file of its own, so that no call of it is inlined.
int64_t Counted(const std::function<int64_t()>& body) { return body(); }

}  // namespace streamhub
