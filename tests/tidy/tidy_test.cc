// The rules of the house over the whole tree.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "tests/tidy/rules.h"

namespace streamhub::tidy {
namespace {

namespace fs = std::filesystem;

// What tools make. Everything else is the tree.
constexpr std::array<std::string_view, 4> kNotOurs = {".git", "build", "dist",
                                                      "node_modules"};

std::string ReadText(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Every text file of the tree: those without a NUL.
const std::vector<SourceFile>& Tree() {
  static const auto& tree = *new std::vector<SourceFile>([] {
    std::vector<SourceFile> files;
    const fs::path root = STREAMHUB_SOURCE_DIR;
    for (auto at = fs::recursive_directory_iterator(root);
         at != fs::recursive_directory_iterator(); ++at) {
      const std::string name = at->path().filename();
      if (std::count(kNotOurs.begin(), kNotOurs.end(),
                     std::string_view(name)) != 0) {
        // `.git` is a file in a linked worktree.
        if (at->is_directory()) at.disable_recursion_pending();
        continue;
      }
      if (!at->is_regular_file() || at->is_symlink()) continue;
      std::string text = ReadText(at->path());
      if (text.find('\0') != std::string::npos) continue;
      files.push_back({fs::relative(at->path(), root), std::move(text)});
    }
    return files;
  }());
  return tree;
}

void ExpectNoComplaints(
    const std::function<Complaints(const SourceFile&)>& rule) {
  for (const SourceFile& file : Tree()) {
    for (const std::string& complaint : rule(file)) ADD_FAILURE() << complaint;
  }
}

// Each exception still has a file that would be complained about without it.
void ExpectAllUsed(
    Exceptions may,
    const std::function<Complaints(const SourceFile&, Exceptions)>& rule) {
  for (const Exception& exception : may) {
    EXPECT_FALSE(exception.reason.empty()) << exception.file;
    EXPECT_TRUE(std::any_of(
        Tree().begin(), Tree().end(),
        [&](const SourceFile& file) {
          return !rule(file, {}).empty() && rule(file, {&exception, 1}).empty();
        }))
        << "an exception that nothing uses: " << exception.file;
  }
}

void ExpectRule(
    Exceptions may,
    const std::function<Complaints(const SourceFile&, Exceptions)>& rule) {
  ExpectNoComplaints([&](const SourceFile& f) { return rule(f, may); });
  ExpectAllUsed(may, rule);
}

TEST(Tidy, TheTreeIsSeen) {
  const auto has = [](std::string_view path) {
    return std::any_of(Tree().begin(), Tree().end(),
                       [&](const SourceFile& f) { return f.path == path; });
  };
  EXPECT_TRUE(has("gateway/market/conflation_cache.h"));
  EXPECT_TRUE(has("tests/tidy/tidy_test.cc"));
  EXPECT_TRUE(has("CMakeLists.txt"));
}

TEST(Tidy, IncludesFollowTheLayers) {
  ExpectNoComplaints(CheckIncludeDirection);
}
TEST(Tidy, BoostStaysInTheRim) { ExpectRule(kMayUseBoost, CheckBoost); }
TEST(Tidy, MemoryIsSharedOnlyThroughTheDoors) {
  ExpectRule(kMayShareMemory, CheckSharedMemory);
}
TEST(Tidy, HeaderGuardsAreThePath) { ExpectNoComplaints(CheckHeaderGuard); }
TEST(Tidy, HeadersOpenWithTheirPage) { ExpectNoComplaints(CheckHeaderPage); }
TEST(Tidy, NoUsingNamespaceInHeaders) {
  ExpectNoComplaints(CheckUsingNamespace);
}
TEST(Tidy, LinesFitEightyColumns) { ExpectNoComplaints(CheckColumns); }
TEST(Tidy, LongFilesAreJustified) { ExpectRule(kMayBeLong, CheckLength); }
TEST(Tidy, TestsAreNotSwitchedOff) { ExpectNoComplaints(CheckSkips); }
TEST(Tidy, NothingSleepsToWait) { ExpectRule(kMaySleep, CheckSleeps); }
TEST(Tidy, NothingIsLeftForLater) { ExpectNoComplaints(CheckLeftovers); }
TEST(Tidy, NoPathsOfAMachine) { ExpectNoComplaints(CheckMachinePaths); }
TEST(Tidy, PackagesComeFromThePublicRegistry) {
  ExpectNoComplaints(CheckLockFile);
}

TEST(Tidy, EveryHeaderIsInAHeaderSet) {
  ExpectNoComplaints([](const SourceFile& header) -> Complaints {
    // A test program's own headers are compiled by that program alone.
    if (!header.IsHeader() ||
        (header.IsIn("tests") && !header.IsIn("tests/support"))) {
      return {};
    }
    // The nearest CMakeLists.txt above it.
    for (fs::path folder = fs::path(header.path).parent_path();;
         folder = folder.parent_path()) {
      const fs::path path = folder / "CMakeLists.txt";
      const auto cmake =
          std::find_if(Tree().begin(), Tree().end(),
                       [&](const SourceFile& f) { return f.path == path; });
      if (cmake != Tree().end()) return CheckHeaderSet(header, *cmake);
      if (folder.empty()) return {header.path + ": no CMakeLists.txt above it"};
    }
  });
}

}  // namespace
}  // namespace streamhub::tidy
