// Recordings beside the source tree, decompressed. For benchmarks.

#ifndef STREAMHUB_BENCH_SUPPORT_RECORDED_BYTES_H_
#define STREAMHUB_BENCH_SUPPORT_RECORDED_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "feeds/replay/byte_source.h"
#include "gateway/base/check.h"

namespace streamhub {

// Of a file of ../shared/data; empty if it is not there.
inline std::string Recorded(const std::string& name) {
  const std::string path =
      std::string(STREAMHUB_SOURCE_DIR "/../shared/data/") + name;
  std::string all;
  if (!std::filesystem::exists(path)) return all;
  auto source = ByteSource::Open(path);
  STREAMHUB_CHECK(source.ok());
  std::vector<uint8_t> room(1 << 16);
  size_t count = 0;
  while ((*source)->Read(room, 1000, &count) == ByteSource::Result::kBytes) {
    all.append(room.begin(), room.begin() + static_cast<ptrdiff_t>(count));
  }
  return all;
}

}  // namespace streamhub

#endif  // STREAMHUB_BENCH_SUPPORT_RECORDED_BYTES_H_
