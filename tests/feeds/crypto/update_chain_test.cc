#include "feeds/crypto/update_chain.h"

#include <gtest/gtest.h>

#include <optional>

namespace streamhub::crypto {
namespace {

using Gap = UpdateChain::Gap;
using Step = UpdateChain::Step;

class UpdateChainTest : public testing::Test {
 protected:
  Step Spot(uint64_t first, uint64_t last) {
    return chain_.OnUpdate({first, last, std::nullopt}, &gap_);
  }
  Step Futures(uint64_t first, uint64_t last, uint64_t previous) {
    return chain_.OnUpdate({first, last, previous}, &gap_);
  }

  UpdateChain chain_;
  Gap gap_;
};

TEST_F(UpdateChainTest, SpotBeginsWithTheUpdateBehindTheSnapshot) {
  EXPECT_FALSE(chain_.has_book());
  EXPECT_TRUE(chain_.OnSnapshot(100));
  EXPECT_TRUE(chain_.has_book());
  EXPECT_EQ(Spot(90, 99), Step::kOld);
  EXPECT_EQ(Spot(95, 100), Step::kOld);
  EXPECT_EQ(Spot(101, 103), Step::kApply);
  EXPECT_EQ(chain_.last(), 103u);
  EXPECT_EQ(Spot(104, 104), Step::kApply);
}

TEST_F(UpdateChainTest, SpotBeginsWithinAnUpdate) {
  chain_.OnSnapshot(100);
  EXPECT_EQ(Spot(90, 101), Step::kApply);
  EXPECT_EQ(Spot(102, 110), Step::kApply);
  EXPECT_EQ(Spot(102, 110), Step::kOld);
  EXPECT_EQ(Spot(108, 112), Step::kApply);  // overlaps, and nothing is missing
}

TEST_F(UpdateChainTest, SpotSeesAGapBehindTheSnapshot) {
  chain_.OnSnapshot(100);
  EXPECT_EQ(Spot(102, 105), Step::kGap);
  EXPECT_EQ(gap_, (Gap{101, 101}));
  EXPECT_FALSE(chain_.has_book());
  EXPECT_EQ(Spot(106, 107), Step::kKeep);
}

TEST_F(UpdateChainTest, SpotSeesAGapBetweenUpdates) {
  chain_.OnSnapshot(100);
  Spot(101, 105);
  EXPECT_EQ(Spot(109, 110), Step::kGap);
  EXPECT_EQ(gap_, (Gap{106, 108}));
  EXPECT_FALSE(chain_.has_book());
  EXPECT_EQ(Spot(111, 111), Step::kKeep);
  // What the snapshot that comes then has, is old; the rest follows.
  EXPECT_TRUE(chain_.OnSnapshot(110));
  EXPECT_EQ(Spot(109, 110), Step::kOld);
  EXPECT_EQ(Spot(111, 111), Step::kApply);
}

TEST_F(UpdateChainTest, GapsAreSeenWithoutABook) {
  EXPECT_EQ(Spot(50, 60), Step::kKeep);
  EXPECT_EQ(Spot(61, 70), Step::kKeep);
  EXPECT_EQ(Spot(65, 70), Step::kOld);
  EXPECT_EQ(Spot(72, 75), Step::kGap);
  EXPECT_EQ(gap_, (Gap{71, 71}));
  EXPECT_EQ(chain_.last(), 75u);
}

TEST_F(UpdateChainTest, FuturesBeginWithAnUpdateThatTheSnapshotIsIn) {
  chain_.OnSnapshot(100);
  EXPECT_EQ(Futures(80, 99, 79), Step::kOld);
  EXPECT_EQ(Futures(90, 105, 85), Step::kApply);
  EXPECT_EQ(Futures(110, 120, 105), Step::kApply);
  EXPECT_EQ(Futures(110, 120, 105), Step::kOld);
}

TEST_F(UpdateChainTest, FuturesBeginWithTheUpdateOfTheSnapshotItself) {
  chain_.OnSnapshot(100);
  EXPECT_EQ(Futures(90, 100, 85), Step::kApply);
  EXPECT_EQ(Futures(90, 100, 85), Step::kOld);
  EXPECT_EQ(Futures(104, 108, 100), Step::kApply);
}

TEST_F(UpdateChainTest, FuturesBeginRightBehindTheSnapshot) {
  chain_.OnSnapshot(100);
  EXPECT_EQ(Futures(104, 108, 100), Step::kApply);
  chain_.OnSnapshot(200);
  EXPECT_EQ(Futures(204, 208, 199), Step::kApply);
}

TEST_F(UpdateChainTest, FuturesSeeAGapBehindTheSnapshot) {
  chain_.OnSnapshot(100);
  EXPECT_EQ(Futures(104, 108, 101), Step::kGap);
  EXPECT_EQ(gap_, (Gap{101, 101}));
}

TEST_F(UpdateChainTest, FuturesSeeAGapByWhatWasBefore) {
  chain_.OnSnapshot(100);
  Futures(95, 105, 94);
  // The numbers in between are of other symbols, or missing: "pu" says it.
  EXPECT_EQ(Futures(106, 110, 109), Step::kGap);
  EXPECT_EQ(gap_, (Gap{106, 109}));
  EXPECT_FALSE(chain_.has_book());
  EXPECT_EQ(Futures(115, 120, 110), Step::kKeep);
  EXPECT_TRUE(chain_.OnSnapshot(112));
  EXPECT_EQ(Futures(106, 110, 109), Step::kOld);
  EXPECT_EQ(Futures(115, 120, 110), Step::kApply);
}

TEST_F(UpdateChainTest, AnOlderSnapshotIsOfNoUse) {
  chain_.OnSnapshot(100);
  Spot(101, 105);
  EXPECT_FALSE(chain_.OnSnapshot(104));
  EXPECT_EQ(Spot(106, 106), Step::kApply);
  EXPECT_TRUE(chain_.OnSnapshot(106));
  EXPECT_EQ(Spot(107, 107), Step::kApply);
  // Without a book any may do.
  EXPECT_EQ(Spot(110, 111), Step::kGap);
  EXPECT_TRUE(chain_.OnSnapshot(50));
}

TEST_F(UpdateChainTest, ABrokenChainBeginsAnew) {
  chain_.OnSnapshot(100);
  chain_.Break();
  EXPECT_FALSE(chain_.has_book());
  EXPECT_EQ(Spot(7, 8), Step::kKeep);
  chain_.BreakAt(20);
  EXPECT_EQ(Spot(21, 22), Step::kKeep);
  EXPECT_EQ(Spot(24, 25), Step::kGap);
}

}  // namespace
}  // namespace streamhub::crypto
