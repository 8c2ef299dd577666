// What a reader found in its recording beside the records, for somebody who
// inspects it. Collected on the feed's thread while records are read, cheaply;
// put together when it is asked for.

#ifndef STREAMHUB_FEEDS_REPLAY_FINDINGS_H_
#define STREAMHUB_FEEDS_REPLAY_FINDINGS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamhub {

class ByteSource;

// Something that could not be used, and where it is.
struct Fault {
  int64_t offset = 0;    // of its begin in the bytes of the recording
  int64_t line = 0;      // from 1; 0: the recording has no lines
  std::string what;      // in words, without the place
  bool in_file = false;  // `offset` counts the bytes as they are on disk, not
                         // decompressed ones

  friend bool operator==(const Fault&, const Fault&) = default;
};

// What `source` failed with.
Fault FaultOf(const ByteSource& source);

// Faults in the order in which they were found. Bounded: the first ones are
// kept, all are counted.
class FaultList {
 public:
  static constexpr size_t kKeptMax = 100;

  // `what` may begin with its place ("at byte 7: "), which is left away.
  void Add(int64_t offset, int64_t line, std::string_view what);
  void Add(Fault fault);

  // True: what is added is counted only, and its words need not be found.
  bool full() const { return kept_.size() == kKeptMax; }

  const std::vector<Fault>& kept() const { return kept_; }
  int64_t faults() const { return faults_; }

 private:
  std::vector<Fault> kept_;
  int64_t faults_ = 0;
};

// How often each name came, of a few dozen names. Bounded: of names beyond
// kNamesMax all are counted as one. Allocates only where a name is new.
class NameCounts {
 public:
  static constexpr size_t kNamesMax = 256;

  void Add(std::string_view name);

  // In the order in which they came first.
  const std::vector<std::pair<std::string, int64_t>>& counts() const {
    return counts_;
  }

 private:
  std::vector<std::pair<std::string, int64_t>> counts_;
};

// Records that a recording says were not kept, at some time between these, in
// ns since 1970 UTC.
struct LostRecords {
  uint64_t records = 0;
  int64_t from_ns = 0;
  int64_t to_ns = 0;

  friend bool operator==(const LostRecords&, const LostRecords&) = default;
};

// What one session was sent, of an incident log.
struct SentText {
  int64_t time_ns = 0;
  uint64_t session = 0;
  std::string transport;
  std::string encoding;
  uint64_t batch = 0;
  std::string symbol;  // empty: the whole batch
  std::string bytes;
  uint64_t cut = 0;  // so many more were sent and not kept

  friend bool operator==(const SentText&, const SentText&) = default;
};

struct Findings {
  using Counts = std::vector<std::pair<std::string, int64_t>>;

  std::string detail;       // "DBN version 3, GLBX.MDP3, mbo"; may be empty
  int64_t plain_bytes = 0;  // read so far, decompressed
  bool compressed = false;
  Counts by_type;  // messages, by what the format calls their types
  Counts others;   // "duplicates" and whatever else there is to tell
  FaultList faults;
  std::vector<LostRecords> lost;  // the first ones
  std::vector<SentText> sent;     // likewise
  int64_t sent_total = 0;
  int64_t sent_first_ns = 0;  // of all of them, if there is one
  int64_t sent_last_ns = 0;
};

// What `source` tells.
void AddSource(const ByteSource& source, Findings* findings);

// Messages by a type of one character: 'A', or 0x07 where it is not printable.
void AddByTypeByte(const std::array<int64_t, 256>& counts, Findings* findings);

// Those that are not 0.
void AddOthers(
    std::initializer_list<std::pair<std::string_view, int64_t>> counts,
    Findings* findings);

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_FINDINGS_H_
