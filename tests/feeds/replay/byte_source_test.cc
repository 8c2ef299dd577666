#include "feeds/replay/byte_source.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/feeds/replay/temporary_file.h"

namespace streamhub {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using Result = ByteSource::Result;

struct Content {
  std::string bytes;
  std::string error;
};

Content ReadAll(ByteSource& source, size_t room = 10'000) {
  Content content;
  std::vector<uint8_t> buffer(room);
  while (true) {
    size_t bytes = 0;
    switch (source.Read(buffer, /*wait_ms_max=*/10'000, &bytes)) {
      case Result::kBytes:
        EXPECT_GT(bytes, 0u);
        content.bytes.append(buffer.begin(), buffer.begin() + bytes);
        break;
      case Result::kWaiting:
        break;
      case Result::kFailed:
        content.error = std::string(source.status().message());
        return content;
      case Result::kEnd:
        return content;
    }
  }
}

Content ReadFile(const std::string& path, size_t room = 10'000) {
  auto source = ByteSource::Open(path);
  EXPECT_TRUE(source.ok()) << source.status();
  return ReadAll(**source, room);
}

// Neither constant nor random, so that it compresses in part.
std::string SomeBytes(size_t size) {
  std::mt19937 random(7);
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>(i % 100 < 50 ? i / 100 : random());
  }
  return bytes;
}

TEST(ByteSourceTest, ReadsPlainGzipAndZstandardWhateverTheName) {
  const std::string bytes = SomeBytes(300'000);
  for (const std::string& stored : {bytes, Gzipped(bytes), Zstandard(bytes)}) {
    const TemporaryFile file("a.txt", stored);
    for (const size_t room : {1'000'000, 4'096, 37}) {
      const Content content = ReadFile(file.path(), room);
      EXPECT_EQ(content.error, "");
      EXPECT_TRUE(content.bytes == bytes);
    }
    auto source = ByteSource::Open(file.path());
    ASSERT_TRUE(source.ok());
    EXPECT_EQ((*source)->bytes_total(), static_cast<int64_t>(stored.size()));
    ReadAll(**source);
    EXPECT_EQ((*source)->bytes_read(), static_cast<int64_t>(stored.size()));
    EXPECT_EQ((*source)->plain_bytes(), static_cast<int64_t>(bytes.size()));
  }
}

TEST(ByteSourceTest, StreamsInARowAreOne) {
  const std::string skippable("\x50\x2A\x4D\x18\x03\x00\x00\x00xyz", 11);
  for (const std::string& stored :
       {Gzipped("one ") + Gzipped("two"), Zstandard("one ") + Zstandard("two"),
        skippable + Zstandard("one two")}) {
    const TemporaryFile file("a", stored);
    const Content content = ReadFile(file.path());
    EXPECT_EQ(content.error, "");
    EXPECT_EQ(content.bytes, "one two");
  }
}

TEST(ByteSourceTest, ShortFilesArePlain) {
  for (const char* bytes : {"", "a", "abc"}) {
    const TemporaryFile file("a", bytes);
    EXPECT_EQ(ReadFile(file.path()).bytes, bytes);
  }
}

TEST(ByteSourceTest, ATruncatedFileServesWhatIsThere) {
  const std::string bytes = SomeBytes(300'000);
  for (const std::string& stored : {Gzipped(bytes), Zstandard(bytes)}) {
    for (const size_t cut : {size_t{1}, size_t{5}, stored.size() / 2}) {
      const size_t size = stored.size() - cut;
      const TemporaryFile file("a", stored.substr(0, size));
      const Content content = ReadFile(file.path());
      EXPECT_THAT(content.error,
                  StartsWith(file.path() + ": at byte " + std::to_string(size) +
                             " (byte " + std::to_string(content.bytes.size()) +
                             " decompressed): truncated"));
      EXPECT_TRUE(bytes.starts_with(content.bytes));
      EXPECT_GT(content.bytes.size(), bytes.size() / 4);
    }
  }
}

TEST(ByteSourceTest, DamageServesWhatWasBefore) {
  const std::string bytes = SomeBytes(300'000);
  for (std::string stored : {Gzipped(bytes), Zstandard(bytes)}) {
    for (size_t i = stored.size() / 2; i < stored.size() / 2 + 40; ++i) {
      stored[i] = static_cast<char>(~stored[i]);
    }
    const TemporaryFile file("a", stored);
    const Content content = ReadFile(file.path());
    EXPECT_THAT(content.error, HasSubstr(": damaged "));
    EXPECT_GT(content.bytes.size(), 0u);
  }
  const TemporaryFile trailing("a", Gzipped("one") + "rubbish");
  EXPECT_EQ(ReadFile(trailing.path()).bytes, "one");
  EXPECT_THAT(ReadFile(trailing.path()).error,
              HasSubstr("(byte 3 decompressed): damaged gzip data"));
}

TEST(ByteSourceTest, NamesAFileThatCannotBeRead) {
  const TemporaryFile file("a", "x");
  const std::string folder = file.path().substr(0, file.path().rfind('/'));
  EXPECT_EQ(ByteSource::Check(file.path()), absl::OkStatus());
  EXPECT_EQ(ByteSource::Check("-"), absl::OkStatus());
  EXPECT_EQ(ByteSource::Check(file.path() + "b").message(),
            file.path() + "b: No such file or directory");
  EXPECT_EQ(ByteSource::Check(folder).message(), folder + ": is a directory");
  EXPECT_FALSE(ByteSource::Open(folder).ok());
}

TEST(ByteSourceTest, APipeIsReadAsItComesAndNeverBlocks) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  ByteSource source(ends[0], "pipe");
  EXPECT_EQ(source.bytes_total(), 0);
  std::vector<uint8_t> buffer(100);
  size_t bytes = 0;
  EXPECT_EQ(source.Read(buffer, 0, &bytes), Result::kWaiting);
  ASSERT_EQ(write(ends[1], "\0", 1), 1);
  EXPECT_EQ(source.Read(buffer, 0, &bytes), Result::kWaiting);
  ASSERT_EQ(write(ends[1], "bcde", 4), 4);
  EXPECT_EQ(source.Read(buffer, 0, &bytes), Result::kBytes);
  EXPECT_EQ(std::string(buffer.begin(), buffer.begin() + bytes),
            std::string("\0bcde", 5));
  EXPECT_EQ(source.Read(buffer, 0, &bytes), Result::kWaiting);
  close(ends[1]);
  EXPECT_EQ(source.Read(buffer, 0, &bytes), Result::kEnd);
}

TEST(ByteSourceTest, TellsAFailedRead) {
  const int fd = open("/", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  ByteSource source(fd, "the root");
  const Content content = ReadAll(source);
  EXPECT_THAT(content.error, StartsWith("the root: at byte 0 "));
  EXPECT_THAT(content.error, EndsWith("Is a directory"));
}

}  // namespace
}  // namespace streamhub
