// The synthetic venue's captures through decoder and handler: after every
// message the book is the venue's, and the market shows its ten best levels.

#include "tests/feeds/crypto/sample_venue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

#include "tests/feeds/crypto/feeding.h"

namespace streamhub::crypto {
namespace {

using Kind = SampleVenue::Kind;
using Outcome = CryptoHandler::Outcome;

SampleVenue::Levels Ten(SampleVenue::Levels levels) {
  levels.resize(std::min<size_t>(levels.size(), 10));
  return levels;
}

class SampleVenueTest : public testing::TestWithParam<Kind> {
 protected:
  bool IsBinance() const {
    return GetParam() == Kind::kSpot || GetParam() == Kind::kFutures;
  }

  // Binance tells some updates before the snapshot.
  void Start() {
    if (IsBinance()) feed_.GiveLine(venue_.Update(2));
    feed_.GiveLine(venue_.Snapshot());
  }

  void ExpectBook() {
    const LevelBook* const book = feed_.handler.BookOf(venue_.symbol());
    ASSERT_NE(book, nullptr);
    ASSERT_EQ(LevelsOf(book->bids), venue_.Bids());
    ASSERT_EQ(LevelsOf(book->asks), venue_.Asks());
    ASSERT_EQ(feed_.Bids(venue_.symbol()), Ten(venue_.Bids()));
    ASSERT_EQ(feed_.Asks(venue_.symbol()), Ten(venue_.Asks()));
  }
  void ExpectNoBook() {
    ASSERT_EQ(feed_.handler.BookOf(venue_.symbol()), nullptr);
    ASSERT_EQ(feed_.Bids(venue_.symbol()), SampleVenue::Levels());
    ASSERT_EQ(feed_.Asks(venue_.symbol()), SampleVenue::Levels());
  }

