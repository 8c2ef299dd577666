#include "bench/peers/table.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>

namespace streamhub::peers {
namespace {

// So near to 1 nobody is ahead on a machine that others share.
constexpr double kLevel = 0.02;
// A tick may fall to either side of a measurement's ends.
constexpr double kAllDelivered = 0.98;
// Beyond that it hands out what it owed when the measurement began.
constexpr double kCatchingUp = 1.05;

using Value = double Result::*;

std::string RatioText(double ratio) {
  return absl::StrFormat("%.*f", ratio < 0.01 ? 4 : 2, ratio);
}

// 0 is not known.
std::string Known(double value, int digits) {
  return value > 0 ? absl::StrFormat("%.*f", digits, value) : "-";
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle =
      values.begin() + static_cast<ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The runs of one system.
class Runs {
 public:
  Runs(const System& system, const std::vector<Result>& results)
      : system_(system) {
    for (const Result& result : results) {
      if (result.system == system.name) results_.push_back(&result);
    }
  }

  const System& system() const { return system_; }
  bool empty() const { return results_.empty(); }

  double MedianOf(Value value) const {
    std::vector<double> values;
    for (const Result* result : results_) values.push_back(result->*value);
    return Median(values);
  }

  // Of those that are known.
  double MedianOfKnown(Value value) const {
    std::vector<double> values;
    for (const Result* result : results_) {
      if (result->*value > 0) values.push_back(result->*value);
    }
    return Median(values);
  }

  // Of its value to that of `other` in the same round; 0: unknown.
  double MedianRatio(Value value, const Runs& other, Value of_other) const {
    std::vector<double> ratios;
    for (const Result* mine : results_) {
      for (const Result* theirs : other.results_) {
        if (theirs->round != mine->round || theirs->*of_other <= 0) continue;
        ratios.push_back(mine->*value / (theirs->*of_other));
      }
    }
    return Median(ratios);
  }

  int64_t FailedMax() const {
    int64_t failed = 0;
    for (const Result* result : results_) {
      failed = std::max(failed, result->failed);
    }
    return failed;
  }

  bool EverybodyServed() const { return !empty() && FailedMax() == 0; }
  bool AllDelivered() const {
    const double delivered = MedianOf(&Result::delivered);
    return EverybodyServed() && delivered >= kAllDelivered &&
           delivered <= kCatchingUp;
  }

 private:
  const System& system_;
  std::vector<const Result*> results_;
};

class Table {
 public:
  Table(const Workload& workload, const std::vector<Result>& results)
      : workload_(workload) {
    for (const System& system : workload.systems) {
      runs_.emplace_back(system, results);
    }
  }

  std::string Text() {
    absl::StrAppendFormat(
        &out_,
        "## %s\n\n%d clients with %d of %d symbols each, %g ticks/s in all; "
        "%d rounds.\n\n",
        workload_.name, workload_.clients, workload_.each, workload_.symbols,
        workload_.ticks_per_second, workload_.pairs);
    if (workload_.kind == WorkloadKind::kStorm) {
      StormRows();
    } else {
      DeliveryRows();
    }
    out_ += '\n';
    Words();
    return std::move(out_);
  }

 private:
  void DeliveryRows() {
    out_ +=
        "| | updates/s | delivered | CPU us an update | user us | x floor | "
        "age p50 / p99 ms | KB a client | growth MB | failed clients | waited "
        "|\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
    for (const Runs& runs : runs_) {
      if (Missing(runs, 10)) continue;
      absl::StrAppendFormat(
          &out_,
          "| %s | %.0f | %.1f %% | %s | %s | %s | %s / %s | %s | "
          "%.1f | %d | %.0f %% |\n",
          runs.system().name, runs.MedianOf(&Result::updates_per_second),
          100 * runs.MedianOf(&Result::delivered),
          Known(runs.MedianOf(&Result::cpu_us), 2),
          Known(runs.MedianOf(&Result::user_us), 2), FloorOf(runs),
          Known(runs.MedianOf(&Result::age_p50_ms), 1),
          Known(runs.MedianOf(&Result::age_p99_ms), 1),
          Known(runs.MedianOf(&Result::bytes_per_client) / 1e3, 1),
          runs.MedianOf(&Result::growth_bytes) / 1e6, runs.FailedMax(),
          100 * runs.MedianOf(&Result::waited));
    }
  }

  void StormRows() {
    out_ +=
        "| | first update p50 / p99 / last ms | KB a client | failed clients "
        "|\n| --- | --- | --- | --- |\n";
    for (const Runs& runs : runs_) {
      if (Missing(runs, 3)) continue;
      absl::StrAppendFormat(
          &out_, "| %s | %s / %s / %s | %s | %d |\n", runs.system().name,
          Known(runs.MedianOf(&Result::first_p50_ms), 0),
          Known(runs.MedianOf(&Result::first_p99_ms), 0),
          Known(runs.MedianOf(&Result::first_max_ms), 0),
          Known(runs.MedianOf(&Result::bytes_per_client) / 1e3, 1),
          runs.FailedMax());
    }
  }

  bool Missing(const Runs& runs, int cells) {
    if (!runs.empty()) return false;
    absl::StrAppend(&out_, "| ", runs.system().name, " | no result |");
    for (int i = 1; i < cells; ++i) out_ += " |";
    out_ += '\n';
    return true;
  }

  // A gateway has a floor of its own writes. A peer sends each update alone:
  // what a bare write cost in the same round, beside the gateway that holds
  // nothing back.
  std::string FloorOf(const Runs& runs) const {
    double ratio = 0;
    if (runs.system().is_gateway()) {
      ratio = runs.MedianOfKnown(&Result::floor_ratio);
    } else if (workload_.kind == WorkloadKind::kDelivery) {
      for (const Runs& gateway : runs_) {
        if (!gateway.system().is_gateway() || gateway.system().max_rate > 0) {
          continue;
        }
        ratio = runs.MedianRatio(&Result::cpu_us, gateway,
                                 &Result::floor_us_per_message);
      }
    }
    return ratio > 0 ? absl::StrFormat("%.2f", ratio) : "-";
  }

  void Words() {
    const bool storm = workload_.kind == WorkloadKind::kStorm;
    const bool delivery = workload_.kind == WorkloadKind::kDelivery;
    for (const Runs& peer : runs_) {
      if (!peer.system().is_gateway()) Excuse(peer);
    }
    for (const Runs& gateway : runs_) {
      if (!gateway.system().is_gateway() || gateway.empty()) continue;
      if (storm) {
        Compare(gateway, &Result::first_max_ms,
                "time until the last client "
                "has its first update");
      } else {
        Compare(gateway, &Result::cpu_us, "CPU for an update");
        // What is held back on purpose is older on purpose.
        if (!delivery || gateway.system().max_rate <= 0) {
          Compare(gateway, &Result::age_p99_ms, "99th percentile of age");
        }
      }
      Compare(gateway, &Result::bytes_per_client, "memory for a client");
    }
  }

  // Why a peer is not compared, or what to know of it.
  void Excuse(const Runs& peer) {
    const std::string& name = peer.system().name;
    if (peer.empty()) {
      absl::StrAppend(&out_, "- ", name, " brought no result.\n");
    } else if (peer.FailedMax() > 0) {
      absl::StrAppend(&out_, "- ", name, " lost or refused up to ",
                      peer.FailedMax(), " clients: not compared.\n");
    } else if (workload_.kind == WorkloadKind::kDelivery &&
               peer.MedianOf(&Result::delivered) > kCatchingUp) {
      absl::StrAppend(&out_, "- ", name,
                      " was catching up with what it owed from before: not "
                      "compared.\n");
    } else if (workload_.kind == WorkloadKind::kDelivery &&
               !peer.AllDelivered()) {
      absl::StrAppendFormat(
          &out_, "- %s delivered %.1f %% of what was due: not compared.\n",
          name, 100 * peer.MedianOf(&Result::delivered));
    }
  }

  const Runs* BestPeer(Value value) const {
    const Runs* best = nullptr;
    for (const Runs& peer : runs_) {
      const bool fit = workload_.kind == WorkloadKind::kDelivery
                           ? peer.AllDelivered()
                           : peer.EverybodyServed();
      if (peer.system().is_gateway() || !fit) continue;
      const double mine = peer.MedianOf(value);
      if (mine <= 0) continue;
      if (best == nullptr || mine < best->MedianOf(value)) best = &peer;
    }
    return best;
  }

  void Compare(const Runs& gateway, Value value, const char* what) {
    const std::string& name = gateway.system().name;
    const Runs* best = BestPeer(value);
    if (best == nullptr) {
      absl::StrAppend(&out_, "- ", what, ": no peer to compare ", name,
                      " with.\n");
      return;
    }
    const std::string& peer = best->system().name;
    const double ratio = gateway.MedianRatio(value, *best, value);
    if (ratio <= 0) {
      absl::StrAppend(&out_, "- ", what, ": ", name, " has no result.\n");
    } else if (ratio > 1 + kLevel) {
      absl::StrAppend(&out_, "- **", peer, " wins**, ", what, ": ", name,
                      " takes ", RatioText(ratio), " times as much.\n");
    } else if (ratio < 1 - kLevel) {
      absl::StrAppend(&out_, "- ", what, ": ", name, " takes ",
                      RatioText(ratio), " of the best peer's, ", peer, ".\n");
    } else {
      absl::StrAppend(&out_, "- ", what, ": ", name, " and the best peer, ",
                      peer, ", are level (", RatioText(ratio), ").\n");
    }
    if (workload_.kind == WorkloadKind::kConflation &&
        value == &Result::cpu_us) {
      absl::StrAppendFormat(
          &out_, "  The age of what they delivered: %s %.0f ms, %s %.0f ms.\n",
          name, gateway.MedianOf(&Result::age_p99_ms), peer,
          best->MedianOf(&Result::age_p99_ms));
    }
    if (gateway.FailedMax() > 0 ||
        (workload_.kind != WorkloadKind::kStorm && !gateway.AllDelivered())) {
      absl::StrAppend(&out_, "  But ", name,
                      " did not deliver everything to everybody.\n");
    }
  }

  const Workload& workload_;
  std::vector<Runs> runs_;
  std::string out_;
};

}  // namespace

std::string ToMarkdown(const Workload& workload,
                       const std::vector<Result>& results) {
  return Table(workload, results).Text();
}

}  // namespace streamhub::peers
