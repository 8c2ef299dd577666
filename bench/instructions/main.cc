// instructions: does one small thing many times, for bench/instructions.sh to
// count its instructions.
//
//   instructions          what there is
//   instructions NAME     does it, and prints how often

#include <cstdio>
#include <string_view>

#include "bench/instructions/operation.h"

namespace streamhub {
namespace {

int Main(std::string_view wanted) {
  for (const auto operations : {MarketOperations(), CodecOperations(),
                                SessionOperations(), FeedOperations()}) {
    for (const Operation& operation : operations) {
      if (wanted.empty()) {
        std::printf("%-24s %s\n", operation.name.data(), operation.what.data());
      } else if (wanted == operation.name) {
        std::printf("%lld\n", static_cast<long long>(operation.run()));
        return 0;
      }
    }
  }
  if (wanted.empty()) return 0;
  std::fprintf(stderr, "instructions: there is no %.*s\n",
               static_cast<int>(wanted.size()), wanted.data());
  return 2;
}

}  // namespace
}  // namespace streamhub

int main(int argc, char** argv) {
  return streamhub::Main(argc > 1 ? argv[1] : "");
}