  SampleVenue venue_{GetParam(), /*seed=*/7};
  Feeding feed_;
};

TEST_P(SampleVenueTest, TheBookIsTheVenuesAfterEveryMessage) {
  Start();
  ExpectBook();
  std::mt19937 random(1);
  const auto first_trade = static_cast<int64_t>(venue_.last_trade());
  for (int i = 0; i < 600; ++i) {
    std::string line;
    switch (random() % 6) {
      case 0:
        line = venue_.Trade();
        break;
      case 1:
        line = GetParam() == Kind::kKraken ? venue_.Heartbeat() : venue_.Best();
        break;
      default:
        line = venue_.Update(static_cast<int>(1 + random() % 4));
        break;
    }
    ASSERT_EQ(feed_.GiveLine(line), Outcome::kDone)
        << line << feed_.handler.complaint();
    ExpectBook();
    if (HasFatalFailure()) return;
  }
  const Tally& tally = feed_.handler.tally();
  EXPECT_EQ(tally.trades,
            static_cast<int64_t>(venue_.last_trade()) - first_trade);
  EXPECT_EQ(tally.losses, 0);
  EXPECT_EQ(tally.checksums, GetParam() == Kind::kKraken ? tally.updates : 0);
  EXPECT_GT(tally.updates, 300);
  EXPECT_EQ(feed_.Value(venue_.symbol(), FieldId::kVolume), venue_.volume());
  EXPECT_EQ(feed_.Value(venue_.symbol(), FieldId::kLast), venue_.last_price());
}

TEST_P(SampleVenueTest, TheTapeSaysWhoTook) {
  feed_.GiveLine(venue_.Trade());
  feed_.GiveLine(venue_.Trade());
  const auto tape = TapeOf(feed_.market.market, venue_.symbol());
  ASSERT_EQ(tape.size(), 2u);
  const bool numbered = GetParam() != Kind::kKraken;
  EXPECT_NE(tape[0].find("\"side\":\"buy\""), std::string::npos) << tape[0];
  EXPECT_NE(tape[1].find("\"side\":\"sell\""), std::string::npos) << tape[1];
  EXPECT_EQ(tape[0].find("\"id\":\"501\"") != std::string::npos, numbered);
  EXPECT_NE(tape[1].find("\"time\":" +
                         std::to_string(venue_.event_ns() / kMicrosecond)),
            std::string::npos)
      << tape[1];
}

// The venue's clock is ahead of the recorder's: times are what each says.
TEST_P(SampleVenueTest, TimesAreTheVenues) {
  Start();
  const std::string line = venue_.Trade();
  CaptureLine split;
  ASSERT_EQ(SplitLine(line, &split), nullptr);
  EXPECT_LT(split.received_ns, venue_.event_ns());
  feed_.GiveLine(line);
  EXPECT_EQ(feed_.Read(venue_.symbol()).event_ns, venue_.event_ns());
  EXPECT_EQ(feed_.Value(venue_.symbol(), FieldId::kTradeTime),
            venue_.event_ns());
}

// Without one of its updates the book is not shown, but of Coinbase, which
// does not number them.
TEST_P(SampleVenueTest, ALostUpdateEndsTheBookUntilTheNextSnapshot) {
  if (GetParam() == Kind::kCoinbase) {
    Start();
    venue_.Update(1);
    EXPECT_EQ(feed_.GiveLine(venue_.Update(1)), Outcome::kDone);
    return;
  }
  int seen = 0;
  for (int round = 0; round < 20; ++round) {
    Start();
    ExpectBook();
    if (HasFatalFailure()) return;
    const uint64_t last = venue_.last_update();
    venue_.Update(4);  // lost
    const uint64_t lost = venue_.last_update();
    Outcome outcome = Outcome::kDone;
    // A checksum is of the ten best only.
    for (int i = 0; i < 100 && outcome == Outcome::kDone; ++i) {
      outcome = feed_.GiveLine(venue_.Update(1));
    }
    if (outcome == Outcome::kDone) continue;
    ASSERT_EQ(outcome, Outcome::kLost);
    ++seen;
    ExpectNoBook();
    if (HasFatalFailure()) return;
    const Loss& loss = feed_.handler.losses().back();
    if (IsBinance()) {
      EXPECT_EQ(loss.kind, Loss::Kind::kUpdates);
      EXPECT_EQ(loss.first, last + 1);
      EXPECT_EQ(loss.last, lost);
    } else {
      EXPECT_EQ(loss.kind, Loss::Kind::kChecksum);
    }
    EXPECT_EQ(loss.event_ns, venue_.event_ns());
  }
  EXPECT_EQ(feed_.handler.tally().losses, seen);
  EXPECT_GT(seen, IsBinance() ? 19 : 10);
}

TEST_P(SampleVenueTest, OutcomesAreTheSameWhatTheDecimals) {
  // More than the venue writes, and found by a survey.
  Feeding fine("6/8");
  SampleVenue again(GetParam(), /*seed=*/7);
  for (int i = 0; i < 50; ++i) {
    const std::string line =
        i == 1 ? again.Snapshot() : again.Update(1 + i % 3);
    if (i == 0 && !IsBinance()) continue;
    ASSERT_EQ(fine.GiveLine(line), Outcome::kDone) << line;
  }
  const auto bids = fine.Bids(again.symbol());
  const auto expected = Ten(again.Bids());
  ASSERT_EQ(bids.size(), expected.size());
  for (size_t i = 0; i < bids.size(); ++i) {
    EXPECT_EQ(bids[i].first, expected[i].first * 10'000);
    EXPECT_EQ(bids[i].second, expected[i].second * 100'000);
  }
}

std::string NameOfKind(const testing::TestParamInfo<Kind>& info) {
  switch (info.param) {
    case Kind::kSpot:
      return "Spot";
    case Kind::kFutures:
      return "Futures";
    case Kind::kCoinbase:
      return "Coinbase";
    case Kind::kKraken:
      break;
  }
  return "Kraken";
}

INSTANTIATE_TEST_SUITE_P(Venues, SampleVenueTest,
                         testing::Values(Kind::kSpot, Kind::kFutures,
                                         Kind::kCoinbase, Kind::kKraken),
                         NameOfKind);

}  // namespace
}  // namespace streamhub::crypto
