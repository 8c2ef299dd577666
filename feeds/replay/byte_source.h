// The bytes of a recording: a file, or standard input, decompressed on the way
// where its first bytes say gzip or Zstandard. Streaming: memory does not grow
// with the file. One thread; a read that has to wait for a pipe gives up when
// the caller says, so that a feed stays alive and can be stopped.

#ifndef STREAMHUB_FEEDS_REPLAY_BYTE_SOURCE_H_
#define STREAMHUB_FEEDS_REPLAY_BYTE_SOURCE_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/replay/decompressor.h"

namespace streamhub {

// What people call standard input on a command line.
inline constexpr std::string_view kStandardInput = "-";

class ByteSource {
 public:
  // Is there a readable file (or pipe) at `path`? InvalidArgument names it and
  // what is wrong. Opens nothing, so that a pipe's writer notices nothing.
  static absl::Status Check(const std::string& path);

  // `path` or kStandardInput. Errors as Check().
  static absl::StatusOr<std::unique_ptr<ByteSource>> Open(
      const std::string& path);

  // Takes over the open descriptor `fd`; `name` is for errors.
  ByteSource(int fd, std::string name);
  ~ByteSource();

  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  enum class Result {
    kBytes,    // some, in `*bytes`
    kWaiting,  // none came so far; ask again
    kEnd,
    kFailed,  // see status()
  };

  // Reads up to `room.size()` plain bytes (not 0), at least one with kBytes.
  // Waits for a pipe at most about `wait_ms_max`.
  Result Read(std::span<uint8_t> room, int wait_ms_max, size_t* bytes);

  // After kFailed what was wrong, with the name and the offset.
  const absl::Status& status() const { return status_; }

  const std::string& name() const { return name_; }

  // How far the file itself is read, and its size; 0: a pipe, not known.
  int64_t bytes_read() const { return bytes_read_; }
  int64_t bytes_total() const { return bytes_total_; }

  // How far the file itself is used: after kFailed where the fault is.
  int64_t bytes_used() const {
    return bytes_read_ - static_cast<int64_t>(input_.size());
  }

  // True once it is known that bytes are decompressed.
  bool compressed() const {
    return decompressor_ != nullptr && decompressor_->Changes();
  }

  // Plain bytes read so far.
  int64_t plain_bytes() const { return plain_bytes_; }

 private:
  bool Fill(int wait_ms_max, Result* why_not);
  Result Fail(const absl::Status& status);

  const int fd_;
  const std::string name_;
  std::vector<uint8_t> buffer_;
  std::span<const uint8_t> input_;  // of buffer_, not yet decompressed
  std::unique_ptr<Decompressor> decompressor_;
  bool at_end_ = false;  // of the file
  int64_t bytes_read_ = 0;
  int64_t bytes_total_ = 0;
  int64_t plain_bytes_ = 0;
  absl::Status status_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_BYTE_SOURCE_H_
