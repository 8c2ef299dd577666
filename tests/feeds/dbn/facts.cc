#include "tests/feeds/dbn/facts.h"

#include <chrono>
#include <cstdio>
#include <span>

namespace streamhub::dbn {
namespace {

std::string Price(int64_t price) {
  if (price == kUndefined) return "null";
  const uint64_t digits = price < 0 ? 0 - static_cast<uint64_t>(price)
                                    : static_cast<uint64_t>(price);
  char text[40];
  std::snprintf(text, sizeof text, "%s%llu.%09llu", price < 0 ? "-" : "",
                static_cast<unsigned long long>(digits / 1'000'000'000),
                static_cast<unsigned long long>(digits % 1'000'000'000));
  return text;
}

std::string TypeName(int rtype) {
  static const std::map<int, std::string> names = {
      {0, "mbp-0 (trade)"},   {1, "mbp-1"},       {10, "mbp-10"},
      {18, "status"},         {19, "definition"}, {20, "imbalance"},
      {22, "symbol-mapping"}, {24, "statistics"}, {32, "ohlcv-1s"},
      {33, "ohlcv-1m"},       {160, "mbo"},       {177, "cmbp-1"},
      {195, "bbo-1s"}};
  const auto name = names.find(rtype);
  return std::to_string(rtype) + " " +
         (name == names.end() ? "?" : name->second);
}

std::string SchemaName(const Metadata& m) {
  static const std::map<int, std::string> names = {
      {0, "mbo"},     {1, "mbp-1"},      {2, "mbp-10"},     {3, "tbbo"},
      {4, "trades"},  {5, "ohlcv-1s"},   {9, "definition"}, {10, "statistics"},
      {11, "status"}, {12, "imbalance"}, {14, "cmbp-1"},    {18, "bbo-1s"}};
  if (!m.schema.has_value()) return "null";
  const auto name = names.find(*m.schema);
  return name == names.end() ? "?" : name->second;
}

std::string SymbologyName(uint8_t stype) {
  switch (stype) {
    case kInstrumentIds:
      return "instrument_id";
    case kRawSymbols:
      return "raw_symbol";
    case kNoSymbols:
      return "null";
    default:
      return "?";
  }
}

// One record, field by field.
class Describer {
 public:
  Describer(std::string at, size_t bytes, Finder* finder)
      : at_(std::move(at)), bytes_(bytes), finder_(*finder) {}

  void On(const Mbo& m) {
    PutHead(m.head);
    Put("order_id", m.order_id);
    Put("channel_id", m.channel);
    PutChange({m.head, m.price, m.size, m.action, m.side, m.flags, 0, m.ts_recv,
               m.ts_in_delta, m.sequence});
  }
  void On(const Trade& m) {
    PutHead(m.head);
    PutChange(m);
    Put("depth", m.depth);
  }
  template <size_t kLevels>
  void On(const Mbp<kLevels>& m) {
    On(m.change);
    for (size_t i = 0; i < kLevels; ++i) PutLevel(i, m.levels[i]);
  }
  void On(const Cmbp1& m) {
    On(m.change);
    PutLevel(0, m.level);
    Put("levels[0].bid_pb", m.bid_publisher);
    Put("levels[0].ask_pb", m.ask_publisher);
  }
  void On(const Ohlcv& m) {
    PutHead(m.head);
    Put("open", Price(m.open));
    Put("high", Price(m.high));
    Put("low", Price(m.low));
    Put("close", Price(m.close));
    Put("volume", m.volume);
  }
  template <typename T>
  void On(const T& m) {
    PutHead(m.head);
  }

  void PutHead(const Head& head) {
    Put("rtype", head.rtype);
    Put("length_bytes", bytes_);
    Put("publisher_id", head.publisher);
    Put("instrument_id", head.instrument);
    Put("ts_event", head.ts_event);
  }

 private:
  template <typename T>
  void Put(const std::string& name, T value) {
    finder_.Put(at_ + "." + name, value);
  }
  void PutChange(const Trade& m) {
    Put("price", Price(m.price));
    Put("size", m.size);
    Put("action", std::string(1, m.action));
    Put("side", std::string(1, m.side));
    Put("flags", m.flags);
    Put("ts_recv", m.ts_recv);
    Put("ts_in_delta", m.ts_in_delta);
    Put("sequence", m.sequence);
  }
  void PutLevel(size_t i, const BidAsk& level) {
    const std::string of = "levels" + Finder::Index(i) + ".";
    Put(of + "bid_px", Price(level.bid));
    Put(of + "ask_px", Price(level.ask));
    Put(of + "bid_sz", level.bid_size);
    Put(of + "ask_sz", level.ask_size);
    Put(of + "bid_ct", level.bid_count);
    Put(of + "ask_ct", level.ask_count);
  }

  const std::string at_;
  const size_t bytes_;
  Finder& finder_;
};

}  // namespace

std::string TimeText(int64_t ns) {
  const std::chrono::sys_time<std::chrono::nanoseconds> time{
      std::chrono::nanoseconds(ns)};
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day day(midnight);
  const std::chrono::hh_mm_ss clock(time - midnight);
  char text[96];
  std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%09dZ",
      static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
      static_cast<unsigned>(day.day()), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()));
  return text;
}

void Finder::OnMetadata(const Metadata& m) {
  const std::string at = "metadata.";
  Put(at + "version", m.version);
  Put(at + "dataset", m.dataset);
  Put(at + "schema", SchemaName(m));
  Put(at + "start", m.start);
  Put(at + "end", m.end == kUndefinedTime ? "null" : std::to_string(m.end));
  Put(at + "limit", m.limit);
  Put(at + "stype_in", SymbologyName(m.stype_in));
  Put(at + "stype_out", SymbologyName(m.stype_out));
  Put(at + "ts_out", m.ts_out ? "true" : "false");
  Put(at + "symbol_cstr_len", m.symbol_bytes);
  if (m.symbols.empty()) Put(at + "symbols", "nothing");
  for (size_t i = 0; i < m.symbols.size(); ++i) {
    Put(at + "symbols" + Index(i), m.symbols[i]);
  }
  Put(at + "mappings_total", m.mappings.size());
  if (m.mappings.empty()) Put(at + "mappings", "nothing");
  for (const Mapping& mapping : m.mappings) {
    for (size_t i = 0; i < mapping.intervals.size(); ++i) {
      const std::string of =
          at + "mappings." + mapping.raw_symbol + Index(i) + ".";
      Put(of + "start", mapping.intervals[i].start);
      Put(of + "end", mapping.intervals[i].end);
      Put(of + "symbol", mapping.intervals[i].symbol);
    }
  }
}

void Finder::PutBook(const std::string& at, const OrderBook& book) {
  for (const auto& [side, name] :
       {std::pair(Side::kBid, "bid"), {Side::kAsk, "ask"}}) {
    const BookSide& levels = book.side(side);
    const Level best = levels.size() > 0 ? levels.At(0) : Level{kUndefined};
    Put(at + name + "_px", Price(best.price));
    Put(at + name + "_sz", best.size);
    Put(at + name + "_ct", best.orders);
  }
}

void Finder::Finish(const std::array<int64_t, 256>& types) {
  int64_t total = 0;
  for (size_t rtype = 0; rtype < types.size(); ++rtype) {
    if (types[rtype] == 0) continue;
    total += types[rtype];
    Put("records_by_rtype." + TypeName(static_cast<int>(rtype)), types[rtype]);
  }
  Put("total_records", total);
  for (const auto& [action, count] : actions_) {
    Put("records_by_action." + std::string(1, action), count);
  }
  for (const auto& [instrument, t] : trades_) {
    const std::string at =
        "trades_by_instrument_id." + std::to_string(instrument) + ".";
    Put(at + "trade_count", t.count);
    Put(at + "trade_volume", t.buy + t.sell + t.none);
    Put(at + "buy_aggressor_volume", t.buy);
    Put(at + "sell_aggressor_volume", t.sell);
    Put(at + "no_side_volume", t.none);
    Put(at + "last_trade.price", Price(t.last_price));
    Put(at + "last_trade.size", t.last_size);
    Put(at + "last_trade.side", std::string(1, t.last_side));
    Put(at + "last_trade.ts_event", t.last_ns);
  }
  Put("mbo.snapshot_flag_records", snapshots_);
  Put("mbo.events_with_F_LAST", events_);
  Put("mbo.resting_fill_volume_F", fills_);
}

void Finder::CountAction(const Head& head, char action, char side,
                         int64_t price, uint32_t size) {
  ++actions_[action];
  if (action != 'T') return;
  Trades& t = trades_[head.instrument];
  ++t.count;
  (side == 'B' ? t.buy : side == 'A' ? t.sell : t.none) += size;
  t.last_price = price;
  t.last_size = size;
  t.last_side = side;
  t.last_ns = head.ts_event;
}

void Describe(const std::string& at, const std::vector<uint8_t>& record,
              const Form& form, Finder* finder) {
  Describer describer(at, record.size(), finder);
  if (Decode(std::span<const uint8_t>(record), form, describer) ==
      Decoded::kSkipped) {
    describer.PutHead(internal::ReadHead(record.data()));
  }
}

}  // namespace streamhub::dbn
