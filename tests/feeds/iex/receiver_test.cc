#include "feeds/iex/receiver.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "tests/feeds/iex/any_message.h"

namespace streamhub::iex {
namespace {

constexpr uint32_t kSession = 0x43CD0000;

class ReceiverTest : public testing::Test {
 protected:
  absl::Status Take(const std::string& payload) {
    return receiver_.Take(SpanOf(payload), ++captured_ns_, collector_);
  }

  Trade Of(int64_t id) {
    Trade trade;
    trade.symbol = MakeSymbol("ZIEXT");
    trade.time_ns = 1'000 + id;
    trade.id = id;
    return trade;
  }

  // The ids of the trades that came out, a 0 where a run began.
  std::vector<int64_t> Ids() {
    std::vector<int64_t> ids;
    for (const AnyMessage& message : collector_.messages) {
      const auto* const trade = std::get_if<Trade>(&message);
      ids.push_back(trade == nullptr ? 0 : trade->id);
    }
    return ids;
  }

  Counters counters_;
  Receiver receiver_{counters_};
  Collector collector_;
  SegmentWriter writer_{Protocol::kTops, kSession};
  int64_t captured_ns_ = 0;
};

TEST_F(ReceiverTest, HandsOverEveryMessage) {
  for (const AnyMessage& message : OneOfEach()) {
    writer_.AddBytes(BytesOf(message));
  }
  ASSERT_TRUE(Take(writer_.Cut(77)).ok());
  std::vector<AnyMessage> want = {RunStart{Protocol::kTops, kSession, 77}};
  for (const AnyMessage& message : OneOfEach()) want.push_back(message);
  EXPECT_EQ(collector_.messages, want);
  EXPECT_EQ(receiver_.counts().by_type['T'], 1);
  EXPECT_EQ(receiver_.counts().by_type['Q'], 1);
  EXPECT_EQ(receiver_.counts().by_type['Z'], 0);
  EXPECT_EQ(receiver_.sequence().counts().messages, 13);
}

TEST_F(ReceiverTest, HandsOverWhatIsNewOnce) {
  const std::string first = writer_.Add(Of(1)).Add(Of(2)).Cut(10);
  const std::string second = writer_.Add(Of(3)).Cut(20);
  ASSERT_TRUE(Take(first).ok());
  ASSERT_TRUE(Take(first).ok());
  writer_.SetNext(2);
  ASSERT_TRUE(Take(writer_.Add(Of(2)).Add(Of(3)).Add(Of(4)).Cut(21)).ok());
  ASSERT_TRUE(Take(second).ok());
  ASSERT_TRUE(Take(writer_.Cut(30)).ok());
  EXPECT_EQ(Ids(), (std::vector<int64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(receiver_.counts().by_type['T'], 4);
  EXPECT_EQ(receiver_.sequence().counts().duplicates, 4);
}

TEST_F(ReceiverTest, GoesOnBehindAGap) {
  ASSERT_TRUE(Take(writer_.Add(Of(1)).Cut(10)).ok());
  writer_.Add(Of(2)).Add(Of(3)).Cut(20);  // never comes
  ASSERT_TRUE(Take(writer_.Add(Of(4)).Cut(30)).ok());
  EXPECT_EQ(Ids(), (std::vector<int64_t>{0, 1, 4}));
  EXPECT_EQ(receiver_.sequence().gaps(),
            (std::vector<Gap>{{kSession, 2, 3, 2}}));
}

TEST_F(ReceiverTest, TellsTheHandlerThatASequenceBeginsAnew) {
  ASSERT_TRUE(Take(writer_.Add(Of(1)).Add(Of(2)).Cut(10)).ok());
  writer_.SetNext(1);
  ASSERT_TRUE(Take(writer_.Add(Of(5)).Cut(11)).ok());
  writer_.head().session = kSession + 1;
  writer_.SetNext(1);
  ASSERT_TRUE(Take(writer_.Cut(12)).ok());  // a heartbeat
  EXPECT_EQ(Ids(), (std::vector<int64_t>{0, 1, 2, 0, 5, 0}));
  EXPECT_EQ(collector_.messages.back(),
            AnyMessage(RunStart{Protocol::kTops, kSession + 1, 12}));
}

TEST_F(ReceiverTest, FollowsOneStream) {
  ASSERT_TRUE(Take(writer_.Add(Of(1)).Cut(10)).ok());
  writer_.head().protocol = Protocol::kDeep;
  ASSERT_TRUE(Take(writer_.Add(Of(2)).Cut(20)).ok());
  writer_.head().protocol = Protocol::kTops;
  writer_.head().channel = 2;
  ASSERT_TRUE(Take(writer_.Add(Of(3)).Cut(30)).ok());
  EXPECT_EQ(Ids(), (std::vector<int64_t>{0, 1}));
  EXPECT_EQ(receiver_.counts().other_streams, 2);
  EXPECT_EQ(receiver_.sequence().counts().segments, 1);
}

TEST_F(ReceiverTest, TakesNothingOfABadSegment) {
  std::string payload = writer_.Add(Of(1)).Add(Of(2)).Cut(10);
  payload.pop_back();
  EXPECT_EQ(Take(payload),
            absl::DataLossError("at byte 12: payload length of 80, but 79 "
                                "bytes follow the head"));
  EXPECT_TRUE(collector_.messages.empty());
  EXPECT_EQ(receiver_.counts().bad_segments, 1);
  EXPECT_EQ(receiver_.sequence().counts().segments, 0);
  EXPECT_EQ(counters_.Get(Metric::kFeedMessagesBad), 1);
}

TEST_F(ReceiverTest, TakesTheGoodMessagesOfASegment) {
  writer_.Add(Of(1)).AddBytes("T").AddBytes("").Add(Of(4));
  EXPECT_EQ(Take(writer_.Cut(10)),
            absl::DataLossError("at byte 82: message 'T' has 1 bytes, want "
                                "38"));
  EXPECT_EQ(Ids(), (std::vector<int64_t>{0, 1, 4}));
  EXPECT_EQ(receiver_.counts().bad_messages, 2);
  EXPECT_EQ(receiver_.counts().by_type['T'], 3);
  EXPECT_EQ(counters_.Get(Metric::kFeedMessagesBad), 2);
  EXPECT_EQ(receiver_.sequence().counts().messages, 4);
}

TEST_F(ReceiverTest, SkipsAndCountsUnknownTypes) {
  const std::string retail = "I" + std::string(17, '\0');
  writer_.AddBytes("Zebra").Add(Of(2)).AddBytes(retail);
  EXPECT_TRUE(Take(writer_.Cut(10)).ok());
  EXPECT_EQ(Ids(), (std::vector<int64_t>{0, 2}));
  EXPECT_EQ(receiver_.counts().unknown_types, 1);
  EXPECT_EQ(receiver_.counts().by_type['Z'], 1);
  EXPECT_EQ(receiver_.counts().by_type['I'], 1);
  EXPECT_EQ(receiver_.counts().bad_messages, 0);
  EXPECT_EQ(counters_.Get(Metric::kFeedMessagesBad), 1);
}

}  // namespace
}  // namespace streamhub::iex
