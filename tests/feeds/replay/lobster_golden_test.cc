// The golden facts beside a LOBSTER day, which is not part of the source tree:
// without it this test is skipped. The facts were computed by another program.

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/csv/decimal.h"
#include "feeds/csv/lobster.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/line_source.h"
#include "feeds/replay/lobster_files.h"
#include "feeds/replay/recorded_market.h"
#include "feeds/replay/recording.h"
#include "feeds/replay/recording_start.h"
#include "gateway/base/clock.h"
#include "tests/support/golden.h"
#include "tests/support/json_value.h"
#include "tests/support/tape_reader.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using csv::LobsterBook;
using csv::LobsterMessage;
using csv::LobsterType;
using golden::element;
using golden::object;

const char kFolder[] = STREAMHUB_SOURCE_DIR "/../shared/data/csv/";
const char kMessages[] = "lobster_AAPL_2012-06-21_message_10.csv.gz";

int64_t TimeNs(const element& seconds) {
  int64_t ns = 0;
  EXPECT_EQ(csv::ParseScaled(std::string_view(seconds), 9, &ns),
            csv::Fit::kFits);
  return ns;
}

std::vector<std::string> LinesOf(const std::string& path) {
  LineSource source(*ByteSource::Open(path));
  std::vector<std::string> lines;
  std::string_view line;
  source.BeginTurn();
  while (source.Get(0, &line) == LineSource::Got::kLine) {
    lines.emplace_back(line);
    source.BeginTurn();
  }
  return lines;
}

// The size of a price in a row of the orderbook; 0: it is not there.
int64_t SizeAt(const LobsterBook& book, bool buy, int64_t price) {
  for (const TopLevel& level : buy ? book.bids : book.asks) {
    if (level.price == price) return level.size;
  }
  return 0;
}

class LobsterGoldenTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(std::string(kFolder) + kMessages)) {
      GTEST_SKIP() << "no recordings at " << kFolder;
    }
    facts_ = golden::LoadFiles(
        std::string(kFolder) +
        "golden_csv.json")["lobster_AAPL_2012-06-21_*_10.csv.gz"];
    const auto files = FindLobster(std::string(kFolder) + kMessages);
    ASSERT_TRUE(files.has_value());
    for (const std::string& line : LinesOf(files->message)) {
      ASSERT_EQ(csv::ParseLobsterMessage(line, &messages_.emplace_back()),
                nullptr);
    }
    for (const std::string& line : LinesOf(files->orderbook)) {
      ASSERT_EQ(csv::ParseLobsterBook(line, &books_.emplace_back()), nullptr);
    }
    ASSERT_EQ(messages_.size(), books_.size());
  }

  element facts_;
  std::vector<LobsterMessage> messages_;
  std::vector<LobsterBook> books_;
};

TEST_F(LobsterGoldenTest, Messages) {
  EXPECT_EQ(messages_.size(), uint64_t(facts_["rows"]));
  std::map<std::string, int64_t> types;
  int64_t visible = 0;
  int64_t hidden = 0;
  const LobsterMessage* last = nullptr;
  for (const LobsterMessage& m : messages_) {
    ++types[std::to_string(static_cast<int>(m.type))];
    if (m.type == LobsterType::kVisibleExecution) visible += m.shares;
    if (m.type == LobsterType::kHiddenExecution) hidden += m.shares;
    if (m.type == LobsterType::kVisibleExecution ||
        m.type == LobsterType::kHiddenExecution) {
      last = &m;
    }
  }
  std::map<std::string, int64_t> want;
  for (const auto& [type, count] : object(facts_["messages_by_type"])) {
    want[std::string(type)] = int64_t(count);
  }
  EXPECT_EQ(types, want);
  EXPECT_EQ(visible, int64_t(facts_["visible_exec_shares"]));
  EXPECT_EQ(hidden, int64_t(facts_["hidden_exec_shares"]));
  ASSERT_NE(last, nullptr);
  const element told = facts_["last_execution"];
  EXPECT_EQ(last->since_midnight_ns, TimeNs(told["time"]));
  EXPECT_EQ(static_cast<int64_t>(last->type), int64_t(told["type"]));
  EXPECT_EQ(last->price, int64_t(told["price_e4"]));
  EXPECT_EQ(last->shares, int64_t(told["shares"]));
  EXPECT_EQ(last->buy ? 1 : -1, int64_t(told["direction"]));
  EXPECT_EQ(messages_.front().since_midnight_ns, TimeNs(facts_["first_time"]));
  EXPECT_EQ(messages_.back().since_midnight_ns, TimeNs(facts_["last_time"]));
}

