// How many messages of IEX TOPS and DEEP one core takes from memory: checked,
// followed and decoded; and with quotes or books, trades and the cache, as a
// feed thread does it. Of an invented market of 1,000 securities.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "feeds/iex/iex_handler.h"
#include "feeds/iex/receiver.h"
#include "feeds/iex/writer.h"
#include "gateway/base/check.h"
#include "gateway/market/market.h"

namespace streamhub {
namespace {

using iex::Protocol;

struct Recording {
  std::vector<std::string> segments;
  int64_t messages = 0;
  int64_t bytes = 0;
};

// Every tenth message a trade, the others quotes or levels, one to sixteen in a
// segment.
Recording Make(Protocol protocol) {
  constexpr int64_t kMessages = 500'000;
  std::mt19937_64 random(1);
  std::vector<iex::Symbol> symbols;
  for (int i = 0; i < 1'000; ++i) {
    symbols.push_back(iex::MakeSymbol("S" + std::to_string(i)));
  }
  iex::SegmentWriter writer(protocol, 1);
  Recording made;
  while (made.messages < kMessages) {
    const uint64_t in_segment = random() % 16 + 1;
    for (uint64_t i = 0; i < in_segment; ++i, ++made.messages) {
      const iex::Symbol& symbol = symbols[random() % symbols.size()];
      const int64_t time_ns = made.messages;
      const auto price = static_cast<int64_t>(100'0000 + random() % 16 * 100);
      const auto size = static_cast<uint32_t>(random() % 8 * 100);
      if (random() % 10 == 0) {
        writer.Add(iex::Trade{0, time_ns, symbol, size + 1, price, time_ns});
      } else if (protocol == Protocol::kTops) {
        writer.Add(iex::QuoteUpdate{0, time_ns, symbol, size, price,
                                    price + 100, size + 100});
      } else if (random() % 2 == 0) {
        writer.Add(iex::PriceLevel{iex::Side::kBuy, iex::kEventComplete,
                                   time_ns, symbol, size, price});
      } else {
        writer.Add(iex::PriceLevel{iex::Side::kSell, iex::kEventComplete,
                                   time_ns, symbol, size, price + 1600});
      }
    }
    made.segments.push_back(writer.Cut(made.messages));
    made.bytes += static_cast<int64_t>(made.segments.back().size());
  }
  return made;
}

const Recording& RecordingOf(Protocol protocol) {
  static const auto& tops = *new Recording(Make(Protocol::kTops));
  static const auto& deep = *new Recording(Make(Protocol::kDeep));
  return protocol == Protocol::kTops ? tops : deep;
}

template <typename Handler>
void Take(const std::string& segment, iex::Receiver& receiver,
          Handler& handler) {
  const auto* const bytes = reinterpret_cast<const uint8_t*>(segment.data());
  STREAMHUB_CHECK(receiver.Take({bytes, segment.size()}, 1, handler).ok());
}

struct DecodeOnly {
  template <typename T>
  void On(const T& message) {
    benchmark::DoNotOptimize(&message);
  }
};

void Finish(benchmark::State& state, const Recording& recording) {
  const auto rounds = static_cast<int64_t>(state.iterations());
  state.SetItemsProcessed(rounds * recording.messages);
  state.SetBytesProcessed(rounds * recording.bytes);
}

void BM_IexDecode(benchmark::State& state, Protocol protocol) {
  const Recording& recording = RecordingOf(protocol);
  Counters counters;
  for (auto _ : state) {
    iex::Receiver receiver(counters);
    DecodeOnly handler;
    for (const std::string& segment : recording.segments) {
      Take(segment, receiver, handler);
    }
  }
  Finish(state, recording);
}
BENCHMARK_CAPTURE(BM_IexDecode, tops, Protocol::kTops);
BENCHMARK_CAPTURE(BM_IexDecode, deep, Protocol::kDeep);

// With two shards, which have dirty bits to be set; a segment is a batch.
void BM_IexPublish(benchmark::State& state, Protocol protocol) {
  const Recording& recording = RecordingOf(protocol);
  Market market("live", 10'000, 1);
  FeedInfo info;
  info.name = "iex";
  const FeedId feed = market.AddFeed(info);
  for (int i = 0; i < 2; ++i) market.AddShard([] {});
  Counters counters;
  Publisher publisher(market, feed, counters, SystemClock());
  iex::IexHandler handler(publisher);
  for (auto _ : state) {
    iex::Receiver receiver(counters);
    for (const std::string& segment : recording.segments) {
      publisher.BeginBatch();
      Take(segment, receiver, handler);
      publisher.EndBatch();
    }
  }
  Finish(state, recording);
}
BENCHMARK_CAPTURE(BM_IexPublish, tops, Protocol::kTops);
BENCHMARK_CAPTURE(BM_IexPublish, deep, Protocol::kDeep);

}  // namespace
}  // namespace streamhub

BENCHMARK_MAIN();
