#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "bench/instructions/operation.h"
#include "bench/support/filled_market.h"
#include "gateway/base/check.h"
#include "gateway/codec/flat_writer.h"
#include "gateway/codec/frame_cache.h"
#include "gateway/codec/json_writer.h"
#include "gateway/codec/request.h"
#include "gateway/codec/ws_frame.h"

namespace streamhub {
namespace {

constexpr size_t kSymbols = 200;
constexpr int64_t kTimes = 2'000;

template <typename Writer, bool kSnapshot>
int64_t Encode() {
  FilledMarket filled(1);
  Writer writer(filled.market);
  const uint64_t before = filled.Read(0).version;
  filled.Tick(0, 19'000);
  const QuoteView view = filled.Read(0);
  const FieldMask all = QuoteLayout().all();
  const FieldMask fields = kSnapshot ? all : view.ChangedSince(before, all);
  const QuietNote quiet = kSnapshot ? QuietNote::kNotQuiet : QuietNote::kNone;
  std::string out;
  return CountedWarm([&] {
    for (int64_t i = 0; i < kTimes; ++i) {
      out.clear();
      writer.EncodeQuote(0, view, fields, kSnapshot, quiet, &out);
      LookAt(out.data());
    }
    return kTimes;
  });
}

// `kSessions` of a turn want the same update of each symbol: the first of them
// has it encoded, the others find it.
template <typename Writer, int kSessions>
int64_t UpdateSince() {
  FilledMarket filled(kSymbols);
  Writer writer(filled.market);
  FrameCache frames(filled.market, filled.counters);
  std::vector<uint64_t> cursors;
  for (SymbolId id = 0; id < kSymbols; ++id) {
    cursors.push_back(filled.Read(id).version);
    filled.Tick(id, 19'000);
  }
  const FieldMask all = QuoteLayout().all();
  FrameCache::Frame frame;
  return CountedWarm([&] {
    frames.BeginTurn(filled.clock.WallNs());
    for (SymbolId id = 0; id < kSymbols; ++id) {
      for (int session = 0; session < kSessions; ++session) {
        const auto result = frames.UpdateSince(
            id, cursors[id], all, QuietNote::kNotQuiet, writer, &frame);
        STREAMHUB_CHECK(result == FrameCache::Result::kFrame);
        LookAt(frame.bytes.data());
      }
    }
    return static_cast<int64_t>(kSymbols) * kSessions;
  });
}

// Short, middle and long messages in turn.
int64_t WriteHeader() {
  std::array<char, kWsServerHeaderMax> header;
  return CountedWarm([&] {
    for (int64_t i = 0; i < kTimes; ++i) {
      constexpr std::array<uint64_t, 3> kSizes = {100, 5'000, 100'000};
      WriteServerFrameHeader(WsOpcode::kText,
                             kSizes[static_cast<size_t>(i) % kSizes.size()],
                             header.data());
      LookAt(header.data());
    }
    return kTimes;
  });
}

std::string SubscribeTo(int symbols) {
  std::string json = R"({"type":"subscribe","id":7,"max_rate":4,"fields":)"
                     R"(["bid","ask","last","volume"],"symbols":[)";
  for (int i = 0; i < symbols; ++i) {
    json += (i == 0 ? "\"SYMBOL" : ",\"SYMBOL") + std::to_string(i) + '"';
  }
  return json + "]}";
}

// Unmasks and checks a request of ten symbols as a WebSocket brings it.
int64_t ReadFrame() {
  std::string wire;
  AppendClientFrame(WsOpcode::kText, SubscribeTo(10), 0x12345678, &wire);
  WsFrameReader reader({});
  return CountedWarm([&] {
    for (int64_t i = 0; i < kTimes; ++i) {
      std::string bytes = wire;
      std::span<char> input(bytes);
      WsEvent event;
      const auto result = reader.Next(&input, &event);
      STREAMHUB_CHECK(result == WsFrameReader::Result::kEvent);
      LookAt(event.payload.data());
    }
    return kTimes;
  });
}

int64_t Parse(const std::string& json) {
  return CountedWarm([&] {
    for (int64_t i = 0; i < kTimes; ++i) {
      const auto requests = ParseRequests(json);
      STREAMHUB_CHECK(requests.size() == 1);
      LookAt(requests.data());
    }
    return kTimes;
  });
}

int64_t ParseSubscribe() { return Parse(SubscribeTo(10)); }
int64_t ParsePing() { return Parse(R"({"type":"ping","id":12})"); }

constexpr auto kOperations = std::to_array<Operation>({
    {"encode_tick_json", "what a tick changed, 5 fields",
     Encode<JsonWriter, false>},
    {"encode_tick_flat", "the same in FlatBuffers", Encode<FlatWriter, false>},
    {"encode_snapshot_json", "a symbol's 19 fields", Encode<JsonWriter, true>},
    {"encode_snapshot_flat", "the same in FlatBuffers",
     Encode<FlatWriter, true>},
    {"update_miss_json", "a session's update that nobody had encoded",
     UpdateSince<JsonWriter, 1>},
    {"update_miss_flat", "the same in FlatBuffers", UpdateSince<FlatWriter, 1>},
    {"update_hit_json", "99 in 100 find it encoded",
     UpdateSince<JsonWriter, 100>},
    {"update_hit_flat", "the same in FlatBuffers",
     UpdateSince<FlatWriter, 100>},
    {"ws_write_header", "of a server's frame", WriteHeader},
    {"ws_read_frame", "a client's frame of 190 bytes", ReadFrame},
    {"parse_subscribe_10", "a request of 10 symbols", ParseSubscribe},
    {"parse_ping", "the smallest request", ParsePing},
});

}  // namespace

std::span<const Operation> CodecOperations() { return kOperations; }

}  // namespace streamhub
