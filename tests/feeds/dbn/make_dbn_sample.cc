// Writes the sample stream: make_dbn_sample VERSION [ts_out] > FILE

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/feeds/dbn/sample.h"

int main(int argc, char** argv) {
  const int version = argc > 1 ? std::atoi(argv[1]) : 3;
  if (version < 1 || version > 3) return 1;
  const std::string bytes = streamhub::dbn::MakeSample({version, argc > 2});
  const bool written =
      std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size();
  return written && std::fflush(stdout) == 0 ? 0 : 1;
}
