#include "tests/feeds/dbn/sample.h"

namespace streamhub::dbn {
namespace {

constexpr uint64_t kStart = kSampleDayNs + 3600 * uint64_t{kOne};

Head HeadOf(uint8_t rtype, uint32_t instrument, uint64_t after_ns) {
  return {rtype, 1, instrument, kStart + after_ns};
}

void AppendOrders(const Form& form, std::string* out) {
  struct Order {
    char action;
    char side;
    uint64_t id;
    int64_t price;
    uint32_t size;
    uint8_t flags;
  };
  const Order orders[] = {
      {'R', 'N', 0, kUndefined, 0, kSnapshot},
      {'A', 'B', 1, 100 * kOne, 5, kSnapshot},
      {'A', 'A', 2, 101 * kOne, 7, kSnapshot | kLastOfEvent},
      {'A', 'B', 3, 100 * kOne, 2, kLastOfEvent},
      {'M', 'B', 3, 100 * kOne + kOne / 4, 3, kLastOfEvent},
      {'T', 'A', 0, 100 * kOne + kOne / 4, 3, 0},
      {'F', 'B', 3, 100 * kOne + kOne / 4, 3, 0},
      {'C', 'B', 3, 100 * kOne + kOne / 4, 3, kLastOfEvent},
      {'C', 'A', 2, 101 * kOne, 1, kLastOfEvent}};
  uint32_t sequence = 0;
  for (const Order& o : orders) {
    ++sequence;
    const uint64_t at = sequence * 1000;
    Append(Mbo{HeadOf(kMboType, 1, at), o.id, o.price, o.size, o.flags, 0,
               o.action, o.side, kStart + at + 50, 40, sequence},
           form, out);
  }
}

void AppendLevels(const Form& form, std::string* out) {
  const BidAsk level{10 * kOne, 11 * kOne, 4, 6, 1, 2};
  Trade change{HeadOf(kMbp10Type, 3, 20'000),
               10 * kOne,
               4,
               'A',
               'B',
               kLastOfEvent,
               0,
               kStart + 20'050,
               40,
               20};
  Mbp10 ten{change, {}};
  ten.levels.fill({});
  ten.levels[0] = level;
  Append(ten, form, out);
  change.head.rtype = kMbp1Type;
  Append(Mbp1{change, {level}}, form, out);
  Append(Trade{HeadOf(kTradeType, 3, 21'000), 11 * kOne, 2, 'T', 'B',
               kLastOfEvent, 0, kStart + 21'050, 40, 21},
         form, out);
  change.head.rtype = kCmbp1Type;
  change.sequence = 0;
  Append(Cmbp1{change, {10 * kOne, 11 * kOne, 4, 6, 0, 0}, 1, 2}, form, out);
  Append(Bbo{HeadOf(kBbo1SType, 3, 22'000), 11 * kOne, 2, 'B', kLastOfEvent,
             kStart + uint64_t{kOne}, 22, level},
         form, out);
}

}  // namespace

Metadata SampleMetadata(int version) {
  Metadata m;
  m.version = version;
  m.dataset = "TEST.SAMPLE";
  m.start = kSampleDayNs;
  m.end = kSampleDayNs + 86'400 * uint64_t{kOne};
  m.record_count = version == 1 ? kUndefinedTime : 0;
  m.stype_in = kRawSymbols;
  m.symbol_bytes = version == 1 ? 22 : 71;
  m.symbols = {"ALPHA", "BETA", "GAMMA"};
  m.partial = {"BETA"};
  m.not_found = {"GAMMA"};
  m.mappings = {{"ALPHA", {{20240102, 20240103, "1"}}},
                {"BETA", {{20240103, 20240104, "2"}}}};
  return m;
}

std::string MakeSample(const Form& form) {
  std::string out;
  Metadata metadata = SampleMetadata(form.version);
  metadata.ts_out = form.ts_out;
  Append(metadata, &out);
  Append(SystemMessage{HeadOf(kSystemType, 0, 0), "Heartbeat", 0}, form, &out);
  Append(SymbolMapping{HeadOf(kMappingType, 3, 0), kRawSymbols, "DELTA",
                       kRawSymbols, "DELTA"},
         form, &out);
  Definition definition;
  definition.head = HeadOf(kDefinitionType, 1, 100);
  definition.ts_recv = kStart + 150;
  definition.min_price_increment = kOne / 4;
  definition.high_limit_price = 120 * kOne;
  definition.low_limit_price = 80 * kOne;
  definition.currency = "USD";
  definition.raw_symbol = "ALPHA";
  definition.instrument_class = 'F';
  Append(definition, form, &out);
  Append(Status{HeadOf(kStatusType, 1, 200), kStart + 250,
                StatusAction::kTrading, 1, 0, 'Y', 'Y', '~'},
         form, &out);
  AppendOrders(form, &out);
  AppendLevels(form, &out);
  Statistics settlement;
  settlement.head = HeadOf(kStatisticsType, 1, 30'000);
  settlement.ts_recv = kStart + 30'050;
  settlement.price = 99 * kOne;
  settlement.type = kSettlementPrice;
  Append(settlement, form, &out);
  Append(Ohlcv{HeadOf(kOhlcv1SType, 1, 31'000), 100 * kOne, 101 * kOne,
               99 * kOne, 100 * kOne, 12},
         form, &out);
  Append(ErrorMessage{HeadOf(kErrorType, 0, 0), "no such symbol", 1, 1}, form,
         &out);
  AppendUnknown(HeadOf(0xF0, 1, 32'000), 24, &out);
  return out;
}

Frames ReadFrames(std::string_view bytes, size_t piece) {
  StreamReader reader;
  Frames frames;
  while (true) {
    std::span<const uint8_t> record;
    frames.last = reader.Read(&record);
    switch (frames.last) {
      case StreamReader::Next::kMetadata:
        ++frames.metadata_seen;
        frames.metadata = reader.metadata();
        break;
      case StreamReader::Next::kRecord:
        frames.records.emplace_back(record.begin(), record.end());
        frames.offsets.push_back(reader.offset());
        break;
      case StreamReader::Next::kNeedMore: {
        if (bytes.empty()) {
          reader.Finish();
          break;
        }
        const auto room = reader.Room();
        const size_t count = std::min({piece, bytes.size(), room.size()});
        std::copy_n(bytes.begin(), count, room.begin());
        reader.Filled(count);
        bytes.remove_prefix(count);
        break;
      }
      case StreamReader::Next::kEnd:
      case StreamReader::Next::kDamaged:
        frames.error = std::string(reader.status().message());
        return frames;
    }
  }
}

}  // namespace streamhub::dbn
