#include "gateway/server/make_markets.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "feeds/replay/replay_feed.h"
#include "feeds/session_time.h"
#include "feeds/synthetic/synthetic_feed.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

// The feed would find out, too, but not which flags are meant.
absl::Status CheckWideQuotes(const Config& config) {
  if (!config.even_ticks) {
    return absl::InvalidArgumentError("--symbol-fields: needs --even-ticks");
  }
  if (config.symbol_fields < WideQuotes::kFieldsMin) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--symbol-fields ", config.symbol_fields, ": expected 0 or ",
        WideQuotes::kFieldsMin, " to ", kLayoutFieldsMax));
  }
  if (config.changed_fields >= config.symbol_fields) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--changed-fields ", config.changed_fields, ": expected fewer than ",
        "--symbol-fields ", config.symbol_fields));
  }
  return absl::OkStatus();
}

absl::Status NameFlag(std::string_view flag, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(ToAbsl(flag), ": ", status.message()));
}

FeedInfo InfoFor(const Config& config, std::string name, Source source) {
  FeedInfo info;
  info.name = std::move(name);
  info.source = source;
  info.stale_after_ns = config.stale_after_ms * kMillisecond;
  info.quiet_after_ns = config.quiet_after_ms * kMillisecond;
  info.gap_stale_ns = config.gap_stale_ms * kMillisecond;
  return info;
}

absl::StatusOr<std::unique_ptr<Feed>> MakeReplay(const Config& config,
                                                 ReplayHooks hooks) {
  ReplayOptions options;
  options.files = config.files;
  options.speed = config.speed;
  options.loop = config.loop;
  options.reopen = !config.exit_at_end;
  options.arbitrate = config.arbitrate;
  options.line_silent_ns = config.stale_after_ms * kMillisecond;
  options.date = config.date;
  options.timezone = config.timezone;
  options.session_roll = config.session_roll;
  options.format = config.format;
  options.csv_columns = config.csv_columns;
  options.csv_time = config.csv_time;
  options.csv_decimals = config.csv_decimals;
  options.symbol = config.symbol;
  options.paused = config.paused;
  options.from = config.from;
  options.to = config.to;
  options.only = config.only;
  options.progress = std::move(hooks.progress);
  options.control = hooks.control;
  options.stay = hooks.control != nullptr && !config.exit_at_end;
  options.ended = std::move(hooks.ended);
  auto feed = ReplayFeed::Create(std::move(options));
  if (!feed.ok()) return feed.status();
  const absl::Status start = (*feed)->CheckStarts();
  if (!start.ok()) return start;
  return std::unique_ptr<Feed>(*std::move(feed));
}

absl::StatusOr<std::unique_ptr<Feed>> MakeSynthetic(const Config& config) {
  if (config.symbols > config.symbols_max) {
    return absl::InvalidArgumentError(absl::StrCat("--symbols ", config.symbols,
                                                   ": above --symbols-max ",
                                                   config.symbols_max));
  }
  SyntheticOptions options;
  options.symbols = static_cast<size_t>(config.symbols);
  options.ticks_per_second = config.ticks_per_second;
  options.seed = static_cast<uint64_t>(config.seed);
  if (config.even_ticks) {
    options.even = true;
    options.opening_burst = false;
    options.halts_per_minute = 0;
  }
  if (config.symbol_fields > 0) {
    options.fields = config.symbol_fields;
    options.changes = config.changed_fields;
    const absl::Status wide = CheckWideQuotes(config);
    if (!wide.ok()) return wide;
  }
  if (!config.session_roll.empty()) {
    const auto zone = SessionTime::Create(
        config.timezone.empty() ? "America/New_York" : config.timezone);
    if (!zone.ok()) return NameFlag("--timezone", zone.status());
    const auto roll = SessionRoll::Create(config.session_roll, *zone);
    if (!roll.ok()) return NameFlag("--session-roll", roll.status());
    options.roll = *roll;
  }
  return std::unique_ptr<Feed>(
      std::make_unique<SyntheticFeed>(options, config.ticks_max));
}

// To each market that a feed fills.
absl::Status AddDerived(
    const Config& config,
    const std::vector<std::unique_ptr<MarketRun>>& markets) {
  bool added = config.derived.empty();
  for (const auto& run : markets) {
    if (config.derived.empty() || run->market().feeds().size() == 0) continue;
    const absl::Status status = run->AddDerived(config.derived);
    if (!status.ok()) return status;
    added = true;
  }
  if (added) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "--derived: there is no feed that symbols could be derived from");
}

}  // namespace

bool Replays(const Config& config, bool has_own) {
  return ReplaysAlone(config, has_own) || !config.replay_market.empty();
}

bool ReplaysAlone(const Config& config, bool has_own) {
  return !has_own && config.feed == "replay";
}

absl::StatusOr<std::vector<std::unique_ptr<MarketRun>>> MakeMarkets(
    const Config& config, ReplayHooks hooks, std::unique_ptr<Feed> own) {
  const bool is_own = own != nullptr;
  const bool alone = ReplaysAlone(config, is_own);
  const auto symbols_max = static_cast<size_t>(config.symbols_max);
  const std::string replay_name =
      config.replay_market.empty() ? "replay" : config.replay_market;
  if (!alone && replay_name == kLiveMarket) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--replay-market ", replay_name, ": is the name of the live market"));
  }
  std::unique_ptr<Feed> replay;
  if (Replays(config, is_own)) {
    if (!alone) hooks.ended = {};
    auto made = MakeReplay(config, std::move(hooks));
    if (!made.ok()) return made.status();
    replay = *std::move(made);
  }
  const auto run = [&](std::string name, std::unique_ptr<Feed> feed,
                       std::string feed_name, Source source) {
    return std::make_unique<MarketRun>(
        std::move(name), symbols_max, std::move(feed),
        InfoFor(config, std::move(feed_name), source));
  };
  std::vector<std::unique_ptr<MarketRun>> markets;
  if (!alone) {
    Source source = Source::kRealtime;
    if (!is_own && config.feed == "synthetic") {
      auto made = MakeSynthetic(config);
      if (!made.ok()) return made.status();
      own = *std::move(made);
      source = Source::kSimulated;
    }
    markets.push_back(
        run(std::string(kLiveMarket), std::move(own), config.feed, source));
  }
  if (replay != nullptr) {
    markets.push_back(
        run(replay_name, std::move(replay), "replay", Source::kReplay));
  }
  const absl::Status derived = AddDerived(config, markets);
  if (!derived.ok()) return derived;
  return markets;
}

}  // namespace streamhub
