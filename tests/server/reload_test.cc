// Another configuration while it runs: all of it or nothing.

#include "gateway/server/reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "gateway/server/config_table.h"
#include "tests/support/manual_clock.h"

namespace streamhub {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ReloadTest : public testing::Test {
 protected:
  // A part that notes what it is asked and told.
  PrepareReload Part(std::string name, absl::Status answer = {}) {
    return [this, name = std::move(name), answer = std::move(answer)](
               const Config& config) -> absl::StatusOr<Commit> {
      notes.push_back(name + " prepares " + config.log_level);
      if (!answer.ok()) return answer;
      return Commit([this, name] { notes.push_back(name + " commits"); });
    };
  }

  int64_t Get(Metric metric) const { return counters.Get(metric); }

  ManualClock clock;
  Counters counters;
  Config first;
  Reloading reloading{first, counters, clock};
  std::vector<std::string> notes;
};

TEST_F(ReloadTest, AllPrepareBeforeAnyCommits) {
  reloading.Add(Part("a"));
  reloading.Add(Part("b"));
  Config next = first;
  next.log_level = "debug";
  clock.Advance(5 * kSecond);
  const ReloadOutcome outcome = reloading.Reload(next);
  EXPECT_TRUE(outcome.status.ok());
  EXPECT_THAT(notes, ElementsAre("a prepares debug", "b prepares debug",
                                 "a commits", "b commits"));
  EXPECT_THAT(outcome.changed, ElementsAre("log_level"));
  EXPECT_THAT(outcome.restart, IsEmpty());
  EXPECT_EQ(outcome.Text(), "configuration reloaded: log_level");
  EXPECT_EQ(reloading.running().log_level, "debug");
  EXPECT_EQ(Get(Metric::kConfigReloadSuccessful), 1);
  EXPECT_EQ(Get(Metric::kReloadTime), ManualClock::kStartWallNs / kSecond + 5);
}

// Certificates and keys may be others in the same files.
TEST_F(ReloadTest, PartsAreAskedThoughNoSettingHasChanged) {
  reloading.Add(Part("a"));
  EXPECT_EQ(reloading.Reload(first).Text(),
            "configuration reloaded: no setting has changed");
  EXPECT_THAT(notes, ElementsAre("a prepares info", "a commits"));
}

TEST_F(ReloadTest, IfOneRefusesNothingHasChanged) {
  reloading.Add(Part("a"));
  reloading.Add(Part("b", absl::InvalidArgumentError("keys.pem: no key")));
  reloading.Add(Part("c"));
  Config next = first;
  next.log_level = "debug";
  next.port = 9;
  clock.Advance(5 * kSecond);
  const ReloadOutcome outcome = reloading.Reload(next);
  EXPECT_THAT(notes, ElementsAre("a prepares debug", "b prepares debug"));
  EXPECT_THAT(outcome.Text(),
              HasSubstr("not reloaded, all is as it was: keys.pem: no key"));
  EXPECT_THAT(outcome.changed, IsEmpty());
  EXPECT_THAT(outcome.restart, IsEmpty());
  EXPECT_EQ(reloading.running().log_level, "info");
  EXPECT_EQ(Get(Metric::kConfigReloadSuccessful), 0);
  EXPECT_EQ(Get(Metric::kReloadTime), ManualClock::kStartWallNs / kSecond);
  EXPECT_EQ(Get(Metric::kConfigRestartNeeded), 0);
}

TEST_F(ReloadTest, WhatCannotBeReadIsRefusedAndGoodAgainLater) {
  reloading.Add(Part("a"));
  const auto outcome = reloading.Reload(
      absl::InvalidArgumentError("x.toml:3:8: expected an integer"));
  EXPECT_THAT(outcome.Text(), HasSubstr("x.toml:3:8: expected an integer"));
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_EQ(Get(Metric::kConfigReloadSuccessful), 0);
  EXPECT_TRUE(reloading.Reload(first).status.ok());
  EXPECT_EQ(Get(Metric::kConfigReloadSuccessful), 1);
}

TEST_F(ReloadTest, WhatNeedsARestartIsToldUntilItIsTakenBack) {
  reloading.Add([](const Config& config) -> absl::StatusOr<Commit> {
    // Nobody is shown what is not to be in use.
    EXPECT_EQ(config.port, Config().port);
    EXPECT_EQ(config.threads, Config().threads);
    return Commit();
  });
  Config next = first;
  next.port = 9;
  next.threads = 3;
  next.cors_origins = {"https://desk.example"};
  const ReloadOutcome outcome = reloading.Reload(next);
  EXPECT_THAT(outcome.changed, ElementsAre("cors_origins"));
  EXPECT_THAT(outcome.restart, ElementsAre("port", "threads"));
  EXPECT_EQ(outcome.Text(),
            "configuration reloaded: cors_origins; restart needed for: port, "
            "threads");
  EXPECT_EQ(Get(Metric::kConfigRestartNeeded), 2);
  EXPECT_THAT(reloading.Reload(next).restart, ElementsAre("port", "threads"));
  EXPECT_THAT(reloading.Reload(first).restart, IsEmpty());
  EXPECT_EQ(Get(Metric::kConfigRestartNeeded), 0);
}

}  // namespace
}  // namespace streamhub
