// Where a conversion writes: the inverse of byte_source.h. One thread.
//
// A file appears under its name only with Commit(), whole: until then its bytes
// are in a file beside it, `NAME.PID.part`, which is removed if Commit() does
// not come. Standard output, a pipe or a device gets them as they come.

#ifndef STREAMHUB_FEEDS_REPLAY_BYTE_SINK_H_
#define STREAMHUB_FEEDS_REPLAY_BYTE_SINK_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace streamhub {

// Makes bytes smaller on their way out.
class Compressor;

class ByteSink {
 public:
  enum class Packing { kNone, kGzip, kZstd };

  // By the end of a file's name: ".gz", ".zst", else none.
  static Packing PackingOf(std::string_view name);

  // `path`, or "-" for standard output. AlreadyExists if there is a file of
  // that name and it is not to be replaced; else what the system says, with the
  // name.
  static absl::StatusOr<std::unique_ptr<ByteSink>> Create(
      const std::string& path, Packing packing, bool replace);
  ~ByteSink();

  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;

  // Errors stay: after one nothing more is written. Cancelled: who read a pipe
  // is gone. ResourceExhausted: the disk is full.
  absl::Status Write(std::string_view bytes);

  // All is written: to the disk, and under its name. AlreadyExists as above,
  // if somebody made such a file meanwhile.
  absl::Status Commit();

  const absl::Status& status() const { return status_; }

  // So far, before they were compressed.
  int64_t bytes() const { return bytes_; }

 private:
  ByteSink(int fd, std::string path, std::string part, bool replace,
           Packing packing);

  void Drain();
  void Fail(int error);
  absl::Status Rename();

  const int fd_;
  const std::string path_;
  const std::string part_;  // empty: bytes go where they belong
  const bool replace_;
  std::unique_ptr<Compressor> compressor_;  // null: none
  std::string buffer_;
  int64_t bytes_ = 0;
  bool committed_ = false;
  absl::Status status_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_BYTE_SINK_H_
