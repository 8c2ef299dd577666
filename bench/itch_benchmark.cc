// How many ITCH 5.0 messages one core takes: cut and decode; with order books;
// with books and the cache, as a feed thread does it; and a whole replay from
// a compressed file. On the recording named by STREAMHUB_ITCH_FILE, or on
// recorded futures order flow where it lies beside the source tree, or on the
// committed sample: the label says which. WideMarket is invented, and bigger
// than a core's caches.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bench/support/invented_itch.h"
#include "feeds/itch/decoder.h"
#include "feeds/itch/framing.h"
#include "feeds/itch/itch_handler.h"
#include "feeds/itch/order_book.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/replay_feed.h"
#include "gateway/base/check.h"
#include "gateway/market/market.h"

namespace streamhub {
namespace {

std::string RecordingPath() {
  if (const char* const named = std::getenv("STREAMHUB_ITCH_FILE")) {
    return named;
  }
  std::string recorded = STREAMHUB_SOURCE_DIR
      "/../shared/data/itch/esh4_20231225_2200-2330z.itch50.gz";
  if (std::filesystem::exists(recorded)) return recorded;
  return STREAMHUB_SOURCE_DIR "/deploy/samples/20240102.sample.itch50.gz";
}

// The whole recording, decompressed, so that only messages are measured.
const std::vector<uint8_t>& Recording() {
  static const auto* const bytes = [] {
    auto source = ByteSource::Open(RecordingPath());
    STREAMHUB_CHECK(source.ok());
    auto* const all = new std::vector<uint8_t>;
    std::vector<uint8_t> room(1 << 16);
    size_t count = 0;
    while ((*source)->Read(room, 1000, &count) == ByteSource::Result::kBytes) {
      all->insert(all->end(), room.begin(),
                  room.begin() + static_cast<ptrdiff_t>(count));
    }
    return all;
  }();
  return *bytes;
}

const std::vector<uint8_t>& WideMarket() {
  static const auto* const bytes = [] {
    const std::string out = InventItch();
    return new std::vector<uint8_t>(out.begin(), out.end());
  }();
  return *bytes;
}

// Cuts and decodes `left` once. Returns the number of messages.
template <typename Handler>
int64_t Feed(std::span<const uint8_t> left, Handler& handler) {
  itch::FrameReader frames;
  int64_t messages = 0;
  while (true) {
    std::span<const uint8_t> message;
    switch (frames.Read(&message)) {
      case itch::FrameReader::Next::kMessage:
        itch::Decode(message, handler);
        ++messages;
        break;
      case itch::FrameReader::Next::kNeedMore: {
        const std::span<uint8_t> room = frames.Room();
        const size_t count = std::min(room.size(), left.size());
        if (count == 0) frames.Finish();
        std::copy_n(left.begin(), count, room.begin());
        frames.Filled(count);
        left = left.subspan(count);
        break;
      }
      default:
        return messages;
    }
  }
}

void SetProcessed(benchmark::State& state, int64_t messages,
                  const std::vector<uint8_t>& bytes) {
  state.SetItemsProcessed(messages);
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(bytes.size()));
}

void Finish(benchmark::State& state, int64_t messages) {
  SetProcessed(state, messages, Recording());
  state.SetLabel(std::filesystem::path(RecordingPath()).filename());
}

struct DecodeOnly {
  template <typename T>
  void On(const T& message) {
    benchmark::DoNotOptimize(message.head.time_ns);
  }
};

void BM_ItchDecode(benchmark::State& state) {
  int64_t messages = 0;
  for (auto _ : state) {
    DecodeOnly handler;
    messages += Feed(Recording(), handler);
  }
  Finish(state, messages);
}
BENCHMARK(BM_ItchDecode);

struct BooksOnly {
  template <typename T>
  void On(const T&) {}
  void On(const itch::AddOrder& m) {
    while (books.books() <= m.head.locate) books.AddBook();
    books.Add(m.ref, m.head.locate, m.side, m.shares, m.price, &change);
  }
  void On(const itch::OrderExecuted& m) {
    books.Take(m.ref, m.shares, &change);
  }
  void On(const itch::OrderExecutedWithPrice& m) {
    books.Take(m.ref, m.shares, &change);
  }
  void On(const itch::OrderCancel& m) { books.Take(m.ref, m.shares, &change); }
  void On(const itch::OrderDelete& m) { books.Delete(m.ref, &change); }
  void On(const itch::OrderReplace& m) {
    books.Replace(m.old_ref, m.new_ref, m.shares, m.price, &change);
  }

