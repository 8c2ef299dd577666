#include "feeds/ticklog/log_writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/ticklog/log_file.h"
#include "feeds/ticklog/log_reader.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/feeds/ticklog/log_notes.h"

namespace streamhub::ticklog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SymbolInfo Info(std::string code, const Layout& layout = QuoteLayout()) {
  SymbolInfo info;
  info.code = std::move(code);
  info.currency = "USD";
  info.layout = &layout;
  return info;
}

class LogWriterTest : public testing::Test {
 protected:
  LogWriter::Sink ToBytes() {
    return [this](std::string_view piece) {
      if (!fault.ok()) return fault;
      bytes += piece;
      ++pieces;
      return absl::OkStatus();
    };
  }

  std::vector<std::string> Read(std::string_view log) {
    LogReader reader;
    LogNotes notes;
    ReadAll(reader, log, 4096, &notes);
    damage = std::string(reader.status().message());
    closed = reader.closed();
    return notes.lines;
  }

  std::string bytes;
  int pieces = 0;
  absl::Status fault;
  std::string damage;
  bool closed = false;
};

TEST_F(LogWriterTest, LeavesOutWhatTheLayoutLacksAndKeepsTheLastOfTwo) {
  LogWriter writer(ToBytes(), {});
  writer.Symbol(5, Info("A"), "f");
  const FieldValue values[] = {{FieldId::kBid, 1},
                               {FieldId::kBid10, 2},
                               {FieldId::kAsk, 3},
                               {FieldId::kBid, 4}};
  writer.Tick(5, values, 10, 9);
  ASSERT_TRUE(writer.Close().ok());
  const auto lines = Read(bytes);
  ASSERT_EQ(lines.size(), 2u) << damage;
  EXPECT_EQ(lines[1], "tick A 10 9 bid=4 ask=3");
}

TEST_F(LogWriterTest, WhatIsNotToldOfASymbolIsLeftOutAndCounted) {
  LogWriter writer(ToBytes(), {});
  writer.Symbol(1, Info("A"), "f");
  writer.Tick(0, {}, 1, 1);
  writer.Tick(2, {}, 1, 1);
  writer.Refresh(7, {}, 1, 1);
  writer.Trade(~0u, {}, 1, 1);
  writer.Symbol(~0u, Info("B"), "f");
  EXPECT_EQ(writer.left_out(), 5u);
  EXPECT_EQ(writer.records(), 0u);
  writer.Tick(1, {}, 1, 1);
  writer.Refresh(1, {}, 1, 1);
  EXPECT_EQ(writer.records(), 1u);
}

TEST_F(LogWriterTest, FlushWritesWhatIsHeld) {
  LogWriter writer(ToBytes(), {});
  EXPECT_EQ(pieces, 1);  // the head
  writer.Symbol(0, Info("A"), "f");
  writer.Tick(0, {}, 1, 0);
  EXPECT_EQ(pieces, 1);
  ASSERT_TRUE(writer.Flush().ok());
  EXPECT_EQ(pieces, 2);
  ASSERT_TRUE(writer.Flush().ok());
  EXPECT_EQ(pieces, 2);
  EXPECT_EQ(Read(bytes).size(), 2u);
  EXPECT_FALSE(closed);
  EXPECT_EQ(damage, "");
  EXPECT_EQ(writer.bytes_written(), bytes.size());
  ASSERT_TRUE(writer.Close().ok());
  EXPECT_EQ(pieces, 3);
  writer.Tick(0, {}, 2, 0);
  ASSERT_TRUE(writer.Close().ok());
  EXPECT_EQ(pieces, 3);
  EXPECT_EQ(Read(bytes).size(), 2u);
  EXPECT_TRUE(closed);
}

TEST_F(LogWriterTest, AnErrorStays) {
  LogWriter writer(ToBytes(), {.block_bytes = 100, .level = 1});
  writer.Symbol(0, Info("A"), "f");
  ASSERT_TRUE(writer.status().ok());
  fault = absl::ResourceExhaustedError("full");
  for (int i = 0; i < 100; ++i) writer.Tick(0, {}, i, 0);
  EXPECT_EQ(writer.status(), fault);
  const uint64_t before = writer.bytes_written();
  fault = absl::OkStatus();
  for (int i = 0; i < 100; ++i) writer.Tick(0, {}, i, 0);
  writer.Epoch(1, 2);
  EXPECT_EQ(writer.Flush().message(), "full");
  EXPECT_EQ(writer.Close().message(), "full");
  EXPECT_EQ(writer.bytes_written(), before);
  EXPECT_EQ(bytes.size(), before);
  EXPECT_EQ(Read(bytes).size(), 1u);
  EXPECT_EQ(damage, "");
}

