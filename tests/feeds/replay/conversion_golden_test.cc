// Every golden recording, converted to a tick log and replayed from it: all
// fields of all symbols and the tapes are those of the recording itself, at
// several times and at the end. That those are the golden facts is what each
// format's own golden test shows.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/feeds/replay/golden_recordings.h"
#include "tests/feeds/replay/played_run.h"
#include "tests/feeds/replay/temporary_file.h"

namespace streamhub {
namespace {

struct Compared {
  int64_t values = 0;
  int64_t equal = 0;
};

void Compare(const std::vector<int64_t>& a, const std::vector<int64_t>& b,
             Compared* compared) {
  compared->values += static_cast<int64_t>(std::max(a.size(), b.size()));
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    compared->equal += a[i] == b[i] ? 1 : 0;
  }
}

Compared Compare(const WholeMarket& direct, const WholeMarket& again) {
  Compared compared;
  EXPECT_EQ(again.quotes.size(), direct.quotes.size());
  for (const auto& [code, values] : direct.quotes) {
    const auto found = again.quotes.find(code);
    Compare(
        values,
        found == again.quotes.end() ? std::vector<int64_t>() : found->second,
        &compared);
  }
  EXPECT_EQ(again.tapes.size(), direct.tapes.size());
  for (const auto& [code, tape] : direct.tapes) {
    compared.values += static_cast<int64_t>(tape.size());
    const auto found = again.tapes.find(code);
    if (found == again.tapes.end() || found->second.size() != tape.size()) {
      continue;
    }
    for (size_t i = 0; i < tape.size(); ++i) {
      compared.equal += tape[i] == found->second[i] ? 1 : 0;
    }
  }
  return compared;
}

TEST(ConversionGoldenTest, ATickLogReplaysEveryRecording) {
  if (!GoldenAreThere()) GTEST_SKIP() << "no recordings at " << kGoldenFolder;
  constexpr int64_t kTimes = 5;
  std::printf("%-56s %6s %12s %12s\n", "file", "times", "values", "equal");
  for (const GoldenRecording& recording : GoldenRecordings()) {
    SCOPED_TRACE(recording.name);
    const auto run = Open(recording.options(), recording.path(), /*tape=*/0);
    const TemporaryFile log("golden.shtl", TickLogOf(*run));
    const auto direct = Open(recording.options(), recording.path());
    const auto again = Open({}, log.path());
    Compared all;
    int64_t times = 0;
    const auto compare = [&](bool at_end) {
      const WholeMarket a = MarketOf(direct->market());
      const WholeMarket b = MarketOf(again->market());
      const Compared compared =
          at_end ? Compare(a, b) : Compare(a.Ticked(), b.Ticked());
      all.values += compared.values;
      all.equal += compared.equal;
      ++times;
    };
    // Record after record until a stretch is over.
    const int64_t stretch = run->records() / kTimes + 1;
    int64_t time_ns = 0;
    while (PeekWaiting(*direct, &time_ns) == RecordReader::Next::kRecord) {
      if (direct->records() % stretch != stretch - 1) {
        direct->Apply();
        continue;
      }
      direct->Apply();
      PlayAsFarAs(*direct, *again);
      compare(/*at_end=*/false);
    }
    PlayTo(*again, kToTheEnd);
    compare(/*at_end=*/true);
    EXPECT_EQ(all.equal, all.values);
    EXPECT_EQ(again->status(), absl::OkStatus());
    EXPECT_EQ(again->counters().Get(Metric::kTicks),
              direct->counters().Get(Metric::kTicks));
    std::printf("%-56s %6lld %12lld %12lld\n", recording.name.c_str(),
                static_cast<long long>(times),
                static_cast<long long>(all.values),
                static_cast<long long>(all.equal));
  }
}

}  // namespace
}  // namespace streamhub
