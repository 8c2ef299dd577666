#include "feeds/replay/merged_reader.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace streamhub {
namespace {

using Next = RecordReader::Next;

// Records at given times; writes its name and their times to a log. -1 among
// the times: it has to be asked once more.
class ListReader final : public RecordReader {
 public:
  ListReader(std::string name, std::vector<int64_t> times, std::string* log,
             absl::Status at_end = absl::OkStatus())
      : name_(std::move(name)),
        times_(std::move(times)),
        log_(log),
        at_end_(std::move(at_end)) {}

  Next Peek(int, int64_t* event_ns) override {
    if (next_ == times_.size()) {
      return at_end_.ok() ? Next::kEnd : Next::kFailed;
    }
    if (times_[next_] == -1) {
      ++next_;
      return Next::kWaiting;
    }
    *event_ns = times_[next_];
    return Next::kRecord;
  }
  void Apply() override {
    *log_ += name_ + std::to_string(times_[next_++]) + " ";
  }
  absl::Status status() const override {
    return next_ == times_.size() ? at_end_ : absl::OkStatus();
  }
  int64_t bytes_read() const override { return 2; }
  int64_t bytes_total() const override { return next_ == 0 ? 0 : 5; }

 private:
  const std::string name_;
  const std::vector<int64_t> times_;
  std::string* const log_;
  const absl::Status at_end_;
  size_t next_ = 0;
};

class MergedReaderTest : public testing::Test {
 protected:
  void Add(std::string name, std::vector<int64_t> times,
           absl::Status at_end = absl::OkStatus()) {
    readers_.push_back(std::make_unique<ListReader>(
        std::move(name), std::move(times), &log_, std::move(at_end)));
  }

  // The records in their order, '|' between stretches, '?' where it waited.
  std::string Play() {
    merged_ = std::make_unique<MergedReader>(std::move(readers_));
    while (true) {
      int64_t event_ns = 0;
      switch (merged_->Peek(0, &event_ns)) {
        case Next::kRecord:
          merged_->Apply();
          EXPECT_TRUE(log_.ends_with(std::to_string(event_ns) + " ")) << log_;
          break;
        case Next::kWaiting:
          log_ += "? ";
          break;
        case Next::kEnd:
          if (!merged_->NextStretch()) return log_;
          log_ += "| ";
          break;
        case Next::kFailed:
          return log_ + "failed";
      }
    }
  }

  std::string log_;
  std::vector<std::unique_ptr<RecordReader>> readers_;
  std::unique_ptr<MergedReader> merged_;
};

TEST_F(MergedReaderTest, OrdersByTimeAndThenByFile) {
  Add("a", {1, 4, 4, 9});
  Add("b", {1, 2, 4, 5});
  Add("c", {0, 4, 10});
  EXPECT_EQ(Play(), "c0 a1 b1 b2 a4 a4 b4 c4 b5 a9 c10 ");
  EXPECT_EQ(merged_->bytes_read(), 6);
  EXPECT_EQ(merged_->bytes_total(), 15);
}

TEST_F(MergedReaderTest, ARecordOutOfOrderComesAfterTheOneBeforeIt) {
  Add("a", {5, 3, 8});
  Add("b", {4, 6});
  EXPECT_EQ(Play(), "b4 a5 a3 b6 a8 ");
}

TEST_F(MergedReaderTest, WaitsForAFileThatMayHaveTheNextRecord) {
  Add("a", {1, 2, 3});
  Add("b", {-1, -1, 1, -1, 4});
  EXPECT_EQ(Play(), "? ? a1 b1 ? a2 a3 b4 ");
}

TEST_F(MergedReaderTest, BetweenFilesThatDoNotOverlapIsTheEndOfAStretch) {
  // Given in any order.
  Add("a", {100, 110});
  Add("b", {1, 5});
  Add("c", {3, 9});
  Add("d", {105, 120});
  Add("e", {120, 130});
  EXPECT_EQ(Play(), "b1 c3 b5 c9 | a100 d105 a110 d120 | e120 e130 ");
}

TEST_F(MergedReaderTest, NothingIsTheEnd) {
  EXPECT_EQ(Play(), "");
  EXPECT_EQ(merged_->bytes_total(), 0);
}

TEST_F(MergedReaderTest, FilesWithoutRecordsAreNoStretch) {
  Add("a", {});
  Add("b", {1});
  Add("c", {});
  EXPECT_EQ(Play(), "b1 ");
}

TEST_F(MergedReaderTest, AFailedFileDoesNotStopTheOthers) {
  Add("a", {1, 7});
  Add("b", {2}, absl::DataLossError("b is damaged"));
  Add("c", {9, 10}, absl::DataLossError("c is damaged"));
  EXPECT_EQ(Play(), "a1 b2 a7 | c9 c10 failed");
  EXPECT_EQ(merged_->status().message(), "b is damaged; and 1 more damaged");
  EXPECT_EQ(merged_->status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace streamhub
