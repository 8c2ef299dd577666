// A made-up DBN stream with records of every type, and a reader of whole
// streams, for tests.

#ifndef STREAMHUB_TESTS_FEEDS_DBN_SAMPLE_H_
#define STREAMHUB_TESTS_FEEDS_DBN_SAMPLE_H_

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/dbn/stream_reader.h"
#include "feeds/dbn/writer.h"

namespace streamhub::dbn {

// 2024-01-02, midnight UTC.
inline constexpr uint64_t kSampleDayNs = 1'704'153'600'000'000'000;

// Of 1e-9.
inline constexpr int64_t kOne = 1'000'000'000;

// Instrument 1 is ALPHA that day, 2 is BETA the day after.
Metadata SampleMetadata(int version);

// Metadata and a record of every type, of instruments 1 and (named in band) 3;
// and one of a type that no version has.
std::string MakeSample(const Form& form);

// All of `bytes`, given in pieces of `piece` bytes.
struct Frames {
  std::vector<std::string> records;
  std::vector<uint64_t> offsets;
  Metadata metadata;
  int metadata_seen = 0;
  StreamReader::Next last = StreamReader::Next::kNeedMore;
  std::string error;
};
Frames ReadFrames(std::string_view bytes, size_t piece = 1 << 20);

inline std::span<const uint8_t> BytesOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace streamhub::dbn

#endif  // STREAMHUB_TESTS_FEEDS_DBN_SAMPLE_H_
