#include "feeds/ticklog/indexed_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/ticklog/log_reader.h"
#include "feeds/ticklog/log_writer.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/feeds/ticklog/log_notes.h"

namespace streamhub::ticklog {
namespace {

using testing::ElementsAre;

SymbolInfo Info(std::string code) {
  SymbolInfo info;
  info.code = std::move(code);
  info.layout = &QuoteLayout();
  return info;
}

// A block for each of these, at 100, 200, ...: a tick of each symbol that is
// named; "!" is a status, "+" defines C.
class IndexedLogTest : public testing::Test {
 protected:
  void Make(const std::vector<std::string>& blocks, bool close = true) {
    LogWriter writer(
        [this](std::string_view piece) {
          bytes_ += piece;
          if (closing_) return absl::OkStatus();
          unclosed_ = bytes_;
          return absl::OkStatus();
        },
        {});
    writer.Symbol(0, Info("A"), "f");
    writer.Symbol(1, Info("B"), "f");
    static_cast<void>(writer.Flush());
    int64_t time_ns = 0;
    for (const std::string& block : blocks) {
      time_ns += 100;
      for (const char c : block) {
        if (c == '!') {
          writer.Status("f", FeedStatus::kStale, time_ns);
        } else if (c == '+') {
          writer.Symbol(2, Info("C"), "f");
        } else {
          writer.Tick(static_cast<uint32_t>(c - 'A'), {}, time_ns, 0);
        }
      }
      static_cast<void>(writer.Flush());
    }
    closing_ = true;
    static_cast<void>(writer.Close());
    file_.emplace("a.ticklog", close ? bytes_ : unclosed_);
    auto opened = IndexedLog::Open(file_->path());
    ASSERT_TRUE(opened.ok()) << opened.status();
    log_ = *std::move(opened);
    EXPECT_EQ(log_->closed(), close);
  }

  // Without definitions.
  std::vector<std::string> Lines(LogFilter filter) {
    const int64_t before = log_->blocks_unpacked();
    log_->Select(std::move(filter));
    LogNotes notes;
    TickRecord record;
    while (log_->Read(&record) == IndexedLog::Next::kRecord) notes.Add(record);
    unpacked_ = log_->blocks_unpacked() - before;
    EXPECT_TRUE(log_->status().ok()) << log_->status();
    std::vector<std::string> lines;
    for (const std::string& line : notes.lines) {
      if (!line.starts_with("symbol")) lines.push_back(line);
    }
    return lines;
  }

  std::string bytes_, unclosed_;
  bool closing_ = false;
  std::optional<TemporaryFile> file_;
  std::unique_ptr<IndexedLog> log_;
  int64_t unpacked_ = 0;
};

TEST_F(IndexedLogTest, BlocksOfOtherSymbolsAreNotDecompressed) {
  Make({"A", "A", "B", "AB", "A", "!A", "+C", "A", "C"});
  EXPECT_THAT(Lines({.symbols = {"B"}}),
              ElementsAre("tick B 300 0", "tick B 400 0", "status f 2 600"));
  EXPECT_EQ(unpacked_, 4);  // with what defines it
  EXPECT_THAT(Lines({.symbols = {"C"}}),
              ElementsAre("status f 2 600", "tick C 700 0", "tick C 900 0"));
  EXPECT_EQ(unpacked_, 3);
  EXPECT_THAT(Lines({.symbols = {"D"}}), ElementsAre("status f 2 600"));
  EXPECT_EQ(unpacked_, 1);
  EXPECT_EQ(Lines({}).size(), 11u);
  EXPECT_EQ(unpacked_, 10);
}

TEST_F(IndexedLogTest, BlocksOfOtherTimesAreNotDecompressed) {
  for (const bool close : {true, false}) {
    bytes_.clear();
    closing_ = false;
    Make({"A", "A", "B", "+C", "AC", "B"}, close);
    EXPECT_THAT(Lines({.from_ns = 500, .to_ns = 500}),
                ElementsAre("tick A 500 0", "tick C 500 0"));
    // What it needs, and the two that define symbols.
    EXPECT_EQ(unpacked_, 3);
    EXPECT_THAT(Lines({.from_ns = 550}), ElementsAre("tick B 600 0"));
    EXPECT_EQ(unpacked_, 3);
    EXPECT_THAT(Lines({.from_ns = 601}), ElementsAre());
    EXPECT_THAT(Lines({.to_ns = 199, .symbols = {"A"}}),
                ElementsAre("tick A 100 0"));
  }
}

// As a pipe brings it: the same is told, and blocks of other times are not
// decompressed either.
TEST_F(IndexedLogTest, AStreamIsFilteredAlike) {
  Make({"A", "A", "B", "+C", "AC", "B"});
  LogReader reader({.from_ns = 500, .to_ns = 500, .symbols = {"C"}});
  LogNotes notes;
  EXPECT_EQ(ReadAll(reader, bytes_, 4096, &notes), LogReader::Next::kEnd);
  EXPECT_THAT(notes.lines,
              ElementsAre(testing::StartsWith("symbol C"), "tick C 500 0"));
  EXPECT_EQ(reader.blocks_unpacked(), 3);
}

TEST_F(IndexedLogTest, TheIndexSaysWhatIsWhere) {
  Make({"AB", "+C"});
  const LogIndex& index = log_->index();
  ASSERT_EQ(index.blocks.size(), 3u);
  EXPECT_EQ(index.blocks[1].first_ns, 100);
  EXPECT_EQ(index.blocks[1].last_ns, 100);
  EXPECT_EQ(index.blocks[1].records, 2u);
  EXPECT_TRUE(index.blocks[1].HasSymbol(0));
  EXPECT_TRUE(index.blocks[1].HasSymbol(1));
  EXPECT_FALSE(index.blocks[1].HasSymbol(2));
  EXPECT_FALSE(index.blocks[2].HasSymbol(0));
  EXPECT_TRUE(index.blocks[2].HasSymbol(2));
  ASSERT_EQ(index.symbols.size(), 3u);
  EXPECT_EQ(index.symbols[2].code, "C");
  EXPECT_EQ(index.symbols[2].block, 2u);
}

TEST_F(IndexedLogTest, WhatIsNoLogIsRefused) {
  const auto wrong = [](const std::string& path) {
    return std::string(IndexedLog::Open(path).status().message());
  };
  EXPECT_EQ(wrong("/no/such"), "/no/such: No such file or directory");
  EXPECT_EQ(wrong("/tmp"), "/tmp: is no ordinary file");
  const TemporaryFile file("a.csv", "time,bid,ask\n1,2,3\n4,5,6\n");
  EXPECT_EQ(wrong(file.path()), file.path() + ": is no tick log");
}

}  // namespace
}  // namespace streamhub::ticklog
