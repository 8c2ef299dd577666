// All that a market holds, to be compared with another's.

#ifndef STREAMHUB_TESTS_FEEDS_REPLAY_MARKET_STATE_H_
#define STREAMHUB_TESTS_FEEDS_REPLAY_MARKET_STATE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "feeds/replay/record_reader.h"
#include "tests/support/test_market.h"

namespace streamhub {

// Of each symbol: ticks, version, the venue's time, the values.
using MarketState = std::map<std::string, std::vector<int64_t>>;

inline MarketState StateOf(const TestMarket& test) {
  MarketState state;
  for (SymbolId id = 0; id < test.market.symbols().size(); ++id) {
    const SymbolInfo& info = test.market.symbols().Get(id);
    const QuoteView view = test.Read(id);
    std::vector<int64_t>& values = state[info.code];
    values = {static_cast<int64_t>(view.ticks),
              static_cast<int64_t>(view.version), view.event_ns};
    for (int i = 0; i < info.layout->size(); ++i) {
      values.push_back(view.value[static_cast<size_t>(i)]);
    }
  }
  return state;
}

// Applies all that there is, and collects the times. How it ended.
inline RecordReader::Next PlayAll(RecordReader& reader,
                                  std::vector<int64_t>* times) {
  while (true) {
    int64_t event_ns = 0;
    const RecordReader::Next next = reader.Peek(0, &event_ns);
    if (next == RecordReader::Next::kWaiting) continue;
    if (next != RecordReader::Next::kRecord) return next;
    times->push_back(event_ns);
    reader.Apply();
  }
}

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_FEEDS_REPLAY_MARKET_STATE_H_
