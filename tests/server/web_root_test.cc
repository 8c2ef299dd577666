#include "gateway/server/web_root.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "gateway/base/strings.h"

namespace streamhub {
namespace {

namespace fs = std::filesystem;

class WebRootTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) /
            (std::string("web_root_test_") +
             testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(root_);
    fs::create_directories(root_ / "bin");
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string Find(std::string_view web_root) const {
    const auto found = FindWebRootFrom(web_root, (root_ / "bin").string());
    return found.ok() ? *found : "error";
  }

  fs::path root_;
};

TEST_F(WebRootTest, NoneIsNoError) { EXPECT_EQ(Find(""), ""); }

TEST_F(WebRootTest, TheInstallPrefixIsFound) {
  fs::create_directories(root_ / "share/streamhub/web");
  EXPECT_EQ(Find(""), (root_ / "share/streamhub/web").string());
}

TEST_F(WebRootTest, BesideTheBinaryComesFirst) {
  fs::create_directories(root_ / "share/streamhub/web");
  fs::create_directories(root_ / "bin/web");
  EXPECT_EQ(Find(""), (root_ / "bin/web").string());
}

TEST_F(WebRootTest, AGivenOneIsTaken) {
  fs::create_directories(root_ / "bin/web");
  EXPECT_EQ(Find(root_.string()), root_.string());
}

TEST_F(WebRootTest, AGivenOneThatIsMissingIsNamed) {
  const auto found = FindWebRoot((root_ / "nothing").string());
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(FromAbsl(found.status().message()),
            "--web-root: no such folder: " + (root_ / "nothing").string());
}

}  // namespace
}  // namespace streamhub
