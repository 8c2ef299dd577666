// The files of a recording in their folder: names, which ones there are, and
// which are too many. Control path; the recorder's thread.
//
// A name is when the file was begun and a running number:
// `20260102T143000Z-000017.ticklog`. Times are of UTC, so that names sort by
// time.

#ifndef STREAMHUB_FEEDS_RECORDER_LOG_FOLDER_H_
#define STREAMHUB_FEEDS_RECORDER_LOG_FOLDER_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamhub {

// `wall_ns` since 1970 UTC.
std::string LogName(int64_t wall_ns, uint64_t number);
bool IsLogName(std::string_view name);

// Whether it can be written, or be made, if the folder that it is to be in is
// there. NotFound, FailedPrecondition (it is no folder) or PermissionDenied;
// each names the folder. It writes nothing.
absl::Status CheckLogFolder(const std::string& folder);

// Keeps the folder, which is made if need be, for this recorder, until it is
// destroyed or the process ends. AlreadyExists: another one has it; others as
// above.
class LogFolderLock {
 public:
  static absl::StatusOr<LogFolderLock> Take(const std::string& folder);
  LogFolderLock() = default;
  ~LogFolderLock();
  LogFolderLock(LogFolderLock&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)) {}
  LogFolderLock& operator=(LogFolderLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

 private:
  int fd_ = -1;
};

// Paths of the recordings in `folder`, the oldest first by their names; none if
// it cannot be read. What has another name is not ours.
std::vector<std::string> ListLogs(const std::string& folder);

// Deletes the oldest until `keep` are left, never `current`. Returns how many
// it deleted.
size_t PruneLogs(const std::string& folder, size_t keep,
                 const std::string& current);

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_RECORDER_LOG_FOLDER_H_