  itch::OrderBooks books;
  itch::OrderBooks::Change change;
};

void BM_ItchDecodeBook(benchmark::State& state) {
  int64_t messages = 0;
  for (auto _ : state) {
    BooksOnly handler;
    messages += Feed(Recording(), handler);
  }
  Finish(state, messages);
}
BENCHMARK(BM_ItchDecodeBook);

void BM_ItchWideMarketDecode(benchmark::State& state) {
  int64_t messages = 0;
  for (auto _ : state) {
    DecodeOnly handler;
    messages += Feed(WideMarket(), handler);
  }
  SetProcessed(state, messages, WideMarket());
}
BENCHMARK(BM_ItchWideMarketDecode);

void BM_ItchWideMarketBook(benchmark::State& state) {
  int64_t messages = 0;
  for (auto _ : state) {
    BooksOnly handler;
    messages += Feed(WideMarket(), handler);
  }
  SetProcessed(state, messages, WideMarket());
}
BENCHMARK(BM_ItchWideMarketBook);

// With two shards, which have dirty bits to be set.
struct Rim {
  Rim() {
    FeedInfo info;
    info.name = "replay";
    feed = market.AddFeed(info);
    for (int i = 0; i < 2; ++i) market.AddShard([] {});
  }
  Market market{"live", 10'000, 1};
  FeedId feed;
  Counters counters;
};

void BM_ItchDecodeBookPublish(benchmark::State& state) {
  Rim rim;
  Publisher publisher(rim.market, rim.feed, rim.counters, SystemClock());
  int64_t messages = 0;
  for (auto _ : state) {
    itch::ItchHandler handler(publisher);
    messages += Feed(Recording(), handler);
  }
  Finish(state, messages);
}
BENCHMARK(BM_ItchDecodeBookPublish);

void BM_ItchWideMarketPublish(benchmark::State& state) {
  Rim rim;
  Publisher publisher(rim.market, rim.feed, rim.counters, SystemClock());
  int64_t messages = 0;
  for (auto _ : state) {
    itch::ItchHandler handler(publisher);
    messages += Feed(WideMarket(), handler);
  }
  SetProcessed(state, messages, WideMarket());
}
BENCHMARK(BM_ItchWideMarketPublish);

class NeverStop final : public FeedControl {
 public:
  bool stopping() const override { return false; }
  bool WaitUntil(int64_t) override { return true; }
};

void BM_ReplayAtMaxSpeed(benchmark::State& state) {
  Rim rim;
  Publisher publisher(rim.market, rim.feed, rim.counters, SystemClock());
  NeverStop control;
  int64_t messages = 0;
  ReplayOptions options;
  options.files = {RecordingPath()};
  options.speed = ReplayOptions::kMaxSpeed;
  options.date = "2024-01-02";
  int64_t round = 0;
  options.progress = [&](const ReplayProgress& p) { round = p.messages; };
  for (auto _ : state) {
    auto feed = ReplayFeed::Create(options);
    STREAMHUB_CHECK(feed.ok() && (*feed)->Run(publisher, control).ok());
    messages += round;
  }
  Finish(state, messages);
}
BENCHMARK(BM_ReplayAtMaxSpeed);

}  // namespace
}  // namespace streamhub

BENCHMARK_MAIN();
