// How many messages one core takes from memory of MoldUDP64, SoupBinTCP, DBN
// and FIX: decoded; and with books, trades and the cache, as a feed thread does
// it. Of an invented market; "recorded" of the recording beside the source
// tree, if there is one.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/support/from_memory.h"
#include "bench/support/invented_itch.h"
#include "bench/support/recorded_bytes.h"
#include "feeds/dbn/dbn_handler.h"
#include "feeds/dbn/decoder.h"
#include "feeds/dbn/stream_reader.h"
#include "feeds/dbn/writer.h"
#include "feeds/fix/decoder.h"
#include "feeds/fix/fix_handler.h"
#include "feeds/fix/framing.h"
#include "feeds/fix/sequences.h"
#include "feeds/fix/writer.h"
#include "feeds/itch/decoder.h"
#include "feeds/itch/itch_handler.h"
#include "feeds/mold/mold_packet.h"
#include "feeds/mold/session_tracker.h"
#include "feeds/soup/stream_reader.h"
#include "gateway/base/check.h"

namespace streamhub {
namespace {

std::span<const uint8_t> BytesOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// --- ITCH in packets and in a stream ---

const std::string& Itch() {
  static const auto& bytes = *new std::string(InventItch());
  return bytes;
}

const std::vector<std::string>& MoldPackets() {
  static const auto& packets = *new auto(MoldPacketsOf(Itch()));
  return packets;
}

template <typename Handler>
int64_t FeedMold(Handler& handler) {
  mold::SessionTracker tracker;
  std::span<const uint8_t> message;
  for (const std::string& packet : MoldPackets()) {
    mold::Packet parsed;
    STREAMHUB_CHECK(mold::Parse(BytesOf(packet), &parsed) ==
                    mold::Parsed::kPacket);
    tracker.Add(parsed);
    while (tracker.Next(&message)) itch::Decode(message, handler);
  }
  STREAMHUB_CHECK(tracker.gaps().gaps() == 0);
  return tracker.counts().messages;
}

size_t MoldBytes() {
  size_t bytes = 0;
  for (const std::string& packet : MoldPackets()) bytes += packet.size();
  return bytes;
}

const std::string& SoupStream() {
  static const auto& bytes = *new std::string(SoupStreamOf(Itch()));
  return bytes;
}

template <typename Handler>
int64_t FeedSoup(Handler& handler) {
  soup::StreamReader stream;
  soup::Packet packet;
  return Pump(SoupStream(), stream, &packet, [&](soup::StreamReader::Next) {
    if (packet.type == soup::Type::kSequenced) {
      itch::Decode(packet.payload, handler);
    }
  });
}

void BM_MoldDecode(benchmark::State& state) {
  int64_t messages = 0;
  for (auto _ : state) {
    DecodeOnly handler;
    messages = FeedMold(handler);
  }
  FinishRounds(state, messages, MoldBytes());
}
BENCHMARK(BM_MoldDecode);

void BM_SoupDecode(benchmark::State& state) {
  int64_t messages = 0;
  for (auto _ : state) {
    DecodeOnly handler;
    messages = FeedSoup(handler);
  }
  FinishRounds(state, messages, SoupStream().size());
}
BENCHMARK(BM_SoupDecode);

// --- DBN ---

enum class Schema { kMbo, kMbp10, kTrades };

std::string InventDbn(Schema schema) {
  constexpr int64_t kOne = 1'000'000'000;
  constexpr uint64_t kStart = 1'704'153'600'000'000'000;  // 2024-01-02
  constexpr uint32_t kInstruments = 100;
  dbn::Metadata metadata;
  metadata.dataset = "INVENTED";
  metadata.start = kStart;
  metadata.end = kStart + 86'400 * uint64_t{kOne};
  metadata.stype_in = dbn::kRawSymbols;
  for (uint32_t i = 1; i <= kInstruments; ++i) {
    metadata.symbols.push_back("S" + std::to_string(i));
    metadata.mappings.push_back(
        {metadata.symbols.back(), {{20240102, 20240103, std::to_string(i)}}});
  }
  std::string out;
  Append(metadata, &out);
  const dbn::Form form;
  std::mt19937_64 random(1);
  struct Order {
    uint32_t instrument;
    uint64_t id;
    int64_t price;
    char side;
  };
  std::vector<Order> live;
  for (uint64_t i = 1; i <= 300'000; ++i) {
    dbn::Head head{0, 1, static_cast<uint32_t>(1 + random() % kInstruments),
                   kStart + i * 1'000};
    const char side = random() % 2 == 0 ? 'B' : 'A';
    const int64_t price =
        100 * kOne + (side == 'B' ? -1 : 1) *
                         static_cast<int64_t>(1 + random() % 20) * kOne / 4;
    const auto size = static_cast<uint32_t>(1 + random() % 50);
    if (schema == Schema::kMbo) {
      head.rtype = dbn::kMboType;
      dbn::Mbo order{
          head, i,    price,         size, dbn::kLastOfEvent,       0,
          'A',  side, head.ts_event, 0,    static_cast<uint32_t>(i)};
      if (live.size() > 20'000 && random() % 2 == 0) {
        const size_t at = random() % live.size();
        const Order& old = live[at];
        order.head.instrument = old.instrument;
        order.order_id = old.id;
        order.price = old.price;
        order.side = old.side;
        order.size = 1'000;  // more than there is: all of it
        order.action = 'C';
        live[at] = live.back();
        live.pop_back();
      } else {
        live.push_back({head.instrument, i, price, side});
      }
      Append(order, form, &out);
      continue;
    }
    dbn::Trade change{head, price,
                      size, 'T',
                      side, dbn::kLastOfEvent,
                      0,    head.ts_event,
                      0,    static_cast<uint32_t>(i)};
    if (schema == Schema::kTrades) {
      change.head.rtype = dbn::kTradeType;
      Append(change, form, &out);
      continue;
    }
    change.head.rtype = dbn::kMbp10Type;
    change.action = 'A';
    dbn::Mbp10 ten{change, {}};
    for (int64_t level = 0; level < 10; ++level) {
      const auto resting = static_cast<uint32_t>(1 + random() % 90);
      ten.levels[static_cast<size_t>(level)] = {(400 - level) * kOne / 4,
                                                (401 + level) * kOne / 4,
                                                resting,
                                                resting + 1,
                                                1,
                                                2};
    }
    Append(ten, form, &out);
  }
  return out;
}

template <typename Start, typename Handler>
int64_t FeedDbn(const std::string& bytes, Handler& handler, Start start) {
  dbn::StreamReader frames;
  std::span<const uint8_t> record;
  dbn::Form form;
  return Pump(bytes, frames, &record, [&](dbn::StreamReader::Next next) {
    if (next == dbn::StreamReader::Next::kRecord) {
      dbn::Decode(record, form, handler);
    } else if (next == dbn::StreamReader::Next::kMetadata) {
      form = FormOf(frames.metadata());
      start(frames.metadata());
    }
  });
}

void DbnDecode(benchmark::State& state, const std::string& bytes) {
  int64_t records = 0;
  for (auto _ : state) {
    DecodeOnly handler;
    records = FeedDbn(bytes, handler, [](const dbn::Metadata&) {});
  }
  FinishRounds(state, records, bytes.size());
}

void DbnPublish(benchmark::State& state, const std::string& bytes) {
  FedMarket fed;
  int64_t records = 0;
  for (auto _ : state) {
    dbn::DbnHandler handler(fed.publisher);
    fed.publisher.BeginBatch();
    records = FeedDbn(bytes, handler, [&](const dbn::Metadata& metadata) {
      handler.Use(handler.Open(metadata));
    });
    fed.publisher.EndBatch();
  }
  FinishRounds(state, records, bytes.size());
}

const std::string& DbnOf(Schema schema) {
  static const auto& mbo = *new std::string(InventDbn(Schema::kMbo));
  static const auto& mbp10 = *new std::string(InventDbn(Schema::kMbp10));
  static const auto& trades = *new std::string(InventDbn(Schema::kTrades));
  return schema == Schema::kMbo     ? mbo
         : schema == Schema::kMbp10 ? mbp10
                                    : trades;
}

void BM_DbnDecode(benchmark::State& state, Schema schema) {
  DbnDecode(state, DbnOf(schema));
}
BENCHMARK_CAPTURE(BM_DbnDecode, mbo, Schema::kMbo);
BENCHMARK_CAPTURE(BM_DbnDecode, mbp10, Schema::kMbp10);
BENCHMARK_CAPTURE(BM_DbnDecode, trades, Schema::kTrades);

void BM_DbnPublish(benchmark::State& state, Schema schema) {
  DbnPublish(state, DbnOf(schema));
}
BENCHMARK_CAPTURE(BM_DbnPublish, mbo, Schema::kMbo);
BENCHMARK_CAPTURE(BM_DbnPublish, mbp10, Schema::kMbp10);
BENCHMARK_CAPTURE(BM_DbnPublish, trades, Schema::kTrades);

// --- FIX ---

// MarketDataIncrementalRefresh of one to four levels, by price.
std::string InventFix() {
  std::mt19937_64 random(1);
  std::string out;
  for (int seq = 1; seq <= 60'000; ++seq) {
    fix::Fields fields = {{35, "X"},
                          {49, "VENUE"},
                          {56, "US"},
                          {34, std::to_string(seq)},
                          {52, "20240102-10:00:00.000"}};
    const uint64_t entries = 1 + random() % 4;
    const std::string symbol = "S" + std::to_string(random() % 100);
    fields.emplace_back(268, std::to_string(entries));
    for (uint64_t i = 0; i < entries; ++i) {
      const bool bid = random() % 2 == 0;
      fields.emplace_back(279, "0");
      fields.emplace_back(269, bid ? "0" : "1");
      fields.emplace_back(55, symbol);
      fields.emplace_back(270, std::to_string(bid ? 99 : 100) + "." +
                                   std::to_string(10 + random() % 60));
      fields.emplace_back(271, std::to_string(1 + random() % 900));
    }
    fix::AppendMessage(fields, &out);
  }
  return out;
}

template <typename Each>
int64_t FeedFix(const std::string& bytes, Each each) {
  fix::FrameReader frames;
  fix::Frame frame;
  fix::Decoder decoder;
  fix::Message message;
  return Pump(bytes, frames, &frame, [&](fix::FrameReader::Next next) {
    if (next == fix::FrameReader::Next::kMessage &&
        decoder.Decode(frame, &message)) {
      each(message, frame);
    }
  });
}

void FixDecode(benchmark::State& state, const std::string& bytes) {
  int64_t messages = 0;
  for (auto _ : state) {
    messages = FeedFix(bytes, [](const fix::Message& m, const fix::Frame&) {
      benchmark::DoNotOptimize(&m);
    });
  }
  FinishRounds(state, messages, bytes.size());
}

void FixPublish(benchmark::State& state, const std::string& bytes) {
  FedMarket fed;
  int64_t messages = 0;
  for (auto _ : state) {
    fix::FixHandler handler(fed.publisher, *csv::DecimalsFinder::Create("6/0"));
    fix::Sequences sequences;
    fed.publisher.BeginBatch();
    messages =
        FeedFix(bytes, [&](const fix::Message& m, const fix::Frame& frame) {
          if (sequences.On(m, frame.place) == fix::Sequences::Verdict::kUse &&
              m.sending_ns.has_value()) {
            handler.On(m);
          }
        });
    fed.publisher.EndBatch();
  }
  FinishRounds(state, messages, bytes.size());
}

const std::string& Fix() {
  static const auto& bytes = *new std::string(InventFix());
  return bytes;
}

void BM_FixDecode(benchmark::State& state) { FixDecode(state, Fix()); }
BENCHMARK(BM_FixDecode);

void BM_FixPublish(benchmark::State& state) { FixPublish(state, Fix()); }
BENCHMARK(BM_FixPublish);

// --- recordings, where they are ---

using Run = void (*)(benchmark::State&, const std::string&);

void AddRecorded(const std::string& name, Run run, const std::string& file) {
  const auto& bytes = *new std::string(Recorded(file));
  if (bytes.empty()) return;
  benchmark::RegisterBenchmark(
      (name + "/recorded").c_str(),
      [run, &bytes](benchmark::State& state) { run(state, bytes); });
}

}  // namespace
}  // namespace streamhub

int main(int argc, char** argv) {
  using streamhub::AddRecorded;
  const std::string mbo = "dbn/esh4-glbx-mdp3-20231225T2200-2330.mbo.dbn.zst";
  const std::string fix = "fix/jse_indices.fix50sp2.gz";
  AddRecorded("BM_DbnDecode/mbo", streamhub::DbnDecode, mbo);
  AddRecorded("BM_DbnPublish/mbo", streamhub::DbnPublish, mbo);
  AddRecorded("BM_FixDecode", streamhub::FixDecode, fix);
  AddRecorded("BM_FixPublish", streamhub::FixPublish, fix);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
