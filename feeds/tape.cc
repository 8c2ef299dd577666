#include "feeds/tape.h"

#include <algorithm>
#include <utility>

#include "gateway/base/clock.h"
#include "gateway/base/json_text.h"

namespace streamhub {
namespace {

// Without the braces around it.
void AppendTrade(const SymbolInfo& symbol, const TradeReport& trade,
                 int64_t event_ns, std::string* out) {
  const auto text = [out](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    *out += ",\"";
    *out += key;
    *out += "\":";
    AppendString(value, out);
  };
  if (trade.price != kEmpty) {
    *out += ",\"price\":";
    AppendDecimal(trade.price, symbol.price_decimals, out);
  }
  if (trade.size != kEmpty) {
    *out += ",\"size\":";
    AppendDecimal(trade.size, symbol.quantity_decimals, out);
  }
  if (event_ns != 0) {
    *out += ",\"time\":";
    AppendInt(event_ns / kMicrosecond, out);
  }
  if (trade.taker != Taker::kUnknown) {
    text("side", trade.taker == Taker::kBuyer ? "buy" : "sell");
  }
  text(trade.cancelled ? "cancelled" : "id", trade.id);
  text("cross", trade.cross);
}

}  // namespace

void Tape::Add(SymbolId symbol, const TradeReport& trade, int64_t event_ns,
               int64_t received_ns) {
  if (keeps_ == 0) return;
  const SymbolId topic = TopicOf(symbol, received_ns);
  if (topic == kNone) return;
  message_.clear();
  AppendTrade(market_.symbols().Get(symbol), trade, event_ns, &message_);
  // Of its members the first brings a comma.
  if (message_.empty()) return;
  message_.front() = '{';
  message_ += '}';
  market_.Append(topic, message_, received_ns);
  counters_.Add(Metric::kTrades);
}

SymbolId Tape::TopicOf(SymbolId symbol, int64_t wall_ns) {
  if (symbol >= topics_.size()) topics_.resize(symbol + 1, kUnknown);
  SymbolId& topic = topics_[symbol];
  if (topic != kUnknown) return topic;
  std::string name(kTapePrefix);
  name += market_.symbols().Get(symbol).code;
  if (!IsValidSymbol(name)) {
    counters_.Add(Metric::kSymbolsRefused);
    return topic = kNone;
  }
  switch (
      market_.DefineTopic(std::move(name), feed_, keeps_, wall_ns, &topic)) {
    case SymbolTable::Added::kNew:
      counters_.Add(Metric::kTopics);
      break;
    case SymbolTable::Added::kKnown:
      // Of another feed, or a symbol that is called so.
      counters_.Add(Metric::kForeignWrites);
      topic = kNone;
      break;
    case SymbolTable::Added::kFull:
      counters_.Add(Metric::kSymbolsRefused);
      topic = kNone;
      break;
  }
  return topic;
}

}  // namespace streamhub
