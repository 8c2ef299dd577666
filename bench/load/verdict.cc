// Whether a load test was good, and if not why: of what report.h holds.

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include "bench/load/report.h"

namespace streamhub::load {
namespace {

// Where fewer updates are to be expected there may well be none.
constexpr double kExpectedMin = 10;

// What a machine that others share may take from anybody.
constexpr double kStallS = 2;

// The longest silence that a client of this market should have; 0: nobody
// knows. A symbol's tick, the beat after it, and as much for what is late.
double SilenceMaxS(const LoadReport& report) {
  if (report.symbol_period_s <= 0) return 0;
  const double rate = report.tally.granted_rate;
  return 2 * report.symbol_period_s + (rate > 0 ? 1 / rate : 0) + kStallS;
}

std::string CheckTrouble(const LoadReport& report) {
  const CheckResult& check = report.check;
  if (check.different > 0) {
    return absl::StrCat("check: ", check.different,
                        " subscriptions differ from what the gateway says");
  }
  if (check.behind > 0) {
    return absl::StrCat("check: ", check.behind,
                        " subscriptions are behind what the gateway says");
  }
  if (check.due <= 0 && report.MarketTicks()) {
    return "check: no update was due, so that nothing is proved";
  }
  if (const int64_t below = check.ClientsBelow(report.share_wanted);
      below > 0) {
    return absl::StrFormat(
        "check: %d clients got less than %.2f %% of what "
        "they were due",
        below, 100 * report.share_wanted);
  }
  return {};
}

// Of one whose clients are all there: whether they were served. The stamps of
// a gateway that stands still do not show it, as it stamps a tick when it runs
// again.
std::string SilenceTrouble(const LoadReport& report) {
  const Tally& tally = report.tally;
  if (report.MarketTicks() && report.slow_share < 1 &&
      tally.updates == tally.snapshots) {
    return "no update came in the measurement, though the market ticks";
  }
  const double gap_s = static_cast<double>(tally.longest_gap_us) / 1e6;
  const double max_s = SilenceMaxS(report);
  if (max_s > 0 && gap_s > max_s) {
    return absl::StrFormat(
        "a client got no message for %.2f s, though each of its symbols ticks "
        "every %.3g s",
        gap_s, report.symbol_period_s);
  }
  return {};
}

}  // namespace

bool LoadReport::MarketTicks() const {
  if (symbol_period_s <= 0) return true;
  const double periods = window_s / symbol_period_s;
  const auto of_all = static_cast<double>(symbols);
  const auto of_clients = static_cast<double>(clients * symbols_per_client);
  return periods * of_all >= 1 && periods * of_clients >= kExpectedMin;
}

std::string LoadReport::Trouble() const {
  if (!trouble.empty()) return trouble;
  if (stopped) return "it was stopped before its end";
  if (failed > 0) return absl::StrCat(failed, " clients failed");
  if (const int64_t missing = tally.storm_cut - tally.storm_complete_us.count();
      missing != 0) {
    return absl::StrCat(missing,
                        " clients that were cut off do not have all of their "
                        "state again");
  }
  std::string why = SilenceTrouble(*this);
  if (why.empty() && check.done) why = CheckTrouble(*this);
  if (why.empty()) why = FloorTrouble(*this);
  return why;
}

}  // namespace streamhub::load