TEST_F(LogWriterTest, WhatIsSentIsCutAtItsLimit) {
  LogWriter writer(ToBytes(), {});
  const std::string much(SentRecord::kBytesMax + 17, 'x');
  SentRecord sent;
  sent.transport = "ws";
  sent.bytes = much;
  writer.Sent(sent);
  ASSERT_TRUE(writer.Close().ok());
  const auto lines = Read(bytes);
  ASSERT_EQ(lines.size(), 1u) << damage;
  EXPECT_THAT(lines[0], testing::EndsWith("xx 17"));
  EXPECT_THAT(lines[0], testing::Not(HasSubstr(much)));
}

// As long as a record may be: all 64 fields in every tick, long ids.
TEST_F(LogWriterTest, TheLargestBatchesAreRead) {
  LogWriter writer(ToBytes(), {});
  writer.Symbol(0, Info("A", DictionaryLayout(64)), "f");
  std::vector<FieldValue> values;
  for (int i = 1; i < 64; ++i) {
    values.push_back({DictionaryLayout(64).field(i), i * 1'000'003'000'011});
  }
  const std::string id(1024, 'i');
  const std::string beyond(1025, 'i');
  for (int i = 0; i < 9000; ++i) {
    writer.Tick(0, values, i, 0);
    writer.Trade(0, {.price = i, .id = i % 2 == 0 ? id : beyond}, i, 0);
  }
  for (int i = 0; i < 3000; ++i) writer.Trade(0, {.price = i}, i, 0);
  for (int i = 0; i < 9000; ++i) writer.Tick(0, {}, i, 0);
  ASSERT_TRUE(writer.Close().ok());
  const auto lines = Read(bytes);
  EXPECT_EQ(damage, "");
  ASSERT_EQ(lines.size(), 1u + 2 * 9000 + 3000 + 9000);
  EXPECT_EQ(lines[2],
            absl::StrCat("trade A 0 0 0 ", kEmpty, " 0 '", id, "' ''"));
  EXPECT_EQ(lines[4], absl::StrCat("trade A 1 0 1 ", kEmpty, " 0 '' ''"));
}

TEST_F(LogWriterTest, AFileIsNewOrRefused) {
  const TemporaryFile file("taken", "mine");
  const auto taken = LogWriter::Create(file.path());
  EXPECT_EQ(taken.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(taken.status().message()), HasSubstr(file.path()));
  const auto nowhere = LogWriter::Create(file.path() + "/no/such");
  EXPECT_EQ(nowhere.status().code(), absl::StatusCode::kNotFound);

  const std::string path = file.path() + ".ticklog";
  {
    auto writer = LogWriter::Create(path);
    ASSERT_TRUE(writer.ok()) << writer.status();
    (*writer)->Symbol(0, Info("A"), "f");
    (*writer)->Tick(0, {}, 3, 0);
  }
  std::ifstream in(path, std::ios::binary);
  const std::string log{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(Read(log).size(), 2u);
  EXPECT_TRUE(closed) << damage;
}

TEST_F(LogWriterTest, AFileThatWasDeletedIsNotWrittenOn) {
  const TemporaryFile file("deleted.ticklog", "");
  std::filesystem::remove(file.path());
  auto made = LogFile::Create(file.path());
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_TRUE((*made)->Append("x").ok());
  std::filesystem::remove(file.path());
  const absl::Status status = (*made)->Append("y");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("deleted.ticklog: was deleted while it was written"));
}

TEST_F(LogWriterTest, AFullDiskIsResourceExhausted) {
  const int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  LogFile file(fd, "day.ticklog");
  const absl::Status status = file.Append("something");
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(),
            "day.ticklog: cannot be written, at byte 0: No space left on "
            "device");
}

// The kernel writes as much as fits, which is a part of a block.
TEST_F(LogWriterTest, AWriteThatFailsLeavesWholeBlocks) {
  const TemporaryFile beside("beside", "");
  const std::string path = beside.path() + ".ticklog";
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {3000, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  auto writer = LogWriter::Create(path, {.block_bytes = 500, .level = 1});
  if (writer.ok()) {
    (*writer)->Symbol(0, Info("A"), "f");
    for (int i = 0; i < 1000; ++i) {
      const FieldValue bid = {FieldId::kBid, i * 1'234'567'891'011};
      (*writer)->Tick(0, {&bid, 1}, i, 0);
    }
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_TRUE(writer.ok()) << writer.status();
  EXPECT_EQ((*writer)->status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ((*writer)->Close().code(), absl::StatusCode::kResourceExhausted);
  const uint64_t size = std::filesystem::file_size(path);
  EXPECT_EQ(size, (*writer)->bytes_written());
  EXPECT_GT(size, 1000u);
  std::ifstream in(path, std::ios::binary);
  const std::string log{std::istreambuf_iterator<char>(in), {}};
  const auto lines = Read(log);
  EXPECT_GT(lines.size(), 20u);
  EXPECT_EQ(damage, "");
  EXPECT_FALSE(closed);
}

}  // namespace
}  // namespace streamhub::ticklog
