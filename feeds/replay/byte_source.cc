#include "feeds/replay/byte_source.h"

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace streamhub {
namespace {

constexpr size_t kBufferBytes = 64 * 1024;

absl::Status Unreadable(const std::string& path, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", std::string(what)));
}

}  // namespace

absl::Status ByteSource::Check(const std::string& path) {
  if (path == kStandardInput) return absl::OkStatus();
  struct stat found;
  if (stat(path.c_str(), &found) != 0 || access(path.c_str(), R_OK) != 0) {
    return Unreadable(path, std::strerror(errno));
  }
  if (S_ISDIR(found.st_mode)) return Unreadable(path, "is a directory");
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ByteSource>> ByteSource::Open(
    const std::string& path) {
  if (const absl::Status status = Check(path); !status.ok()) return status;
  if (path == kStandardInput) {
    const int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) return Unreadable("standard input", std::strerror(errno));
    return std::make_unique<ByteSource>(fd, "standard input");
  }
  // Not blocking: the open of a pipe would wait for its writer.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return Unreadable(path, std::strerror(errno));
  return std::make_unique<ByteSource>(fd, path);
}

ByteSource::ByteSource(int fd, std::string name)
    : fd_(fd), name_(std::move(name)), buffer_(kBufferBytes) {
  struct stat found;
  if (fstat(fd_, &found) == 0 && S_ISREG(found.st_mode)) {
    bytes_total_ = found.st_size;
  }
}

ByteSource::~ByteSource() { close(fd_); }

ByteSource::Result ByteSource::Read(std::span<uint8_t> room, int wait_ms_max,
                                    size_t* bytes) {
  if (!status_.ok()) return Result::kFailed;
  Result why_not = Result::kEnd;
  while (decompressor_ == nullptr) {
    // A pipe may bring the first bytes one by one.
    if (input_.size() >= kMagicBytes || at_end_) {
      decompressor_ = MakeDecompressor(input_);
    } else if (!Fill(wait_ms_max, &why_not)) {
      return why_not;
    }
  }
  std::span<uint8_t> left = room;
  while (left.size() == room.size()) {
    if (input_.empty() && !decompressor_->HoldsBytes()) {
      if (at_end_) {
        if (decompressor_->AtBoundary()) return Result::kEnd;
        return Fail(absl::DataLossError(
            "truncated: the compressed data is not complete"));
      }
      if (!Fill(wait_ms_max, &why_not)) return why_not;
      continue;
    }
    const size_t before = left.size();
    const absl::Status status = decompressor_->Run(&input_, &left);
    plain_bytes_ += static_cast<int64_t>(before - left.size());
    if (status.ok()) continue;
    // What came out before the damage is served first; the next read reports.
    const Result failed = Fail(status);
    if (left.size() == room.size()) return failed;
  }
  *bytes = room.size() - left.size();
  return Result::kBytes;
}

// False if nothing came; then `*why_not` says why. The end of the file counts
// as something that came.
bool ByteSource::Fill(int wait_ms_max, Result* why_not) {
  pollfd wait = {fd_, POLLIN, 0};
  if (poll(&wait, 1, wait_ms_max) <= 0) {
    *why_not = Result::kWaiting;
    return false;
  }
  // What is left is less than kMagicBytes.
  const size_t kept = input_.size();
  if (kept > 0) std::memmove(buffer_.data(), input_.data(), kept);
  const ssize_t got = read(fd_, buffer_.data() + kept, buffer_.size() - kept);
  input_ = {buffer_.data(), kept};
  if (got < 0) {
    const bool again = errno == EINTR || errno == EAGAIN;
    *why_not = again ? Result::kWaiting
                     : Fail(absl::UnavailableError(std::strerror(errno)));
    return false;
  }
  at_end_ = got == 0;
  bytes_read_ += got;
  input_ = {buffer_.data(), kept + static_cast<size_t>(got)};
  return true;
}

ByteSource::Result ByteSource::Fail(const absl::Status& status) {
  const int64_t at = bytes_read_ - static_cast<int64_t>(input_.size());
  status_ = absl::Status(
      status.code(),
      absl::StrCat(name_, ": at byte ", at, " (byte ", plain_bytes_,
                   " decompressed): ", status.message()));
  return Result::kFailed;
}

}  // namespace streamhub
