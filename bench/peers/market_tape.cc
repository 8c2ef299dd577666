#include "bench/peers/market_tape.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <charconv>

#include "feeds/publisher.h"
#include "feeds/synthetic/synthetic_feed.h"
#include "gateway/base/check.h"
#include "gateway/base/clock.h"
#include "gateway/base/counters.h"
#include "gateway/codec/json.h"
#include "gateway/codec/json_writer.h"
#include "gateway/market/market.h"

namespace streamhub::peers {
namespace {

// Where there are few symbols, enough that a message is seldom the same.
constexpr size_t kUpdatesMin = 256;
constexpr size_t kRounds = 4;

// Microseconds since 1970 have as many digits from 2001 to 2286.
constexpr size_t kTimeDigits = 16;

// Where the digits behind `key` begin.
size_t TimeAfter(std::string_view text, std::string_view key) {
  const size_t at = text.find(key);
  STREAMHUB_CHECK(at != text.npos);
  return at + key.size();
}

void PutTime(int64_t wall_us, char* digits) {
  const auto put = std::to_chars(digits, digits + kTimeDigits, wall_us);
  STREAMHUB_CHECK(put.ptr == digits + kTimeDigits);
}

}  // namespace

MarketTape::MarketTape(size_t symbols, uint64_t seed) {
  const Clock& clock = SystemClock();
  Counters counters;
  Market market("tape", symbols, 1);
  Publisher publisher(market, market.AddFeed(SyntheticFeedInfo("tape")),
                      counters, clock);
  SyntheticOptions options;
  options.symbols = symbols;
  options.seed = seed;
  options.opening_burst = false;
  options.halts_per_minute = 0;
  options.even = true;
  SyntheticMarket source(options, clock.WallNs());
  std::vector<SymbolId> ids;
  for (size_t i = 0; i < source.size(); ++i) {
    const auto id = publisher.Define(source.instrument(i).info);
    STREAMHUB_CHECK(id.ok());
    ids.push_back(*id);
    std::string quoted;
    AppendString(source.instrument(i).info.code, &quoted);
    names_.push_back(quoted.substr(1, quoted.size() - 2));
  }
  const auto publish = [&](const SyntheticTick& tick) {
    publisher.BeginBatch();
    publisher.Publish(ids[tick.symbol], tick.values, tick.event_ns);
    publisher.EndBatch();
  };
  for (size_t i = 0; i < symbols; ++i) publish(source.Next());

  JsonWriter writer(market);
  const size_t rounds = std::max(kRounds, kUpdatesMin / symbols);
  QuoteView view;
  std::string frame;
  while (updates_.size() < rounds * symbols) {
    const SyntheticTick tick = source.Next();
    const SymbolId id = ids[tick.symbol];
    const FieldMask all = source.instrument(tick.symbol).info.layout->all();
    STREAMHUB_CHECK(market.cache().Read(id, all, &view));
    const uint64_t before = view.version;
    publish(tick);
    STREAMHUB_CHECK(market.cache().Read(id, all, &view));
    const FieldMask changed = view.ChangedSince(before, all);
    if (changed == 0) continue;
    frame.clear();
    writer.EncodeQuote(id, view, changed, false, QuietNote::kNone, &frame);
    writer.Begin(Envelope::kLines);
    writer.BeginUpdate(market.epoch(), clock.WallNs());
    writer.Quote(frame);
    writer.EndUpdate();
    const std::string text = writer.out().substr(kBatchHeadroom);
    updates_.push_back({tick.symbol, text, TimeAfter(text, "\"time\":"),
                        TimeAfter(text, ",\"t\":")});
  }
}

std::string_view MarketTape::Next(int64_t wall_us, uint32_t* symbol) {
  Update& update = updates_[next_];
  next_ = next_ + 1 == updates_.size() ? 0 : next_ + 1;
  PutTime(wall_us, update.text.data() + update.sent_at);
  PutTime(wall_us, update.text.data() + update.received_at);
  *symbol = update.symbol;
  return update.text;
}

}  // namespace streamhub::peers
