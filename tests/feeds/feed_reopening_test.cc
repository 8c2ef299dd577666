// A feed that fails and is opened again: how often, after how long, and what is
// told of it. The waits are by a clock that stands still until it is turned.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "feeds/feed_thread.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using testing::Not;
using Body = std::function<absl::Status(int run, Publisher&, FeedControl&)>;

class FeedOf final : public Feed {
 public:
  FeedOf(Body body, bool can_reopen)
      : body_(std::move(body)), can_reopen_(can_reopen) {}
  absl::Status Run(Publisher& publisher, FeedControl& control) override {
    return body_(++runs_, publisher, control);
  }
  bool CanReopen() const override { return can_reopen_; }

 private:
  const Body body_;
  const bool can_reopen_;
  int runs_ = 0;
};

class FeedReopeningTest : public testing::Test {
 protected:
  // Each wait is half of its bound.
  void Start(Body body, bool can_reopen = true) {
    testing::internal::CaptureStderr();
    FeedThread::Reopening reopening;
    reopening.random = [] { return 0.5; };
    thread_.emplace(
        "test", std::make_unique<FeedOf>(std::move(body), can_reopen),
        Publisher(test_.market, test_.feed, test_.counters, test_.clock),
        [this](const absl::Status& status) { done_.set_value(status); },
        reopening);
    thread_->Start();
  }
  // Waits for the end, and returns what was logged.
  std::string Finish() {
    thread_.reset();
    return testing::internal::GetCapturedStderr();
  }

  // The board's, once it has failed so many times.
  FeedFailure AwaitFailure(int64_t times) {
    const FeedHealth& health = test_.market.feeds().health(test_.feed);
    const int64_t limit_ns = SystemClock().MonoNs() + 60 * kSecond;
    while (health.failures() < times) {
      if (SystemClock().MonoNs() > limit_ns) return {};
      std::this_thread::yield();
    }
    return health.LastFailure();
  }
  int64_t WaitMs(const FeedFailure& failure) const {
    return (failure.again_ns - failure.failed_ns) / kMillisecond;
  }
  FeedStatus Status() const {
    return test_.market.feeds().StatusAt(test_.feed, test_.clock.MonoNs());
  }

  TestMarket test_;
  std::promise<absl::Status> done_;
  std::optional<FeedThread> thread_;
};

TEST_F(FeedReopeningTest, DownMeanwhileAndLiveAgain) {
  std::promise<void> live, end;
  Start([&](int run, Publisher& publisher, FeedControl&) {
    publisher.SetStatus(FeedStatus::kLive);
    if (run == 1) return absl::UnavailableError("cut off");
    live.set_value();
    end.get_future().wait();
    return absl::OkStatus();
  });
  const FeedFailure failure = AwaitFailure(1);
  EXPECT_EQ(failure.reason, "cut off");
  EXPECT_EQ(failure.failed_ns, test_.clock.WallNs());
  EXPECT_EQ(WaitMs(failure), 125);
  EXPECT_EQ(Status(), FeedStatus::kDown);
  test_.clock.Advance(125 * kMillisecond);
  live.get_future().wait();
  EXPECT_EQ(Status(), FeedStatus::kLive);
  EXPECT_EQ(test_.market.feeds().health(test_.feed).reopenings(), 1);
  end.set_value();
  EXPECT_TRUE(done_.get_future().get().ok());
  EXPECT_THAT(Finish(), HasSubstr("feed test: cut off; opened again in 125"));
}

TEST_F(FeedReopeningTest, WaitsGrowUntilItRanWell) {
  std::promise<void> running[2];
  Start([&](int run, Publisher& publisher, FeedControl& control) {
    const int64_t later_ns = publisher.clock().MonoNs() + 5 * kSecond;
    if (run == 5) {
      publisher.SetStatus(FeedStatus::kLive);
      running[0].set_value();
      control.WaitUntil(later_ns);
    }
    if (run == 6) {
      // Connected only at last: that it ran is not that it ran well.
      running[1].set_value();
      control.WaitUntil(later_ns);
      publisher.SetStatus(FeedStatus::kLive);
    }
    if (run == 7) return absl::OkStatus();
    return absl::UnavailableError("no");
  });
  const int64_t waits_ms[] = {125, 250, 500, 1000, 125, 250};
  for (int64_t times = 1; times <= 6; ++times) {
    const FeedFailure failure = AwaitFailure(times);
    EXPECT_EQ(WaitMs(failure), waits_ms[times - 1]) << times;
    test_.clock.Advance(failure.again_ns - failure.failed_ns);
    if (times == 4 || times == 5) {
      running[times - 4].get_future().wait();
      test_.clock.Advance(5 * kSecond);
    }
  }
  EXPECT_TRUE(done_.get_future().get().ok());
  Finish();
}

// By a clock that stands still the wait would be for ever.
TEST_F(FeedReopeningTest, ToldToStopItDoesNotWait) {
  int runs = 0;
  Start([&](int run, Publisher&, FeedControl&) {
    runs = run;
    return absl::UnavailableError("no");
  });
  AwaitFailure(1);
  Finish();
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(done_.get_future().get(), absl::UnavailableError("no"));
}

TEST_F(FeedReopeningTest, OneThatCannotBeIsNot) {
  Start(
      [](int run, Publisher&, FeedControl&) {
        EXPECT_EQ(run, 1);
        return absl::DataLossError("torn");
      },
      /*can_reopen=*/false);
  EXPECT_EQ(done_.get_future().get(), absl::DataLossError("torn"));
  EXPECT_EQ(Status(), FeedStatus::kDown);
  EXPECT_EQ(AwaitFailure(1).again_ns, 0);
  EXPECT_EQ(test_.market.feeds().health(test_.feed).reopenings(), 0);
  EXPECT_THAT(Finish(), Not(HasSubstr("again")));
}

TEST_F(FeedReopeningTest, OneErrorInTenSecondsIsLogged) {
  Start([](int run, Publisher&, FeedControl&) {
    if (run == 9) return absl::OkStatus();
    return absl::UnavailableError(run < 8 ? "no" : "no more");
  });
  // The last of them 15.875 s after the first.
  for (int64_t times = 1; times <= 8; ++times) {
    const FeedFailure failure = AwaitFailure(times);
    test_.clock.Advance(failure.again_ns - failure.failed_ns);
  }
  ASSERT_TRUE(done_.get_future().get().ok());
  const std::string log = Finish();
  const size_t first = log.find("feed test: no; opened again in 125 ms");
  ASSERT_NE(first, log.npos) << log;
  const size_t second = log.find("feed test: ", first + 1);
  EXPECT_EQ(second, log.find("feed test: no more; opened again in 15000 ms; it "
                             "failed 6 times since told"))
      << log;
  EXPECT_EQ(log.find("feed test: ", second + 1), log.npos) << log;
}

}  // namespace
}  // namespace streamhub
