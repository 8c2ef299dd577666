// The index of a tick log: where its blocks are, what times and which symbols
// they have. Built while a log is written, read from its end, or rebuilt from
// the heads of its blocks. Plain state; one thread.

#ifndef STREAMHUB_FEEDS_TICKLOG_LOG_INDEX_H_
#define STREAMHUB_FEEDS_TICKLOG_LOG_INDEX_H_

#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace streamhub::ticklog {

struct IndexedSymbol {
  std::string code;
  uint32_t block = 0;  // that defines it
};

struct IndexedBlock {
  uint64_t offset = 0;                // of its head, in the file
  int64_t first_ns = 0, last_ns = 0;  // both 0: no record has a time
  uint32_t records = 0;
  bool defines = false;          // symbols, or their state at the begin
  bool events = true;            // it may have records that belong to no symbol
  bool knows_symbols = false;    // else there may be records of any
  std::vector<uint8_t> symbols;  // bit n: of number n

  bool HasSymbol(uint32_t number) const {
    if (!knows_symbols) return true;
    const size_t byte = number / 8;
    return byte < symbols.size() && (symbols[byte] >> number % 8 & 1) != 0;
  }
};

struct LogIndex {
  std::vector<IndexedSymbol> symbols;  // by number; empty: not known
  std::vector<IndexedBlock> blocks;
};

// Of an index block's payload, decompressed. DataLoss: is none.
absl::StatusOr<LogIndex> DecodeIndex(std::string_view plain);

// Collects what a writer writes. Bounded: beyond kIndexBytesMax there is none.
class IndexBuilder {
 public:
  // The symbol of the next number, in the block that was begun.
  void Symbol(std::string_view code);

  // A record of that symbol is in the block that was begun.
  void Touch(uint32_t number) {
    touched_[number / 64] |= uint64_t{1} << number % 64;
  }

  // A record that belongs to no symbol is.
  void TouchNone() { events_ = true; }

  // The block that was begun is written there; another begins.
  void Block(uint64_t offset, int64_t first_ns, int64_t last_ns,
             uint32_t records, bool defines);

  // The payload; empty if the index would be too large.
  std::string Encode() const;

 private:
  LogIndex index_;
  size_t symbols_ = 0;
  std::vector<uint64_t> touched_;  // room for all symbols
  bool events_ = false;
  size_t bytes_ = 0;  // about those of the payload
};

}  // namespace streamhub::ticklog

#endif  // STREAMHUB_FEEDS_TICKLOG_LOG_INDEX_H_
