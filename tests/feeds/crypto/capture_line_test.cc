#include "feeds/crypto/capture_line.h"

#include <gtest/gtest.h>

#include <string>

namespace streamhub::crypto {
namespace {

// "NS JSON", or what is wrong.
std::string Split(std::string_view line) {
  CaptureLine split;
  const char* const wrong = SplitLine(line, &split);
  if (wrong != nullptr) return wrong;
  return std::to_string(split.received_ns) + " " + std::string(split.json);
}

TEST(CaptureLineTest, ReadsBothForms) {
  EXPECT_EQ(Split("1723161254087891268 {\"a\": 1}"),
            "1723161254087891268 {\"a\": 1}");
  EXPECT_EQ(Split("1618677817.08014: {}"), "1618677817080140000 {}");
  EXPECT_EQ(Split("1618677817.0817301: {}"), "1618677817081730100 {}");
  EXPECT_EQ(Split("1618677817: []"), "1618677817000000000 []");
  EXPECT_EQ(Split("0 x"), "0 x");
}

TEST(CaptureLineTest, SaysWhatIsWrong) {
  const std::string no_ns = "does not begin with nanoseconds since 1970";
  const std::string no_seconds = "does not begin with seconds since 1970";
  EXPECT_EQ(Split(""), "has no blank behind its time");
  EXPECT_EQ(Split("{\"a\":1}"), "has no blank behind its time");
  EXPECT_EQ(Split("1723161254087891268 "), "has no message behind its time");
  EXPECT_EQ(Split("x {}"), no_ns);
  EXPECT_EQ(Split(" {}"), no_ns);
  EXPECT_EQ(Split("-5 {}"), no_ns);
  EXPECT_EQ(Split("1.5 {}"), no_ns);
  EXPECT_EQ(Split("9999999999999999999 {}"), no_ns);
  EXPECT_EQ(Split("9000000000000000000 {}"), no_ns);  // the year 2255
  EXPECT_EQ(Split(": {}"), no_seconds);
  EXPECT_EQ(Split("-1: {}"), no_seconds);
  EXPECT_EQ(Split("1.0000000001: {}"), no_seconds);
  EXPECT_EQ(Split("9000000000: {}"), no_seconds);
}

TEST(CaptureLineTest, TellsTheVenueByTheFirstBytes) {
  EXPECT_EQ(VenueOfStart("17 {\"stream\":\"btcusdt@bookTi"), Venue::kBinance);
  EXPECT_EQ(VenueOfStart("17 {\"e\":\"trade\""), Venue::kBinance);
  EXPECT_EQ(VenueOfStart("17 {\"u\":5"), Venue::kBinance);
  EXPECT_EQ(VenueOfStart("17 {\"lastUpdateId\":"), Venue::kBinance);
  EXPECT_EQ(VenueOfStart("1.5: {\"type\":\"snapshot\""), Venue::kCoinbase);
  EXPECT_EQ(VenueOfStart("1.5: {\"event\":\"heartbeat\"}"), Venue::kKraken);
  EXPECT_EQ(VenueOfStart("1.5: {\"connectionID\":17"), Venue::kKraken);
  EXPECT_EQ(VenueOfStart("1.5: [992,{\"as\""), Venue::kKraken);
  EXPECT_EQ(VenueOfStart("1.5: {\"other\":1}"), std::nullopt);
  EXPECT_EQ(VenueOfStart("1.5: {\"type"), std::nullopt);
  EXPECT_EQ(VenueOfStart("1.5: 7"), std::nullopt);
  EXPECT_EQ(VenueOfStart("time,bid,ask"), std::nullopt);
  EXPECT_EQ(VenueOfStart(""), std::nullopt);
  EXPECT_EQ(NameOf(Venue::kKraken), "Kraken");
}

}  // namespace
}  // namespace streamhub::crypto
