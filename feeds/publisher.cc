#include "feeds/publisher.h"

#include <absl/strings/str_cat.h>

#include <array>
#include <utility>

#include "gateway/base/check.h"
#include "gateway/base/utf8.h"

namespace streamhub {

Publisher::Publisher(Market& market, FeedId feed, Counters& counters,
                     const Clock& clock, uint32_t tape)
    : market_(market),
      feed_(feed),
      counters_(counters),
      clock_(clock),
      tape_(market, feed, counters, tape) {}

absl::StatusOr<SymbolId> Publisher::Define(SymbolInfo info) {
  if (wants_ && !wants_(info.code)) {
    return absl::FailedPreconditionError("the symbol is filtered out");
  }
  if (!IsValidSymbol(info.code)) {
    counters_.Add(Metric::kSymbolsRefused);
    return absl::InvalidArgumentError(absl::StrCat(
        "symbol of ", info.code.size(),
        " bytes: want 1-64 bytes of UTF-8 without control characters, ',' "
        "or '@'"));
  }
  if (info.layout == nullptr || info.price_decimals < 0 ||
      info.price_decimals > kDecimalsMax || info.quantity_decimals < 0 ||
      info.quantity_decimals > kDecimalsMax) {
    counters_.Add(Metric::kSymbolsRefused);
    return absl::InvalidArgumentError(absl::StrCat(
        info.code, ": want a layout and decimals of 0-", kDecimalsMax));
  }
  // Both are told to clients as they are, in text that must be UTF-8.
  if (!IsValidUtf8(info.name) || !IsValidUtf8(info.currency)) {
    counters_.Add(Metric::kSymbolsRefused);
    return absl::InvalidArgumentError(
        absl::StrCat(info.code, ": name or currency is not UTF-8"));
  }
  const std::string code = info.code;
  info.feed = feed_;
  SymbolId id = 0;
  switch (market_.Define(std::move(info), &id)) {
    case SymbolTable::Added::kFull:
      counters_.Add(Metric::kSymbolsRefused);
      return absl::ResourceExhaustedError(
          absl::StrCat(code, ": the market holds symbols_max symbols already"));
    case SymbolTable::Added::kKnown:
      if (market_.topic(id) != nullptr) {
        counters_.Add(Metric::kForeignWrites);
        return absl::PermissionDeniedError(
            absl::StrCat(code, ": is the name of a topic"));
      }
      if (market_.symbols().Get(id).feed != feed_) {
        counters_.Add(Metric::kForeignWrites);
        market_.Contest(id);
        return absl::PermissionDeniedError(absl::StrCat(
            code, ": owned by feed ",
            market_.feeds().info(market_.symbols().Get(id).feed).name));
      }
      return id;
    case SymbolTable::Added::kNew:
      break;
  }
  owned_.push_back(id);
  SetTradingUnknown(id);
  if (tap_ != nullptr) tap_->OnSymbol(id, market_.symbols().Get(id));
  market_.Wake();
  return id;
}

void Publisher::SetTradingUnknown(SymbolId id) {
  const int position =
      market_.symbols().Get(id).layout->PositionOf(FieldId::kTrading);
  const Change unknown{position, PackText("unknown")};
  market_.Update(id, std::span(&unknown, 1), clock_.WallNs(), 0);
}

void Publisher::BeginBatch() {
  received_ns_ = clock_.WallNs();
  ticks_before_ = counters_.Get(Metric::kTicks);
  if (timed_) began_ns_ = clock_.MonoNs();
}

void Publisher::Publish(SymbolId id, std::span<const FieldValue> values,
                        int64_t event_ns) {
  const SymbolInfo& info = market_.symbols().Get(id);
  STREAMHUB_CHECK(info.feed == feed_);  // Define refuses what is not ours
  const Layout& layout = *info.layout;
  std::array<Change, kLayoutFieldsMax> changes;
  size_t count = 0;
  for (const FieldValue& v : values) {
    const int position = layout.PositionOf(v.field);
    if (position < 0 || count == changes.size()) continue;
    changes[count++] = {position, v.value};
  }
  market_.Update(id, std::span(changes.data(), count), received_ns_, event_ns);
  counters_.Add(Metric::kTicks);
  if (tap_ != nullptr) tap_->OnTick(id, values, received_ns_, event_ns);
}

void Publisher::EndBatch() {
  const int64_t mono_ns = clock_.MonoNs();
  market_.Heartbeat(feed_, mono_ns);
  market_.Wake();
  const int64_t ticks = counters_.Get(Metric::kTicks) - ticks_before_;
  ticks_before_ += ticks;
  if (ticks > 0) market_.CountTicks(feed_, ticks, received_ns_, mono_ns);
  StampBatch(ticks, mono_ns);
}

void Publisher::StampBatch(int64_t ticks, int64_t mono_ns) {
  // One without ticks wrote nothing.
  if (timed_ && began_ns_ != 0 && ticks > 0) {
    market_.StampWritten(feed_, mono_ns - began_ns_, mono_ns);
    timed_at_ns_ = mono_ns;
  }
  began_ns_ = 0;
  timed_ = mono_ns - timed_at_ns_ >= kStampEveryNs;
}

void Publisher::SetStatus(FeedStatus status) {
  Heartbeat();
  market_.SetFeedStatus(feed_, status);
  if (status != FeedStatus::kLive) {
    live_since_ns_ = 0;
  } else if (live_since_ns_ == 0) {
    live_since_ns_ = clock_.MonoNs();
  }
  if (tap_ != nullptr) tap_->OnStatus(status, clock_.WallNs());
}

void Publisher::ReportGap(std::string_view session, uint64_t first,
                          uint64_t last) {
  const int64_t wall_ns = clock_.WallNs();
  health().AddGap(session, first, last, wall_ns);
  market_.BeginGap(feed_, clock_.MonoNs());
  if (tap_ != nullptr) tap_->OnGap(last - first + 1, wall_ns);
}

void Publisher::ReportGaps(int64_t gaps, uint64_t messages) {
  health().AddGapsWithoutRange(gaps, messages);
  market_.BeginGap(feed_, clock_.MonoNs());
  if (tap_ != nullptr) tap_->OnGap(messages, clock_.WallNs());
}

void Publisher::StartEpoch() {
  RepairGap();
  for (const SymbolId id : owned_) {
    market_.Clear(id);
    SetTradingUnknown(id);
  }
  market_.StartEpoch();
  if (tap_ != nullptr) tap_->OnEpoch(market_.epoch(), clock_.WallNs());
  counters_.Add(Metric::kEpochs);
}

}  // namespace streamhub
