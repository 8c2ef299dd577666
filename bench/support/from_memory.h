// Decoders fed from memory: bytes to their readers, and the market that ticks
// go into. For benchmarks; one thread.

#ifndef STREAMHUB_BENCH_SUPPORT_FROM_MEMORY_H_
#define STREAMHUB_BENCH_SUPPORT_FROM_MEMORY_H_

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "feeds/publisher.h"
#include "gateway/base/clock.h"
#include "gateway/base/counters.h"
#include "gateway/market/market.h"

namespace streamhub {

// Gives `bytes` to a reader that takes them in pieces, and calls each(next)
// for what it finds. Returns how often.
template <typename Reader, typename Item, typename Each>
int64_t Pump(std::string_view bytes, Reader& reader, Item* item, Each each) {
  for (int64_t found = 0;;) {
    const auto next = reader.Read(item);
    if (next == Reader::Next::kEnd) return found;
    if (next != Reader::Next::kNeedMore) {
      ++found;
      each(next);
      continue;
    }
    const auto room = reader.Room();
    const size_t count = std::min(room.size(), bytes.size());
    if (count == 0) reader.Finish();
    std::copy_n(bytes.begin(), count, room.begin());
    reader.Filled(count);
    bytes.remove_prefix(count);
  }
}

// A market with two shards, which have dirty bits to be set.
struct FedMarket {
  FedMarket() {
    for (int i = 0; i < 2; ++i) market.AddShard([] {});
  }

  Market market{"live", 10'000, 1};
  Counters counters;
  Publisher publisher{market, AddFeed(market), counters, SystemClock()};

 private:
  static FeedId AddFeed(Market& market) {
    FeedInfo info;
    info.name = "replay";
    return market.AddFeed(info);
  }
};

// What a decoder's handler is where nothing becomes of messages.
struct DecodeOnly {
  template <typename T>
  void On(const T& message) {
    benchmark::DoNotOptimize(&message);
  }
};

inline void FinishRounds(benchmark::State& state, int64_t messages_a_round,
                         size_t bytes_a_round) {
  const auto rounds = static_cast<int64_t>(state.iterations());
  state.SetItemsProcessed(rounds * messages_a_round);
  state.SetBytesProcessed(rounds * static_cast<int64_t>(bytes_a_round));
}

}  // namespace streamhub

#endif  // STREAMHUB_BENCH_SUPPORT_FROM_MEMORY_H_
