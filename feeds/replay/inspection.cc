#include "feeds/replay/inspection.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "feeds/tick_tap.h"
#include "gateway/base/clock.h"

namespace streamhub {
namespace {

// Counts what comes into the market, by symbol.
class CountingTap final : public TickTap {
 public:
  void OnSymbol(SymbolId id, const SymbolInfo& info) override {
    if (by_id_.size() <= id) by_id_.resize(size_t{id} + 1, kNone);
    by_id_[id] = symbols.size();
    symbols.push_back(
        {.code = info.code, .quantity_decimals = info.quantity_decimals});
  }
  void OnTick(SymbolId id, std::span<const FieldValue>, int64_t,
              int64_t) override {
    ++symbols[by_id_[id]].ticks;
  }
  void OnTrade(SymbolId id, const TradeReport& trade, int64_t,
               int64_t) override {
    if (trade.cancelled) return;
    InspectedSymbol& symbol = symbols[by_id_[id]];
    ++symbol.trades;
    if (trade.size == kEmpty) return;
    if (__builtin_add_overflow(symbol.volume, trade.size, &symbol.volume)) {
      symbol.volume = std::numeric_limits<int64_t>::max();
    }
  }
  void OnStatus(FeedStatus, int64_t) override {}
  void OnEpoch(uint64_t, int64_t) override {}

  std::vector<InspectedSymbol> symbols;

 private:
  static constexpr size_t kNone = ~size_t{0};
  std::vector<size_t> by_id_;  // topics have ids, too
};

}  // namespace

void PeakFinder::Begin(int64_t time_ns) {
  int64_t past = time_ns % width_ns_;
  if (past < 0) past += width_ns_;
  // Before the earliest time there is, none begins.
  if (__builtin_sub_overflow(time_ns, past, &from_ns_)) from_ns_ = time_ns;
  messages_ = 0;
}

bool Inspection::IsWhole() const {
  // What was sent to sessions cannot be played, and is no damage.
  const bool only_sent = messages > 0 && findings.sent_total == messages;
  return (status.ok() || only_sent) && gaps.gaps() == 0 &&
         findings.faults.faults() == 0 && findings.lost.empty();
}

Inspection Inspect(RecordingRun& run, const std::function<bool()>& go_on) {
  Inspection found;
  found.path = run.files()[0].path;
  found.kind = run.files()[0].kind;
  CountingTap tap;
  run.SetTap(&tap);
  PeakFinder second(kSecond);
  PeakFinder tenth(kSecond / 10);
  int64_t first_ns = std::numeric_limits<int64_t>::max();
  int64_t last_ns = std::numeric_limits<int64_t>::min();
  const RecordReader::Next end =
      PlayRun(run, go_on, [&](int64_t time_ns, int64_t messages) {
        first_ns = std::min(first_ns, time_ns);
        last_ns = std::max(last_ns, time_ns);
        second.Add(time_ns, messages);
        tenth.Add(time_ns, messages);
      });
  run.SetTap(nullptr);
  found.stopped = end == RecordReader::Next::kWaiting;
  found.records = run.records();
  found.messages = run.messages();
  found.bytes = run.bytes_read();
  if (found.records > 0) {
    found.first_ns = first_ns;
    found.last_ns = last_ns;
  }
  found.second = second.peak();
  found.tenth = tenth.peak();
  found.symbols = std::move(tap.symbols);
  for (const InspectedSymbol& symbol : found.symbols) {
    found.ticks += symbol.ticks;
    found.trades += symbol.trades;
  }
  std::sort(found.symbols.begin(), found.symbols.end(),
            [](const auto& a, const auto& b) { return a.code < b.code; });
  found.status = run.status();
  if (const RecordReader* const reader = run.reader()) {
    reader->TellFindings(&found.findings);
    if (reader->gaps() != nullptr) found.gaps = *reader->gaps();
  }
  if (found.records == 0 && found.findings.sent_total > 0) {
    found.first_ns = found.findings.sent_first_ns;
    found.last_ns = found.findings.sent_last_ns;
  }
  auto& by_type = found.findings.by_type;
  std::sort(by_type.begin(), by_type.end());
  return found;
}

}  // namespace streamhub
