#include "feeds/replay/byte_sink.h"

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "feeds/replay/compressor.h"

namespace streamhub {
namespace {

constexpr std::string_view kStandardOutput = "-";
constexpr size_t kBufferBytes = 256 * 1024;
constexpr mode_t kMode = 0666;  // less what the user's mask takes away

absl::Status ErrorOf(const std::string& name, int error) {
  const std::string what = absl::StrCat(name, ": ", std::strerror(error));
  if (error == EPIPE) return absl::CancelledError(what);
  if (error == EEXIST) return absl::AlreadyExistsError(what);
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return full ? absl::ResourceExhaustedError(what)
              : absl::UnavailableError(what);
}

}  // namespace

ByteSink::Packing ByteSink::PackingOf(std::string_view name) {
  if (name.ends_with(".gz")) return Packing::kGzip;
  if (name.ends_with(".zst")) return Packing::kZstd;
  return Packing::kNone;
}

absl::StatusOr<std::unique_ptr<ByteSink>> ByteSink::Create(
    const std::string& path, Packing packing, bool replace) {
  if (path == kStandardOutput) {
    const int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) return ErrorOf("standard output", errno);
    return std::unique_ptr<ByteSink>(
        new ByteSink(fd, "standard output", "", true, packing));
  }
  struct stat found;
  const bool exists = stat(path.c_str(), &found) == 0;
  if (exists && S_ISDIR(found.st_mode)) return ErrorOf(path, EISDIR);
  if (exists && !S_ISREG(found.st_mode)) {
    const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) return ErrorOf(path, errno);
    return std::unique_ptr<ByteSink>(new ByteSink(fd, path, "", true, packing));
  }
  if (exists && !replace) return ErrorOf(path, EEXIST);
  const std::string part = absl::StrCat(path, ".", getpid(), ".part");
  const int fd =
      open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode);
  if (fd < 0) return ErrorOf(part, errno);
  return std::unique_ptr<ByteSink>(
      new ByteSink(fd, path, part, replace, packing));
}

ByteSink::ByteSink(int fd, std::string path, std::string part, bool replace,
                   Packing packing)
    : fd_(fd),
      path_(std::move(path)),
      part_(std::move(part)),
      replace_(replace),
      compressor_(packing == Packing::kGzip   ? MakeGzip()
                  : packing == Packing::kZstd ? MakeZstandard()
                                              : nullptr) {
  buffer_.reserve(2 * kBufferBytes);
}

ByteSink::~ByteSink() {
  close(fd_);
  if (!part_.empty() && !committed_) unlink(part_.c_str());
}

absl::Status ByteSink::Write(std::string_view bytes) {
  if (!status_.ok()) return status_;
  bytes_ += static_cast<int64_t>(bytes.size());
  if (compressor_ == nullptr) {
    buffer_ += bytes;
  } else if (!compressor_->Run(bytes, /*last=*/false, &buffer_)) {
    Fail(ENOMEM);
  }
  if (buffer_.size() >= kBufferBytes) Drain();
  return status_;
}

absl::Status ByteSink::Commit() {
  if (status_.ok() && compressor_ != nullptr &&
      !compressor_->Run({}, /*last=*/true, &buffer_)) {
    Fail(ENOMEM);
  }
  if (status_.ok()) Drain();
  if (!status_.ok() || part_.empty()) return status_;
  if (fsync(fd_) != 0) Fail(errno);
  if (status_.ok()) status_ = Rename();
  committed_ = status_.ok();
  return status_;
}

absl::Status ByteSink::Rename() {
  if (!replace_) {
    const int done = renameat2(AT_FDCWD, part_.c_str(), AT_FDCWD, path_.c_str(),
                               RENAME_NOREPLACE);
    if (done == 0) return absl::OkStatus();
    // A file system may not know how.
    if (errno != EINVAL && errno != ENOSYS) return ErrorOf(path_, errno);
  }
  if (rename(part_.c_str(), path_.c_str()) == 0) return absl::OkStatus();
  return ErrorOf(path_, errno);
}

void ByteSink::Drain() {
  std::string_view bytes = buffer_;
  while (!bytes.empty() && status_.ok()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      Fail(errno);
    }
  }
  buffer_.clear();
}

void ByteSink::Fail(int error) { status_ = ErrorOf(path_, error); }

}  // namespace streamhub
