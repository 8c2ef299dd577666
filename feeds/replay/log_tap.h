// What is let into a market, as a tick log. On the thread of the publisher that
// it is a tap of.

#ifndef STREAMHUB_FEEDS_REPLAY_LOG_TAP_H_
#define STREAMHUB_FEEDS_REPLAY_LOG_TAP_H_

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "feeds/tick_tap.h"
#include "feeds/ticklog/log_writer.h"

namespace streamhub {

class LogTap final : public TickTap {
 public:
  // `writer` outlives this, and has its errors; its numbers of symbols are
  // their ids. `feed` is what the log calls the feed.
  LogTap(ticklog::LogWriter& writer, std::string feed)
      : writer_(writer), feed_(std::move(feed)) {}

  void OnSymbol(SymbolId id, const SymbolInfo& info) override {
    writer_.Symbol(id, info, feed_);
  }
  void OnTick(SymbolId id, std::span<const FieldValue> values,
              int64_t received_ns, int64_t event_ns) override {
    writer_.Tick(id, values, received_ns, event_ns);
  }
  void OnTrade(SymbolId id, const TradeReport& trade, int64_t received_ns,
               int64_t event_ns) override {
    writer_.Trade(id, trade, received_ns, event_ns);
  }
  void OnStatus(FeedStatus status, int64_t received_ns) override {
    writer_.Status(feed_, status, received_ns);
  }
  void OnEpoch(uint64_t epoch, int64_t received_ns) override {
    writer_.Epoch(epoch, received_ns);
  }

 private:
  ticklog::LogWriter& writer_;
  const std::string feed_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_LOG_TAP_H_
