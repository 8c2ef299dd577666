// How many records a tick log takes and gives per second on one core, from and
// to memory: ticks of two or three fields over 10,000 symbols, a trade to every
// tenth, prices that walk. With them how many bytes a record has in the log,
// and how many before compression. The argument is zstd's level.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/publisher.h"
#include "feeds/ticklog/log_reader.h"
#include "feeds/ticklog/log_writer.h"
#include "feeds/ticklog/ticklog_handler.h"
#include "gateway/base/check.h"
#include "gateway/market/market.h"

namespace streamhub::ticklog {
namespace {

constexpr uint32_t kSymbols = 10'000;
constexpr size_t kTicks = 1'000'000;

struct MadeTick {
  uint32_t number;
  size_t count;
  std::array<FieldValue, 3> values;
  int64_t received_ns, event_ns;
  bool traded;
};

// What comes at once has one receive time, some 20 ticks; the venue's time is
// each tick's own.
const std::vector<MadeTick>& Ticks() {
  static const auto& ticks = *[] {
    auto* const made = new std::vector<MadeTick>;
    std::mt19937_64 random(1);
    std::vector<int64_t> price(kSymbols);
    for (int64_t& p : price) p = 10'000 + int64_t(random() % 1'000'000);
    int64_t received_ns = 1'700'000'000'000'000'000;
    for (size_t i = 0; i < kTicks; ++i) {
      if (random() % 20 == 0) received_ns += 1000 + int64_t(random() % 20'000);
      MadeTick tick = {};
      // A few are busy, most are not.
      const double u = double(random() % 1'000'000) / 1e6;
      tick.number = uint32_t(u * u * kSymbols);
      int64_t& p = price[tick.number];
      p += int64_t(random() % 5) - 2;
      const int64_t size = 100 * int64_t(1 + random() % 50);
      tick.received_ns = received_ns;
      tick.event_ns = received_ns - 30'000 - int64_t(random() % 20'000);
      tick.traded = random() % 10 == 0;
      if (tick.traded) {
        tick.values = {{{FieldId::kLast, p},
                        {FieldId::kLastSize, size},
                        {FieldId::kTradeTime, tick.event_ns}}};
        tick.count = 3;
      } else {
        const bool bid = random() % 2 == 0;
        tick.values = {{{bid ? FieldId::kBid : FieldId::kAsk, p},
                        {bid ? FieldId::kBidSize : FieldId::kAskSize, size},
                        {FieldId::kQuoteTime, tick.event_ns}}};
        tick.count = 2 + random() % 2;
      }
      made->push_back(tick);
    }
    return made;
  }();
  return ticks;
}

void Define(LogWriter& writer) {
  for (uint32_t number = 0; number < kSymbols; ++number) {
    SymbolInfo info;
    info.code = "SYM" + std::to_string(number);
    info.currency = "USD";
    info.layout = &BookLayout();
    writer.Symbol(number, info, "bench");
  }
}

void Write(LogWriter& writer) {
  for (const MadeTick& tick : Ticks()) {
    if (tick.traded) {
      TradeReport trade;
      trade.price = tick.values[0].value;
      trade.size = tick.values[1].value;
      writer.Trade(tick.number, trade, tick.received_ns, tick.event_ns);
    }
    writer.Tick(tick.number, std::span(tick.values.data(), tick.count),
                tick.received_ns, tick.event_ns);
  }
}

void BM_TickLogWrite(benchmark::State& state) {
  Ticks();
  size_t bytes = 0;
  LogWriter writer(
      [&bytes](std::string_view piece) {
        bytes += piece.size();
        return absl::OkStatus();
      },
      {.level = static_cast<int>(state.range(0))});
  Define(writer);
  static_cast<void>(writer.Flush());
  bytes = 0;
  for (auto _ : state) Write(writer);
  static_cast<void>(writer.Flush());
  const auto records = static_cast<int64_t>(writer.records());
  state.SetItemsProcessed(records);
  state.counters["bytes/record"] =
      static_cast<double>(bytes) / static_cast<double>(records);
}
BENCHMARK(BM_TickLogWrite)->Arg(-5)->Arg(-1)->Arg(1)->Arg(3);

const std::string& Log(int level) {
  static std::array<std::string, 32> logs;
  std::string& log = logs[static_cast<size_t>(level + 16)];
  if (!log.empty()) return log;
  LogWriter writer(
      [&log](std::string_view piece) {
        log += piece;
        return absl::OkStatus();
      },
      {.level = level});
  Define(writer);
  Write(writer);
  static_cast<void>(writer.Close());
  return log;
}

// Reads the whole log; `take(record)` gets each. The number of records.
template <typename Take>
int64_t Read(const std::string& log, Take take) {
  LogReader reader;
  std::string_view left = log;
  TickRecord record;
  for (;;) {
    switch (reader.Read(&record)) {
      case LogReader::Next::kRecord:
        take(record);
        break;
      case LogReader::Next::kNeedMore: {
        // As much as a file is read at once.
        const std::span<uint8_t> room = reader.Room();
        const size_t count =
            std::min({room.size(), left.size(), size_t{64 * 1024}});
        if (count == 0) reader.Finish();
        std::copy_n(left.begin(), count, room.begin());
        reader.Filled(count);
        left.remove_prefix(count);
        break;
      }
      default:
        STREAMHUB_CHECK(reader.status().ok() && reader.closed());
        return static_cast<int64_t>(reader.whole_records());
    }
  }
}

void BM_TickLogRead(benchmark::State& state) {
  const std::string& log = Log(static_cast<int>(state.range(0)));
  int64_t records = 0;
  for (auto _ : state) {
    records += Read(log, [](const TickRecord& record) {
      benchmark::DoNotOptimize(record.values.data());
    });
  }
  state.SetItemsProcessed(records);
}
BENCHMARK(BM_TickLogRead)->Arg(-5)->Arg(-1)->Arg(1)->Arg(3);

// Into a cache with two shards, as a replay does.
void BM_TickLogReadPublish(benchmark::State& state) {
  const std::string& log = Log(1);
  Market market("live", 2 * kSymbols, 1);
  FeedInfo info;
  info.name = "replay";
  const FeedId feed = market.AddFeed(info);
  for (int i = 0; i < 2; ++i) market.AddShard([] {});
  Counters counters;
  Publisher publisher(market, feed, counters, SystemClock());
  int64_t records = 0;
  for (auto _ : state) {
    TickLogHandler handler(publisher);
    const TickLogHandler::LogId id = handler.Open();
    publisher.BeginBatch();
    records +=
        Read(log, [&](const TickRecord& record) { handler.Apply(id, record); });
    publisher.EndBatch();
  }
  state.SetItemsProcessed(records);
}
BENCHMARK(BM_TickLogReadPublish);

}  // namespace
}  // namespace streamhub::ticklog

BENCHMARK_MAIN();
