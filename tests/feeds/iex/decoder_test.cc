#include "feeds/iex/decoder.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "tests/feeds/iex/any_message.h"

namespace streamhub::iex {
namespace {

TEST(DecoderTest, ReadsWhatTheWriterWrote) {
  for (const AnyMessage& message : OneOfEach()) {
    const std::string bytes = BytesOf(message);
    SCOPED_TRACE(bytes[0]);
    EXPECT_EQ(MessageBytes(static_cast<uint8_t>(bytes[0])), bytes.size());
    EXPECT_EQ(TimeNsOf(SpanOf(bytes)), 1'499'697'155'788'781'087);
    Collector collector;
    EXPECT_EQ(Decode(SpanOf(bytes), collector), Decoded::kHandled);
    ASSERT_EQ(collector.messages.size(), 1u);
    EXPECT_EQ(collector.messages[0], message);
  }
}

// Bytes put down by hand from the specification, independent of the writer.
TEST(DecoderTest, ReadsAQuoteUpdateByTheSpecification) {
  const uint8_t bytes[] = {0x51, 0x40, 0xAC, 0x63, 0xC0, 0x20, 0x96, 0x86, 0x6D,
                           0x14, 'Z',  'I',  'E',  'X',  'T',  ' ',  ' ',  ' ',
                           0xE4, 0x25, 0x00, 0x00, 0x24, 0x1D, 0x0F, 0x00, 0x00,
                           0x00, 0x00, 0x00, 0xEC, 0x1D, 0x0F, 0x00, 0x00, 0x00,
                           0x00, 0x00, 0xE8, 0x03, 0x00, 0x00};
  Collector collector;
  ASSERT_EQ(Decode(bytes, collector), Decoded::kHandled);
  const auto& quote = std::get<QuoteUpdate>(collector.messages.at(0));
  EXPECT_EQ(quote.flags, kOutsideRegularMarket);
  EXPECT_EQ(quote.time_ns, 0x146D869620C063AC);
  EXPECT_EQ(SymbolCode(quote.symbol), "ZIEXT");
  EXPECT_EQ(quote.bid_size, 9'700u);
  EXPECT_EQ(quote.bid, 99'0500);
  EXPECT_EQ(quote.ask, 99'0700);
  EXPECT_EQ(quote.ask_size, 1'000u);
}

TEST(DecoderTest, ReadsASellLevelByTheSpecification) {
  const uint8_t bytes[] = {0x35, 0x01, 0xAC, 0x63, 0xC0, 0x20, 0x96, 0x86,
                           0x6D, 0x14, 'Z',  'I',  'E',  'X',  'T',  ' ',
                           ' ',  ' ',  0xE4, 0x25, 0x00, 0x00, 0x24, 0x1D,
                           0x0F, 0x00, 0x00, 0x00, 0x00, 0x00};
  Collector collector;
  ASSERT_EQ(Decode(bytes, collector), Decoded::kHandled);
  const auto& level = std::get<PriceLevel>(collector.messages.at(0));
  EXPECT_EQ(level.side, Side::kSell);
  EXPECT_EQ(level.flags, kEventComplete);
  EXPECT_EQ(level.size, 9'700u);
  EXPECT_EQ(level.price, 99'0500);
}

TEST(DecoderTest, KnowsTheSizeOfEveryType) {
  const std::map<char, size_t> sizes = {
      {'S', 10}, {'D', 31}, {'H', 22}, {'O', 18}, {'P', 19},
      {'E', 18}, {'Q', 42}, {'8', 30}, {'5', 30}, {'T', 38},
      {'B', 38}, {'X', 26}, {'A', 80}, {'I', 18}};
  for (int type = 0; type < 256; ++type) {
    const auto it = sizes.find(static_cast<char>(type));
    EXPECT_EQ(MessageBytes(static_cast<uint8_t>(type)),
              it == sizes.end() ? 0 : it->second);
  }
}

TEST(DecoderTest, SkipsWhatSaysNothingAboutPrices) {
  const std::string bytes = "I" + std::string(17, '\0');
  Collector collector;
  EXPECT_EQ(Decode(SpanOf(bytes), collector), Decoded::kSkipped);
  EXPECT_TRUE(collector.messages.empty());
}

TEST(DecoderTest, RefusesShorterMessagesAndTakesLongerOnes) {
  for (const AnyMessage& message : OneOfEach()) {
    std::string bytes = BytesOf(message);
    SCOPED_TRACE(bytes[0]);
    Collector collector;
    for (size_t size = 0; size < bytes.size(); ++size) {
      // A copy of its own, so that a sanitizer sees a read beyond its end.
      const std::vector<uint8_t> part(
          bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
      EXPECT_EQ(Decode(part, collector), Decoded::kBadSize);
    }
    EXPECT_TRUE(collector.messages.empty());
    // The specifications allow fields to be added at the end.
    bytes += "xyz";
    EXPECT_EQ(Decode(SpanOf(bytes), collector), Decoded::kHandled);
    ASSERT_EQ(collector.messages.size(), 1u);
    EXPECT_EQ(collector.messages[0], message);
  }
}

TEST(DecoderTest, SaysWhatIsWrong) {
  std::string bytes;
  Append(Trade{}, &bytes);
  Collector collector;
  const auto expect = [&](Decoded want, std::string_view text) {
    EXPECT_EQ(Decode(SpanOf(bytes), collector), want);
    EXPECT_EQ(Describe(want, SpanOf(bytes)), text);
  };
  bytes[9] = '\x80';
  expect(Decoded::kBadTime,
         "message 'T' has time -9223372036854775808 ns, before 1970");
  bytes.pop_back();
  expect(Decoded::kBadSize, "message 'T' has 37 bytes, want 38");
  bytes[0] = '\x07';
  expect(Decoded::kUnknownType,
         "no message type of TOPS 1.6 or DEEP 1.0: 0x07");
  bytes[0] = 'Z';
  expect(Decoded::kUnknownType, "no message type of TOPS 1.6 or DEEP 1.0: 'Z'");
  bytes.clear();
  expect(Decoded::kBadSize, "empty message");
  EXPECT_TRUE(collector.messages.empty());
  EXPECT_EQ(TimeNsOf(SpanOf("T12345678")), 0);
}

TEST(DecoderTest, TradesThatSetThePrice) {
  for (int flags = 0; flags < 256; ++flags) {
    const bool regular = (flags & 0x40) == 0;
    const bool odd_lot = (flags & 0x20) != 0;
    EXPECT_EQ(SetsPrice(static_cast<uint8_t>(flags)), regular && !odd_lot);
  }
}

}  // namespace
}  // namespace streamhub::iex