TEST_F(LobsterGoldenTest, EachLevelChangesAsItsMessageSays) {
  int64_t checked = 0;
  int64_t equal = 0;
  for (size_t i = 1; i < messages_.size(); ++i) {
    const LobsterMessage& m = messages_[i];
    if (m.type == LobsterType::kHiddenExecution) continue;
    ++checked;
    const int64_t change = SizeAt(books_[i], m.buy, m.price) -
                           SizeAt(books_[i - 1], m.buy, m.price);
    equal += change == (m.type == LobsterType::kNew ? m.shares : -m.shares);
  }
  const element check = facts_["check_level_change_equals_message"];
  EXPECT_EQ(checked, int64_t(check["rows_checked"]));
  EXPECT_EQ(equal, int64_t(check["equal"]));
}

// By way of a replay, which knows the pair by its name.
TEST_F(LobsterGoldenTest, TheMarket) {
  ReplayOptions options;
  options.files = {std::string(kFolder) + kMessages};
  const auto found = FindRecordings(options);
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 1u);
  const Recording& recording = (*found)[0];
  EXPECT_EQ(recording.kind, RecordingKind::kLobster);
  EXPECT_EQ(recording.symbol, "AAPL");
  // 2012-06-21 in New York, four hours behind UTC.
  const int64_t midnight_ns = 1'340'251'200 * kSecond;
  ASSERT_EQ(recording.midnight_ns, midnight_ns);
  EXPECT_EQ(CheckStart(recording), absl::OkStatus());

  TestMarket market(1000, TestMarket::Info(), /*tape=*/1'000);
  RecordedMarket recorded(market.publisher, *csv::DecimalsFinder::Create(""));
  auto reader = recorded.Open(recording);
  ASSERT_TRUE(reader.ok()) << reader.status();
  const auto value = [&](FieldId field) { return market.Value(0, field); };
  std::map<int64_t, element> points;
  for (const element& point : facts_["book_at"]) {
    points[int64_t(point["row"])] = point;
  }
  int64_t event_ns = 0;
  for (size_t row = 1; row <= messages_.size(); ++row) {
    ASSERT_EQ((*reader)->Peek(0, &event_ns), RecordReader::Next::kRecord);
    market.publisher.BeginBatch();
    (*reader)->Apply();
    market.publisher.EndBatch();
    for (int i = 1; i <= 10; ++i) {
      const BookLevelFields f = FieldsOfLevel(i);
      const auto at = static_cast<size_t>(i) - 1;
      const LobsterBook& book = books_[row - 1];
      ASSERT_EQ(value(f.ask), book.asks[at].price) << row;
      ASSERT_EQ(value(f.ask_size), book.asks[at].size);
      ASSERT_EQ(value(f.bid), book.bids[at].price);
      ASSERT_EQ(value(f.bid_size), book.bids[at].size);
    }
    const auto point = points.find(static_cast<int64_t>(row));
    if (point == points.end()) continue;
    const element want = point->second;
    EXPECT_EQ(event_ns, midnight_ns + TimeNs(want["time"]));
    EXPECT_EQ(value(FieldId::kAsk), int64_t(want["ask_e4"]));
    EXPECT_EQ(value(FieldId::kAskSize), int64_t(want["ask_size"]));
    EXPECT_EQ(value(FieldId::kBid), int64_t(want["bid_e4"]));
    EXPECT_EQ(value(FieldId::kBidSize), int64_t(want["bid_size"]));
    points.erase(point);
  }
  EXPECT_TRUE(points.empty());
  EXPECT_EQ((*reader)->Peek(0, &event_ns), RecordReader::Next::kEnd);
  const int64_t volume = int64_t(facts_["visible_exec_shares"]) +
                         int64_t(facts_["hidden_exec_shares"]);
  EXPECT_EQ(value(FieldId::kVolume), volume);
  const element last = facts_["last_execution"];
  EXPECT_EQ(value(FieldId::kLast), int64_t(last["price_e4"]));
  EXPECT_EQ(value(FieldId::kLastSize), int64_t(last["shares"]));
  EXPECT_EQ(value(FieldId::kTradeTime), midnight_ns + TimeNs(last["time"]));
  const auto tape = TapeOf(market.market, "AAPL");
  EXPECT_EQ(static_cast<int64_t>(tape.size()),
            int64_t(facts_["messages_by_type"]["4"]) +
                int64_t(facts_["messages_by_type"]["5"]));
  int64_t taped = 0;
  for (const std::string& text : tape) {
    const auto trade = JsonReader(text).Read();
    ASSERT_TRUE(trade.has_value()) << text;
    taped += trade->Int("size");
  }
  EXPECT_EQ(taped, volume);
}

}  // namespace
}  // namespace streamhub
