#include "feeds/ticklog/log_file.h"

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "gateway/base/strings.h"

namespace streamhub::ticklog {
namespace {

constexpr mode_t kMode = 0644;

absl::StatusCode CodeOf(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::StatusCode::kResourceExhausted;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    case ENOENT:
    case ENOTDIR:
      return absl::StatusCode::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<LogFile>> LogFile::Create(
    const std::string& path) {
  const int fd =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode);
  if (fd < 0) {
    const int error = errno;
    return absl::Status(
        CodeOf(error),
        absl::StrCat(path, ": cannot be made: ", std::strerror(error)));
  }
  return std::make_unique<LogFile>(fd, path);
}

LogFile::LogFile(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}

LogFile::~LogFile() { close(fd_); }

absl::Status LogFile::Append(std::string_view piece) {
  struct stat found;
  if (fstat(fd_, &found) == 0 && found.st_nlink == 0) {
    return absl::UnavailableError(
        absl::StrCat(name_, ": was deleted while it was written"));
  }
  std::string_view left = piece;
  while (!left.empty()) {
    const ssize_t wrote = write(fd_, left.data(), left.size());
    if (wrote < 0) {
      const int error = errno;
      if (error == EINTR) continue;
      absl::Status status = Failed("cannot be written", error);
      if (left.size() != piece.size() && ftruncate(fd_, bytes_) != 0) {
        status = absl::Status(
            status.code(), absl::StrCat(status.message(),
                                        "; and it ends amid a block, since it "
                                        "cannot be cut: ",
                                        std::strerror(errno)));
      }
      return status;
    }
    left.remove_prefix(static_cast<size_t>(wrote));
  }
  bytes_ += static_cast<int64_t>(piece.size());
  return absl::OkStatus();
}

absl::Status LogFile::Sync() {
  if (fdatasync(fd_) == 0) return absl::OkStatus();
  const int error = errno;
  // What cannot be synchronised (a pipe) is none of the disk's.
  if (error == EINVAL || error == EROFS) return absl::OkStatus();
  return Failed("may not be on the disk", error);
}

absl::Status LogFile::Failed(std::string_view doing, int error) const {
  return absl::Status(CodeOf(error),
                      absl::StrCat(name_, ": ", ToAbsl(doing), ", at byte ",
                                   bytes_, ": ", std::strerror(error)));
}

}  // namespace streamhub::ticklog
