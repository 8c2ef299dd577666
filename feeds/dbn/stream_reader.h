// Cuts a byte stream into the metadata and the records of DBN versions 1 to 3
// (specification "Databento Binary Encoding", sections "Metadata" and "Common
// fields"). Bytes come in pieces of any size; compression is undone before. One
// thread. No allocation per record; metadata grow the buffer as they come, up
// to a limit, so that a length alone costs nothing.

#ifndef STREAMHUB_FEEDS_DBN_STREAM_READER_H_
#define STREAMHUB_FEEDS_DBN_STREAM_READER_H_

#include <absl/status/status.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "feeds/dbn/metadata.h"

namespace streamhub::dbn {

class StreamReader {
 public:
  // Hundreds of thousands of symbols, with what they were day by day.
  static constexpr uint32_t kMetadataBytesMax = 256 << 20;

  enum class Next {
    kMetadata,  // see metadata(); once, and before the first record
    kRecord,
    kNeedMore,  // put bytes into Room(), then Filled(); or Finish()
    kEnd,       // the input ended where a record could have begun
    kDamaged,   // see status(); nothing more will come
  };

  StreamReader();

  // Space for the bytes that follow, never empty after kNeedMore. Spans that
  // Read gave out become invalid.
  std::span<uint8_t> Room();

  // The first `bytes` of Room() are there.
  void Filled(size_t bytes) { end_ += bytes; }

  // No bytes will follow.
  void Finish() { finished_ = true; }

  // The next record with its head; it has the size that it says it has, 16 to
  // 1020 bytes.
  Next Read(std::span<const uint8_t>* record);

  // Calls `visit(record)` for each whole record that is here and was not read,
  // up to the first that is damaged. After kMetadata.
  template <typename Visit>
  void ForEachWaiting(Visit visit) const {
    for (size_t at = begin_; at < end_;) {
      const size_t size = SizeAt(at);
      if (size < kHeadBytes || size > end_ - at) return;
      visit(std::span<const uint8_t>(buffer_.data() + at, size));
      at += size;
    }
  }

  // Of the stream; empty before kMetadata.
  const Metadata& metadata() const { return metadata_; }

  // Where in the stream what Read gave out last begins; after kDamaged, where
  // the damage is.
  uint64_t offset() const { return offset_; }

  // DataLoss "at byte N: what is wrong" after kDamaged, else OK.
  const absl::Status& status() const { return status_; }

 private:
  static constexpr size_t kHeadBytes = 16;

  size_t SizeAt(size_t at) const { return size_t{buffer_[at]} * 4; }
  Next ReadMetadata();
  Next Damaged(std::string_view what);
  Next Incomplete(size_t want, std::string_view of_what);

  std::vector<uint8_t> buffer_;
  size_t begin_ = 0;  // of what is not yet given out
  size_t end_ = 0;
  uint64_t begin_offset_ = 0;  // in the stream
  uint64_t offset_ = 0;
  bool has_metadata_ = false;
  bool finished_ = false;
  Metadata metadata_;
  absl::Status status_;
};

}  // namespace streamhub::dbn

#endif  // STREAMHUB_FEEDS_DBN_STREAM_READER_H_
