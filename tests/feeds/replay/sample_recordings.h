// Recordings of every kind, made by our own writers: what is known about each
// was known before it was written.

#ifndef STREAMHUB_TESTS_FEEDS_REPLAY_SAMPLE_RECORDINGS_H_
#define STREAMHUB_TESTS_FEEDS_REPLAY_SAMPLE_RECORDINGS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "feeds/replay/replay_options.h"

namespace streamhub {

struct SampleRecording {
  std::string name;  // of its file
  std::string bytes;
  ReplayOptions options = {};  // to read it with, without files

  // What an inspection has to find.
  std::string format;
  std::map<std::string, int64_t> by_type;
  std::vector<std::string> symbols;                      // by code
  std::vector<std::pair<uint64_t, uint64_t>> gaps = {};  // first, last
  std::map<std::string, int64_t> others = {};  // these, and maybe more
  int64_t faults = 0;
};

// ITCH alone, in packets (some lost, doubled and swapped) and in a TCP stream;
// IEX TOPS; DBN; FIX (with a gap, a repeat and a garbled line); Binance; CSV
// quotes and trades (with a bad row).
std::vector<SampleRecording> SampleRecordings();

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_FEEDS_REPLAY_SAMPLE_RECORDINGS_H_
