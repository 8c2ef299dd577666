// A file that only grows, by whole pieces: one that does not fit is cut off
// again, so that the file ends with the piece before it. One thread.

#ifndef STREAMHUB_FEEDS_TICKLOG_LOG_FILE_H_
#define STREAMHUB_FEEDS_TICKLOG_LOG_FILE_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace streamhub::ticklog {

class LogFile {
 public:
  // A new file. AlreadyExists if there is one; others as those of Append(),
  // NotFound and PermissionDenied, all with the path.
  static absl::StatusOr<std::unique_ptr<LogFile>> Create(
      const std::string& path);

  // Takes over the descriptor, of an empty file; `name` is for errors.
  LogFile(int fd, std::string name);
  ~LogFile();

  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  // ResourceExhausted: the disk is full, or the file as large as it may be;
  // Unavailable: anything else. Call no more after an error. A process that
  // may meet a limit of file sizes ignores SIGXFSZ.
  absl::Status Append(std::string_view piece);

  // Waits until what was written is on the disk.
  absl::Status Sync();

 private:
  absl::Status Failed(std::string_view doing, int error) const;

  const int fd_;
  const std::string name_;
  int64_t bytes_ = 0;  // of whole pieces
};

}  // namespace streamhub::ticklog

#endif  // STREAMHUB_FEEDS_TICKLOG_LOG_FILE_H_
