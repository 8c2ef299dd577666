#include "feeds/ticklog/ticklog_handler.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "feeds/ticklog/layouts.h"
#include "gateway/base/log.h"

namespace streamhub::ticklog {
namespace {

// More feeds than any gateway has: a log of rubbish.
constexpr size_t kFeedsMax = 4096;

}  // namespace

TickLogHandler::TickLogHandler(Publisher& publisher) : publisher_(publisher) {}

TickLogHandler::LogId TickLogHandler::Open() {
  logs_.emplace_back();
  return logs_.size() - 1;
}

void TickLogHandler::Close(LogId log) {
  logs_[log].open = false;
  logs_[log].symbols = {};
}

void TickLogHandler::StartAgain() {
  logs_.clear();
  epoch_.reset();
  has_values_ = false;
  feeds_.clear();
  if (std::exchange(shown_, FeedStatus::kLive) != FeedStatus::kLive) {
    publisher_.SetStatus(FeedStatus::kLive);
  }
}

void TickLogHandler::Apply(LogId log_id, const TickRecord& record) {
  Log& log = logs_[log_id];
  switch (record.kind) {
    case TickRecord::Kind::kSymbol:
      Define(log, record);
      break;
    case TickRecord::Kind::kTick:
      if (const Known* const symbol = Find(log, record.number)) {
        publisher_.Publish(symbol->id, record.values, record.event_ns);
      }
      break;
    case TickRecord::Kind::kRefresh:
      if (const Known* const symbol = Find(log, record.number)) {
        Refresh(*symbol, record);
      }
      break;
    case TickRecord::Kind::kTrade:
      if (const Known* const symbol = Find(log, record.number)) {
        publisher_.Report(symbol->id, record.trade, record.event_ns);
      }
      break;
    case TickRecord::Kind::kEpoch:
      StartEpoch(log, record.epoch);
      break;
    case TickRecord::Kind::kStatus:
      SetStatus(record);
      break;
    case TickRecord::Kind::kGap:
    case TickRecord::Kind::kSent:
      break;
  }
}

const TickLogHandler::Known* TickLogHandler::Find(Log& log, uint32_t number) {
  log.has_values = has_values_ = true;
  const auto found = log.symbols.find(number);
  if (found == log.symbols.end() || found->second.refused) return nullptr;
  if (!found->second.mismatched) return &found->second;
  publisher_.counters().Add(Metric::kTicksRejected);
  return nullptr;
}

void TickLogHandler::Define(Log& log, const TickRecord& record) {
  Known& known = log.symbols[record.number];
  known = {};
  SymbolInfo info = *record.info;
  const int price_decimals = info.price_decimals;
  const int quantity_decimals = info.quantity_decimals;
  // None for rubbish only: then the publisher refuses and counts.
  info.layout = LastingLayout(*info.layout);
  const auto id = publisher_.Define(std::move(info));
  known.refused = !id.ok();
  if (known.refused) return;
  known.id = *id;
  const SymbolInfo& there = publisher_.market().symbols().Get(*id);
  known.mismatched = there.price_decimals != price_decimals ||
                     there.quantity_decimals != quantity_decimals;
  if (!known.mismatched || std::exchange(warned_, true)) return;
  LogWarning(absl::StrCat(there.code, ": a tick log has it with ",
                          price_decimals, " and ", quantity_decimals,
                          " decimals, the log before with ",
                          there.price_decimals, " and ",
                          there.quantity_decimals, "; its ticks are rejected"));
}

void TickLogHandler::Refresh(const Known& symbol, const TickRecord& record) {
  const Market& market = publisher_.market();
  const Layout& layout = *market.symbols().Get(symbol.id).layout;
  QuoteView now;
  // It is this thread that writes: a read cannot fail.
  market.cache().Read(symbol.id, layout.all(), &now);
  std::array<int64_t, kLayoutFieldsMax> wanted;
  std::fill_n(wanted.begin(), layout.size(), kEmpty);
  // Is never empty, and unknown where nobody says it.
  const auto trading =
      static_cast<size_t>(layout.PositionOf(FieldId::kTrading));
  wanted[trading] = now.value[trading];
  for (const FieldValue& v : record.values) {
    const int position = layout.PositionOf(v.field);
    if (position >= 0) wanted[static_cast<size_t>(position)] = v.value;
  }
  std::array<FieldValue, kLayoutFieldsMax> different;
  size_t count = 0;
  for (int i = 0; i < layout.size(); ++i) {
    const auto at = static_cast<size_t>(i);
    if (wanted[at] != now.value[at]) {
      different[count++] = {layout.field(i), wanted[at]};
    }
  }
  if (count == 0) return;
  publisher_.Publish(symbol.id, std::span(different.data(), count),
                     record.event_ns);
}

void TickLogHandler::StartEpoch(Log& log, uint64_t epoch) {
  const std::optional<uint64_t> before =
      std::exchange(epoch_, std::optional(epoch));
  const bool begins = !log.epoch.has_value() && !log.has_values;
  const bool same =
      log.epoch.has_value() ? log.epoch == epoch : begins && before == epoch;
  log.epoch = epoch;
  if (same || !has_values_) return;
  // Logs of several gateways side by side have each their own.
  const auto goes_on = [&](const Log& other) {
    return &other != &log && other.open && other.has_values;
  };
  if (begins && std::any_of(logs_.begin(), logs_.end(), goes_on)) return;
  publisher_.StartEpoch();
}

void TickLogHandler::SetStatus(const TickRecord& record) {
  if (record.status == FeedStatus::kEnded) {
    const auto found = feeds_.find(record.feed);
    if (found != feeds_.end()) feeds_.erase(found);
  } else if (feeds_.size() < kFeedsMax || feeds_.contains(record.feed)) {
    feeds_.insert_or_assign(std::string(record.feed), record.status);
  }
  size_t down = 0, stale = 0;
  for (const auto& [feed, status] : feeds_) {
    down += status == FeedStatus::kDown ? 1 : 0;
    stale += status == FeedStatus::kStale ? 1 : 0;
  }
  const FeedStatus status = down > 0 && down == feeds_.size()
                                ? FeedStatus::kDown
                            : down + stale > 0 ? FeedStatus::kStale
                                               : FeedStatus::kLive;
  if (std::exchange(shown_, status) != status) publisher_.SetStatus(status);
}

}  // namespace streamhub::ticklog
