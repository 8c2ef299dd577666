#include "feeds/replay/byte_sink.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "feeds/replay/byte_source.h"
#include "tests/feeds/replay/temporary_file.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using Packing = ByteSink::Packing;

class ByteSinkTest : public testing::Test {
 protected:
  std::string Path(const std::string& name) const {
    return std::filesystem::path(folder_.path()).parent_path() / name;
  }
  // Names in the folder, but for the file that it came with.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(
             std::filesystem::path(folder_.path()).parent_path())) {
      const std::string name = entry.path().filename();
      if (name != "there") names.push_back(name);
    }
    return names;
  }
  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const TemporaryFile folder_{"there", "before"};
};

TEST_F(ByteSinkTest, AFileAppearsWhenItIsWhole) {
  auto sink = ByteSink::Create(Path("new"), Packing::kNone, false);
  ASSERT_TRUE(sink.ok()) << sink.status();
  EXPECT_EQ((*sink)->Write("some "), absl::OkStatus());
  EXPECT_EQ((*sink)->Write("bytes"), absl::OkStatus());
  EXPECT_FALSE(std::filesystem::exists(Path("new")));
  EXPECT_EQ((*sink)->Commit(), absl::OkStatus());
  EXPECT_THAT(Names(), testing::ElementsAre("new"));
  EXPECT_EQ(Read(Path("new")), "some bytes");
  EXPECT_EQ((*sink)->bytes(), 10);
}

TEST_F(ByteSinkTest, NothingIsLeftOfOneThatIsNotCommitted) {
  {
    auto sink = ByteSink::Create(Path("new"), Packing::kZstd, false);
    ASSERT_TRUE(sink.ok()) << sink.status();
    EXPECT_EQ((*sink)->Write("some bytes"), absl::OkStatus());
    EXPECT_EQ(Names().size(), 1u);
  }
  EXPECT_THAT(Names(), testing::IsEmpty());
}

TEST_F(ByteSinkTest, AFileThatIsThereIsKeptUnlessItIsToBeReplaced) {
  const auto refused = ByteSink::Create(Path("there"), Packing::kNone, false);
  EXPECT_TRUE(absl::IsAlreadyExists(refused.status())) << refused.status();
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr(Path("there")));
  EXPECT_THAT(Names(), testing::IsEmpty());

  auto sink = ByteSink::Create(Path("there"), Packing::kNone, true);
  ASSERT_TRUE(sink.ok()) << sink.status();
  EXPECT_EQ((*sink)->Write("after"), absl::OkStatus());
  EXPECT_EQ(Read(Path("there")), "before");
  EXPECT_EQ((*sink)->Commit(), absl::OkStatus());
  EXPECT_EQ(Read(Path("there")), "after");
}

TEST_F(ByteSinkTest, AFileThatAppearsMeanwhileIsKept) {
  auto sink = ByteSink::Create(Path("new"), Packing::kNone, false);
  ASSERT_TRUE(sink.ok()) << sink.status();
  EXPECT_EQ((*sink)->Write("ours"), absl::OkStatus());
  std::ofstream(Path("new")) << "theirs";
  EXPECT_TRUE(absl::IsAlreadyExists((*sink)->Commit()));
  EXPECT_EQ(Read(Path("new")), "theirs");
  sink->reset();
  EXPECT_THAT(Names(), testing::ElementsAre("new"));
}

TEST_F(ByteSinkTest, CompressedBytesReadBack) {
  std::mt19937 random(5);
  std::string all;
  for (int i = 0; i < 200'000; ++i) all += std::to_string(random());
  for (const std::string name : {"x.gz", "x.zst", "x.csv"}) {
    const Packing packing = ByteSink::PackingOf(name);
    auto sink = ByteSink::Create(Path(name), packing, false);
    ASSERT_TRUE(sink.ok()) << sink.status();
    for (size_t at = 0; at < all.size(); at += 12'345) {
      ASSERT_EQ((*sink)->Write(std::string_view(all).substr(at, 12'345)),
                absl::OkStatus());
    }
    ASSERT_EQ((*sink)->Commit(), absl::OkStatus());
    EXPECT_EQ(std::filesystem::file_size(Path(name)) < all.size(),
              packing != Packing::kNone);
    auto source = ByteSource::Open(Path(name));
    ASSERT_TRUE(source.ok()) << source.status();
    std::string back;
    std::vector<uint8_t> room(100'000);
    size_t bytes = 0;
    while ((*source)->Read(room, 0, &bytes) == ByteSource::Result::kBytes) {
      back.append(reinterpret_cast<const char*>(room.data()), bytes);
    }
    EXPECT_EQ((*source)->status(), absl::OkStatus());
    EXPECT_EQ((*source)->compressed(), packing != Packing::kNone);
    EXPECT_TRUE(back == all) << name;
  }
}

TEST_F(ByteSinkTest, NothingCompressedIsAWholeFileToo) {
  for (const std::string name : {"x.gz", "x.zst"}) {
    auto sink = ByteSink::Create(Path(name), ByteSink::PackingOf(name), false);
    ASSERT_TRUE(sink.ok()) << sink.status();
    ASSERT_EQ((*sink)->Commit(), absl::OkStatus());
    auto source = ByteSource::Open(Path(name));
    ASSERT_TRUE(source.ok()) << source.status();
    std::vector<uint8_t> room(10);
    size_t bytes = 0;
    EXPECT_EQ((*source)->Read(room, 0, &bytes), ByteSource::Result::kEnd);
  }
}

TEST_F(ByteSinkTest, AFullDiskIsAnErrorThatStays) {
  auto sink = ByteSink::Create("/dev/full", Packing::kNone, false);
  ASSERT_TRUE(sink.ok()) << sink.status();
  EXPECT_EQ((*sink)->Write("little"), absl::OkStatus());
  EXPECT_TRUE(absl::IsResourceExhausted((*sink)->Commit()));
  EXPECT_TRUE(absl::IsResourceExhausted((*sink)->status()));
  EXPECT_TRUE(absl::IsResourceExhausted((*sink)->Write("more")));
  EXPECT_THAT(std::string((*sink)->status().message()),
              HasSubstr("/dev/full: "));
}

TEST_F(ByteSinkTest, AFolderOrNoFolderIsRefused) {
  EXPECT_THAT(
      std::string(
          ByteSink::Create("/tmp", Packing::kNone, true).status().message()),
      HasSubstr("/tmp: Is a directory"));
  EXPECT_FALSE(ByteSink::Create(Path("no/such"), Packing::kNone, true).ok());
}

}  // namespace
}  // namespace streamhub
