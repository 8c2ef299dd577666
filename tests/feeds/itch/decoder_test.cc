#include "feeds/itch/decoder.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "feeds/itch/writer.h"

namespace streamhub::itch {
namespace {

using Any =
    std::variant<SystemEvent, StockDirectory, TradingAction, AddOrder,
                 OrderExecuted, OrderExecutedWithPrice, OrderCancel,
                 OrderDelete, OrderReplace, Trade, CrossTrade, BrokenTrade>;

struct Collector {
  template <typename T>
  void On(const T& message) {
    messages.push_back(message);
  }
  std::vector<Any> messages;
};

std::span<const uint8_t> BytesOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

constexpr Head kHead{7, 9, 34'200'000'000'123};

std::vector<Any> OneOfEach() {
  const Stock stock = MakeStock("ALPHA");
  return {
      SystemEvent{kHead, 'Q'},
      StockDirectory{kHead, stock, 'G', 'D', 1},
      TradingAction{kHead, stock, 'H', {'T', '1', ' ', ' '}},
      AddOrder{
          kHead, 0x0102030405060708, Side::kSell, 300, stock, 1'872'500, {}},
      AddOrder{kHead,
               2,
               Side::kBuy,
               0xFFFFFFFF,
               stock,
               0xFFFFFFFE,
               {'A', 'N', 'O', 'N'}},
      OrderExecuted{kHead, 3, 4, 5},
      OrderExecutedWithPrice{kHead, 3, 4, 5, false, 6},
      OrderCancel{kHead, 3, 4},
      OrderDelete{kHead, ~uint64_t{0}},
      OrderReplace{kHead, 3, 4, 5, 6},
      Trade{kHead, 0, Side::kSell, 4, stock, 5, 6},
      CrossTrade{kHead, uint64_t{1} << 40, stock, 5, 6, 'C'},
      BrokenTrade{kHead, 77}};
}

std::string Written(const Any& message) {
  std::string bytes;
  std::visit([&](const auto& m) { Append(m, &bytes); }, message);
  return bytes;
}

TEST(DecoderTest, ReadsWhatTheWriterWrote) {
  for (const Any& message : OneOfEach()) {
    const std::string bytes = Written(message);
    const auto body = BytesOf(bytes).subspan(2);
    SCOPED_TRACE(static_cast<char>(body[0]));
    EXPECT_EQ(static_cast<size_t>(BytesOf(bytes)[1]), body.size());
    EXPECT_EQ(MessageBytes(body[0]), body.size());
    EXPECT_EQ(TimeNsOf(body), kHead.time_ns);
    Collector collector;
    EXPECT_EQ(Decode(body, collector), Decoded::kHandled);
    ASSERT_EQ(collector.messages.size(), 1u);
    EXPECT_EQ(collector.messages[0], message);
  }
}

// Bytes put down by hand from the specification, independent of the writer.
TEST(DecoderTest, ReadsAnAddOrderByTheSpecification) {
  const uint8_t bytes[] = {
      'A',  0x00, 0x01, 0x00, 0x02, 0x1F, 0x1A, 0xCE, 0xD9, 0xEC, 0x7B, 0x00,
      0x00, 0x00, 0x00, 0x00, 0x01, 0x4B, 0x64, 'B',  0x00, 0x00, 0x00, 0x64,
      'B',  'O',  'B',  ' ',  ' ',  ' ',  ' ',  ' ',  0x00, 0x00, 0xCE, 0xB5};
  Collector collector;
  ASSERT_EQ(Decode(bytes, collector), Decoded::kHandled);
  const auto& add = std::get<AddOrder>(collector.messages.at(0));
  EXPECT_EQ(add.head, (Head{1, 2, 0x1F1ACED9EC7B}));
  EXPECT_EQ(add.ref, 0x14B64u);
  EXPECT_EQ(add.side, Side::kBuy);
  EXPECT_EQ(add.shares, 100u);
  EXPECT_EQ(StockCode(add.stock), "BOB");
  EXPECT_EQ(add.price, 5'2917u);
}

TEST(DecoderTest, KnowsTheSizeOfEveryType) {
  const std::map<char, size_t> sizes = {
      {'S', 12}, {'R', 39}, {'H', 25}, {'Y', 20}, {'L', 26}, {'V', 35},
      {'W', 12}, {'K', 28}, {'J', 35}, {'h', 21}, {'A', 36}, {'F', 40},
      {'E', 31}, {'C', 36}, {'X', 23}, {'D', 19}, {'U', 35}, {'P', 44},
      {'Q', 40}, {'B', 19}, {'I', 50}, {'N', 20}, {'O', 48}};
  for (int type = 0; type < 256; ++type) {
    const auto it = sizes.find(static_cast<char>(type));
    EXPECT_EQ(MessageBytes(static_cast<uint8_t>(type)),
              it == sizes.end() ? 0 : it->second);
  }
  for (const char type : {'Y', 'L', 'V', 'W', 'K', 'J', 'h', 'I', 'N', 'O'}) {
    std::string bytes(sizes.at(type), '\0');
    bytes[0] = type;
    Collector collector;
    EXPECT_EQ(Decode(BytesOf(bytes), collector), Decoded::kSkipped) << type;
    EXPECT_TRUE(collector.messages.empty());
  }
}

TEST(DecoderTest, RefusesEveryOtherSize) {
  for (const Any& message : OneOfEach()) {
    std::string bytes = Written(message).substr(2);
    Collector collector;
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(Decode(BytesOf(bytes).first(size), collector),
                Decoded::kBadSize);
    }
    bytes.push_back('x');
    EXPECT_EQ(Decode(BytesOf(bytes), collector), Decoded::kBadSize);
    EXPECT_TRUE(collector.messages.empty());
  }
}

TEST(DecoderTest, SaysWhatIsWrong) {
  AddOrder add;
  add.stock = MakeStock("ALPHA");
  std::string bytes;
  Append(add, &bytes);
  bytes.erase(0, 2);
  Collector collector;

  std::string bad = bytes;
  bad[19] = 'x';
  EXPECT_EQ(Decode(BytesOf(bad), collector), Decoded::kBadSide);
  EXPECT_EQ(Describe(Decoded::kBadSide, BytesOf(bad)),
            "message 'A' has side 'x', want B or S");

  bad = bytes;
  bad[5] = '\xFF';
  EXPECT_EQ(Decode(BytesOf(bad), collector), Decoded::kBadTime);
  EXPECT_EQ(Describe(Decoded::kBadTime, BytesOf(bad)),
            "message 'A' has time 280375465082880 ns, beyond the end of a day");

  bad = bytes;
  bad[0] = '\x07';
  EXPECT_EQ(Decode(BytesOf(bad), collector), Decoded::kUnknownType);
  EXPECT_EQ(Describe(Decoded::kUnknownType, BytesOf(bad)),
            "no message type of ITCH 5.0: 0x07");
  EXPECT_TRUE(collector.messages.empty());
}

}  // namespace
}  // namespace streamhub::itch
