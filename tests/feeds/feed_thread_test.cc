#include "feeds/feed_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using Body = std::function<absl::Status(Publisher&, FeedControl&)>;

class FeedOf final : public Feed {
 public:
  explicit FeedOf(Body body) : body_(std::move(body)) {}
  absl::Status Run(Publisher& publisher, FeedControl& control) override {
    return body_(publisher, control);
  }

 private:
  const Body body_;
};

class FeedThreadTest : public testing::Test {
 protected:
  void Start(Body body, const Clock* clock = nullptr) {
    thread_.emplace(
        "test", std::make_unique<FeedOf>(std::move(body)),
        Publisher(test_.market, test_.feed, test_.counters,
                  clock != nullptr ? *clock : test_.clock),
        [this](const absl::Status& status) { done_.set_value(status); });
    thread_->Start();
  }

  absl::Status Done() { return done_.get_future().get(); }

  FeedStatus StatusAt(int64_t mono_ns) const {
    return test_.market.feeds().StatusAt(test_.feed, mono_ns);
  }

  TestMarket test_;
  std::promise<absl::Status> done_;
  std::optional<FeedThread> thread_;
};

TEST_F(FeedThreadTest, TellsWhenTheFeedIsOver) {
  Start([](Publisher& publisher, FeedControl&) {
    publisher.SetStatus(FeedStatus::kEnded);
    return absl::OkStatus();
  });
  EXPECT_TRUE(Done().ok());
  EXPECT_EQ(StatusAt(test_.clock.MonoNs()), FeedStatus::kEnded);
}

TEST_F(FeedThreadTest, AFeedThatFailsIsDownAndItsErrorTold) {
  testing::internal::CaptureStderr();
  Start([](Publisher& publisher, FeedControl&) {
    publisher.SetStatus(FeedStatus::kLive);
    return absl::DataLossError("torn at 17");
  });
  EXPECT_EQ(Done(), absl::DataLossError("torn at 17"));
  EXPECT_EQ(StatusAt(test_.clock.MonoNs()), FeedStatus::kDown);
  thread_.reset();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("feed test: torn at 17"), std::string::npos) << log;
}

TEST_F(FeedThreadTest, DestructionStopsAFeedThatWaits) {
  std::promise<void> waiting;
  bool went_on = true;
  bool stopping = false;
  Start([&](Publisher& publisher, FeedControl& control) {
    EXPECT_FALSE(control.stopping());
    waiting.set_value();
    // An hour of a clock that stands still.
    went_on = control.WaitUntil(publisher.clock().MonoNs() + 3600 * kSecond);
    stopping = control.stopping();
    return absl::OkStatus();
  });
  waiting.get_future().wait();
  thread_.reset();
  EXPECT_TRUE(Done().ok());
  EXPECT_FALSE(went_on);
  EXPECT_TRUE(stopping);
}

// In the middle of a wait, and before one.
TEST_F(FeedThreadTest, AnInterruptEndsOneWait) {
  std::promise<FeedControl*> waiting;
  std::promise<void> second;
  int waits = 0;
  Start([&](Publisher& publisher, FeedControl& control) {
    // An hour of a clock that stands still.
    const int64_t until_ns = publisher.clock().MonoNs() + 3600 * kSecond;
    waiting.set_value(&control);
    EXPECT_TRUE(control.WaitUntil(until_ns));
    ++waits;
    control.Interrupt();
    EXPECT_TRUE(control.WaitUntil(until_ns));
    ++waits;
    second.set_value();
    EXPECT_FALSE(control.WaitUntil(until_ns));
    return absl::OkStatus();
  });
  FeedControl* const control = waiting.get_future().get();
  control->Interrupt();
  second.get_future().wait();
  thread_.reset();
  EXPECT_TRUE(Done().ok());
  EXPECT_EQ(waits, 2);
}

TEST_F(FeedThreadTest, ATimeThatHasPassedIsNotWaitedFor) {
  Start([](Publisher& publisher, FeedControl& control) {
    const int64_t now_ns = publisher.clock().MonoNs();
    EXPECT_TRUE(control.WaitUntil(now_ns));
    EXPECT_TRUE(control.WaitUntil(now_ns - kSecond));
    EXPECT_TRUE(control.WaitUntil(0));
    return absl::OkStatus();
  });
  EXPECT_TRUE(Done().ok());
}

TEST_F(FeedThreadTest, WaitsByTheClock) {
  const Clock& clock = SystemClock();
  Start(
      [&](Publisher&, FeedControl& control) {
        const int64_t until_ns = clock.MonoNs() + 20 * kMillisecond;
        EXPECT_TRUE(control.WaitUntil(until_ns));
        EXPECT_GE(clock.MonoNs(), until_ns);
        return absl::OkStatus();
      },
      &clock);
  EXPECT_TRUE(Done().ok());
}

// A feed that waits is alive, one that hangs is not.
TEST_F(FeedThreadTest, HeartbeatsWhileItWaitsAndOnlyThen) {
  std::promise<void> live, hang;
  std::promise<void> hung;
  const int64_t start_ns = test_.clock.MonoNs();
  Start([&](Publisher& publisher, FeedControl& control) {
    publisher.SetStatus(FeedStatus::kLive);
    live.set_value();
    EXPECT_TRUE(control.WaitUntil(start_ns + 60 * kSecond));
    hung.set_value();
    hang.get_future().wait();
    return absl::OkStatus();
  });
  live.get_future().wait();
  for (int i = 0; i < 3; ++i) {
    test_.clock.Advance(10 * kSecond);
    // Its next heartbeat comes within a tenth of a second of real time.
    const int64_t limit_ns = SystemClock().MonoNs() + 60 * kSecond;
    while (StatusAt(test_.clock.MonoNs()) != FeedStatus::kLive) {
      ASSERT_LT(SystemClock().MonoNs(), limit_ns);
      std::this_thread::yield();
    }
  }
  test_.clock.Advance(30 * kSecond);
  hung.get_future().wait();
  test_.clock.Advance(10 * kSecond);
  EXPECT_EQ(StatusAt(test_.clock.MonoNs()), FeedStatus::kStale);
  hang.set_value();
  EXPECT_TRUE(Done().ok());
}

TEST_F(FeedThreadTest, MayBeDestroyedWithoutEverHavingStarted) {
  thread_.emplace(
      "test", std::make_unique<FeedOf>(Body()),
      Publisher(test_.market, test_.feed, test_.counters, test_.clock),
      [](const absl::Status&) { FAIL(); });
  thread_.reset();
}

}  // namespace
}  // namespace streamhub
