// The files of a recording: how they are called, and which of them stay.

#include "feeds/recorder/log_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gateway/base/clock.h"
#include "tests/feeds/recorder/logged.h"

namespace streamhub {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void Touch(const std::string& path) { std::ofstream(path) << "x"; }

TEST(LogFolder, NamesAreTheUtcTimeAndANumber) {
  EXPECT_EQ(LogName(1'700'000'000 * kSecond + 999, 17),
            "20231114T221320Z-000017.ticklog");
  EXPECT_EQ(LogName(1'700'000'000 * kSecond, 12'345'678),
            "20231114T221320Z-12345678.ticklog");
}

TEST(LogFolder, OnlyOurNamesAreOurs) {
  EXPECT_TRUE(IsLogName("20231114T221320Z-000017.ticklog"));
  EXPECT_TRUE(IsLogName("20231114T221320Z-12345678.ticklog"));
  for (const char* name :
       {"", ".ticklog", "20231114T221320Z-000017", "20231114T221320Z.ticklog",
        "20231114T221320Z-00017.ticklog", "20231114T221320Z-000017x.ticklog",
        "2023111XT221320Z-000017.ticklog", "20231114T221320Z-000017.ticklog~",
        "my 20231114T221320Z-000017.ticklog"}) {
    EXPECT_FALSE(IsLogName(name)) << name;
  }
}

TEST(LogFolder, OneLevelIsMadeByWhoTakesIt) {
  const TemporaryFolder folder;
  for (const char* name : {"/new", "/newer/"}) {
    const std::string fresh = folder.path() + name;
    EXPECT_EQ(CheckLogFolder(fresh), absl::OkStatus());
    EXPECT_FALSE(std::filesystem::exists(fresh)) << "it writes nothing";
    EXPECT_EQ(LogFolderLock::Take(fresh).status(), absl::OkStatus());
    EXPECT_TRUE(std::filesystem::is_directory(fresh));
  }
  const std::string deeper = folder.path() + "/a/b";
  EXPECT_TRUE(absl::IsNotFound(LogFolderLock::Take(deeper).status()));
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/a"));
}

TEST(LogFolder, AFolderThatCannotBeWrittenIsNamed) {
  const TemporaryFolder folder;
  EXPECT_TRUE(CheckLogFolder(folder.path()).ok());

  const std::string none = folder.path() + "/none/logs";
  const absl::Status missing = CheckLogFolder(none);
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_THAT(std::string(missing.message()), HasSubstr(none + ": "));

  const std::string file = folder.path() + "/file";
  Touch(file);
  const absl::Status no_folder = CheckLogFolder(file);
  EXPECT_TRUE(absl::IsFailedPrecondition(no_folder));
  EXPECT_THAT(std::string(no_folder.message()), HasSubstr(file + ": "));
}

TEST(LogFolder, AFolderOfSomebodyElseIsNamed) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const TemporaryFolder folder;
  ASSERT_EQ(chmod(folder.path().c_str(), 0500), 0);
  const absl::Status status = CheckLogFolder(folder.path());
  EXPECT_TRUE(absl::IsPermissionDenied(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr(folder.path() + ": "));
}

TEST(LogFolder, IsOneRecordersAtATime) {
  const TemporaryFolder folder;
  auto first = LogFolderLock::Take(folder.path());
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = LogFolderLock::Take(folder.path());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(second.status().message()),
              testing::HasSubstr("another recorder"));
  *first = LogFolderLock();
  EXPECT_TRUE(LogFolderLock::Take(folder.path()).ok());
}

TEST(LogFolder, TheOldestAreDeletedAndNothingElse) {
  const TemporaryFolder folder;
  std::vector<std::string> paths;
  for (int i = 0; i < 5; ++i) {
    paths.push_back(folder.path() + "/" +
                    LogName((1'700'000'000 + 60 * i) * kSecond,
                            static_cast<uint64_t>(9 - i)));
    Touch(paths.back());
  }
  const std::string other = folder.path() + "/notes.txt";
  Touch(other);
  EXPECT_THAT(ListLogs(folder.path()),
              ElementsAre(paths[0], paths[1], paths[2], paths[3], paths[4]));

  // The file at hand stays though its name is the oldest.
  EXPECT_EQ(PruneLogs(folder.path(), 2, paths[0]), 3u);
  EXPECT_THAT(ListLogs(folder.path()), ElementsAre(paths[0], paths[4]));
  EXPECT_EQ(PruneLogs(folder.path(), 2, paths[4]), 0u);
  EXPECT_EQ(access(other.c_str(), F_OK), 0);
  EXPECT_THAT(ListLogs(folder.path() + "/none"), IsEmpty());
}

}  // namespace
}  // namespace streamhub
