#include "feeds/recorder/log_folder.h"

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "gateway/base/clock.h"

namespace streamhub {
namespace {

namespace fs = std::filesystem;

// Which places hold digits, and how many more there may be at the end.
constexpr std::string_view kForm = "00000000T000000Z-000000";
constexpr std::string_view kEnding = ".ticklog";

// Of a folder that is not there: whether it can be made, one level.
absl::Status CheckParent(const std::string& folder) {
  fs::path path(folder);
  if (!path.has_filename()) path = path.parent_path();  // "logs/"
  fs::path parent = path.parent_path();
  if (parent.empty()) parent = ".";
  std::error_code error;
  if (path.empty() || !fs::is_directory(parent, error)) {
    return absl::NotFoundError(absl::StrCat(
        folder, ": there is no such folder, nor one that it could be made in"));
  }
  if (access(parent.c_str(), W_OK | X_OK) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat(folder, ": cannot be made: ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace

std::string LogName(int64_t wall_ns, uint64_t number) {
  const std::time_t seconds = wall_ns / kSecond;
  std::tm day{};
  gmtime_r(&seconds, &day);
  char name[64];
  std::snprintf(name, sizeof name, "%04d%02d%02dT%02d%02d%02dZ-%06llu",
                day.tm_year + 1900, day.tm_mon + 1, day.tm_mday, day.tm_hour,
                day.tm_min, day.tm_sec,
                static_cast<unsigned long long>(number));
  return std::string(name) + std::string(kEnding);
}

bool IsLogName(std::string_view name) {
  if (!name.ends_with(kEnding)) return false;
  name.remove_suffix(kEnding.size());
  if (name.size() < kForm.size()) return false;
  for (size_t i = 0; i < name.size(); ++i) {
    const char form = i < kForm.size() ? kForm[i] : '0';
    const bool digit = name[i] >= '0' && name[i] <= '9';
    if (form == '0' ? !digit : name[i] != form) return false;
  }
  return true;
}

absl::Status CheckLogFolder(const std::string& folder) {
  std::error_code error;
  const fs::file_status found = fs::status(folder, error);
  if (found.type() == fs::file_type::not_found) {
    return CheckParent(folder);
  }
  if (found.type() != fs::file_type::directory) {
    return absl::FailedPreconditionError(
        absl::StrCat(folder, ": ", error ? error.message() : "not a folder"));
  }
  if (access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat(folder, ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

absl::StatusOr<LogFolderLock> LogFolderLock::Take(const std::string& folder) {
  const absl::Status status = CheckLogFolder(folder);
  if (!status.ok()) return status;
  if (mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) {
    return absl::PermissionDeniedError(
        absl::StrCat(folder, ": cannot be made: ", std::strerror(errno)));
  }
  LogFolderLock lock;
  lock.fd_ = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock.fd_ < 0) {
    return absl::PermissionDeniedError(
        absl::StrCat(folder, ": ", std::strerror(errno)));
  }
  // A file system without locks (EOPNOTSUPP) has no say.
  if (flock(lock.fd_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return absl::AlreadyExistsError(
        absl::StrCat(folder, ": another recorder writes into this folder"));
  }
  return lock;
}

LogFolderLock::~LogFolderLock() {
  if (fd_ >= 0) close(fd_);
}

std::vector<std::string> ListLogs(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (auto at = fs::directory_iterator(folder, error);
       !error && at != fs::directory_iterator(); at.increment(error)) {
    if (IsLogName(at->path().filename().string())) {
      paths.push_back(at->path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

size_t PruneLogs(const std::string& folder, size_t keep,
                 const std::string& current) {
  const std::vector<std::string> paths = ListLogs(folder);
  size_t deleted = 0;
  for (const std::string& path : paths) {
    if (paths.size() - deleted <= keep) break;
    if (path != current && unlink(path.c_str()) == 0) ++deleted;
  }
  return deleted;
}

}  // namespace streamhub
