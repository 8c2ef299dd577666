// The simplest recorder: tick logs in memory, of what a publisher lets in.

#ifndef STREAMHUB_TESTS_FEEDS_TICKLOG_TAP_LOGS_H_
#define STREAMHUB_TESTS_FEEDS_TICKLOG_TAP_LOGS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/tick_tap.h"
#include "feeds/ticklog/log_writer.h"
#include "tests/support/test_market.h"

namespace streamhub::ticklog {

// Writes what it is told into logs of at most so many records each.
class TapLogs final : public TickTap {
 public:
  TapLogs(const TestMarket& market, uint64_t records_max)
      : market_(market), records_max_(records_max) {
    Begin();
  }

  std::vector<std::string> Take() {
    writer_.reset();
    return std::move(logs_);
  }

  void OnSymbol(SymbolId id, const SymbolInfo& info) override {
    symbols_.push_back(id);
    writer_->Symbol(id, info, "recorded");
  }
  void OnTick(SymbolId id, std::span<const FieldValue> values,
              int64_t received_ns, int64_t event_ns) override {
    writer_->Tick(id, values, received_ns, event_ns);
    if (writer_->records() >= records_max_) Begin();
  }
  void OnTrade(SymbolId id, const TradeReport& trade, int64_t received_ns,
               int64_t event_ns) override {
    writer_->Trade(id, trade, received_ns, event_ns);
  }
  void OnStatus(FeedStatus status, int64_t received_ns) override {
    writer_->Status("recorded", status, received_ns);
  }
  void OnEpoch(uint64_t epoch, int64_t received_ns) override {
    writer_->Epoch(epoch, received_ns);
  }

 private:
  void Begin() {
    writer_.reset();  // closes
    logs_.emplace_back();
    const size_t log = logs_.size() - 1;
    writer_ = std::make_unique<LogWriter>(
        [this, log](std::string_view piece) {
          logs_[log] += piece;
          return absl::OkStatus();
        },
        WriterOptions{.block_bytes = 20'000, .level = 1});
    // It has been so for a long time.
    writer_->Status("recorded", FeedStatus::kLive, 1);
    for (const SymbolId id : symbols_) {
      const SymbolInfo& info = market_.market.symbols().Get(id);
      writer_->Symbol(id, info, "recorded");
      const QuoteView view = market_.Read(id);
      std::vector<FieldValue> values;
      for (int i = 0; i < info.layout->size(); ++i) {
        const int64_t value = view.value[static_cast<size_t>(i)];
        if (value != kEmpty) values.push_back({info.layout->field(i), value});
      }
      writer_->Refresh(id, values, view.received_ns, view.event_ns);
    }
  }

  const TestMarket& market_;
  const uint64_t records_max_;
  std::vector<SymbolId> symbols_;
  std::vector<std::string> logs_;
  std::unique_ptr<LogWriter> writer_;
};

}  // namespace streamhub::ticklog

#endif  // STREAMHUB_TESTS_FEEDS_TICKLOG_TAP_LOGS_H_
