// Writes the sample recording: make_itch_sample > FILE; gzip -9n FILE

#include <cstdio>
#include <string>

#include "tests/feeds/itch/sample_session.h"

int main() {
  const std::string bytes = streamhub::itch::MakeSampleSession();
  const bool written =
      std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size();
  return written && std::fflush(stdout) == 0 ? 0 : 1;
}
