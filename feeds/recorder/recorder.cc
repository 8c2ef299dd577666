#include "feeds/recorder/recorder.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "feeds/recorder/ring_record.h"

namespace streamhub {
namespace {

// Of a slot that its writer is just writing.
constexpr int kReadsMax = 1000;

}  // namespace

absl::StatusOr<std::unique_ptr<Recorder>> Recorder::Create(Options options,
                                                           const Market& market,
                                                           const Clock& clock) {
  std::unique_ptr<Recorder> recorder(
      new Recorder(std::move(options), market, clock));
  const absl::Status status = recorder->series_.Open();
  if (!status.ok()) {
    recorder->stopped_ = true;  // there is nothing to end
    return status;
  }
  recorder->counters_.Add(Metric::kRecording);
  return recorder;
}

Recorder::Recorder(Options options, const Market& market, const Clock& clock)
    : options_(std::move(options)),
      market_(market),
      clock_(clock),
      series_(options_.series, market.feeds(), clock, counters_) {}

Recorder::~Recorder() { Stop().IgnoreError(); }

TickTap* Recorder::AddTap(FeedId feed) {
  RingTap::Options options;
  options.ring_words = options_.ring_bytes / sizeof(uint64_t);
  options.waits = options_.feeds_wait;
  sources_.push_back(
      std::make_unique<Source>(feed, market_.symbols(), options));
  return &sources_.back()->tap;
}

void Recorder::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Recorder::Run() {
  bool stopping = false;
  while (!stopping) {
    // A feed is never made to ring a bell for this thread: it comes by itself.
    if (Turn()) continue;
    std::unique_lock lock(mutex_);
    stopping = wake_.wait_for(lock, std::chrono::nanoseconds(kRestNs),
                              [this] { return stopping_; });
  }
}

absl::Status Recorder::Stop() {
  if (std::exchange(stopped_, true)) return absl::OkStatus();
  const bool began = thread_.joinable();
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }
  // This thread is the recorder's now.
  while (Turn()) {
  }
  // What it was made for could not be started.
  return began ? series_.Close() : series_.Discard();
}

bool Recorder::Turn() {
  int taken = 0;
  while (taken < kTurnRecords) {
    Source* const next = Oldest();
    if (next == nullptr) break;
    TakeOne(*next);
    ++taken;
  }
  for (const auto& source : sources_) {
    source->tap.GiveRoom();
    MakeGood(*source);
    NoteStaleness(*source);
  }
  series_.Turn();
  return taken > 0;
}

Recorder::Source* Recorder::Oldest() {
  Source* oldest = nullptr;
  int64_t oldest_ns = 0;
  for (const auto& source : sources_) {
    WordRing& ring = source->tap.ring();
    if (ring.Readable() == 0) continue;
    const auto time_ns = static_cast<int64_t>(ring.At(1));
    if (oldest != nullptr && oldest_ns <= time_ns) continue;
    oldest = source.get();
    oldest_ns = time_ns;
  }
  return oldest;
}

void Recorder::TakeOne(Source& source) {
  WordRing& ring = source.tap.ring();
  const RingHead head = RingHead::Of(ring.At(0));
  const auto time_ns = static_cast<int64_t>(ring.At(1));
  switch (head.kind) {
    case RingRecord::kTick:
      TakeTick(source, head.symbol, head.detail);
      break;
    case RingRecord::kTrade:
      TakeTrade(source, head.symbol);
      break;
    case RingRecord::kStatus:
      source.status = static_cast<FeedStatus>(head.detail);
      series_.Status(source.feed, source.status, time_ns);
      break;
    case RingRecord::kSourceGap:
      series_.SourceGap(ring.At(2), time_ns);
      break;
    case RingRecord::kEpoch:
      series_.Epoch(source.feed, ring.At(2), time_ns);
      break;
    case RingRecord::kSymbol:
      Know(head.symbol);
      break;
    case RingRecord::kLost:
      source.losing = true;
      source.from_ns = time_ns;
      break;
    case RingRecord::kFound:
      TellLost(source, ring.At(2), time_ns);
      source.losing = false;
      break;
  }
  ring.Take(head.words);
}

void Recorder::TakeTick(Source& source, SymbolId id, size_t count) {
  Know(id);
  const WordRing& ring = source.tap.ring();
  const Layout& layout = *market_.symbols().Get(id).layout;
  const size_t values_at = kRingTickHead + WordsOfBytes(count);
  FieldMask seen = 0;
  size_t kept = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t eight = ring.At(kRingTickHead + i / 8);
    const auto position = static_cast<int>(eight >> (8 * (i % 8)) & 0xFF);
    const FieldValue value{layout.field(position),
                           static_cast<int64_t>(ring.At(values_at + i))};
    const FieldMask bit = FieldMask{1} << position;
    if ((seen & bit) == 0) {
      values_[kept++] = value;
    } else {  // of two values of a field the last one counts
      std::find_if(values_.begin(), values_.begin() + kept,
                   [&](const FieldValue& v) { return v.field == value.field; })
          ->value = value.value;
    }
    seen |= bit;
  }
  series_.Tick(id, std::span(values_.data(), kept),
               static_cast<int64_t>(ring.At(1)),
               static_cast<int64_t>(ring.At(2)));
}

void Recorder::TakeTrade(Source& source, SymbolId id) {
  Know(id);
  const WordRing& ring = source.tap.ring();
  const uint64_t word = ring.At(3);
  const size_t id_size = word & 0xFFFF;
  const size_t cross_size = word >> 16 & 0xFFFF;
  text_.clear();
  for (size_t i = 0; i < id_size + cross_size; ++i) {
    const uint64_t eight = ring.At(kRingTradeHead + i / 8);
    text_ += static_cast<char>(eight >> (8 * (i % 8)));
  }
  TradeReport trade;
  trade.taker = static_cast<Taker>(word >> 32 & 0xFF);
  trade.cancelled = (word >> 40 & 1) != 0;
  trade.price = static_cast<int64_t>(ring.At(4));
  trade.size = static_cast<int64_t>(ring.At(5));
  trade.id = std::string_view(text_).substr(0, id_size);
  trade.cross = std::string_view(text_).substr(id_size);
  series_.Trade(id, trade, static_cast<int64_t>(ring.At(1)),
                static_cast<int64_t>(ring.At(2)));
}

// Silence and gaps turn a feed stale without a word of its own; clients are
// told so, and a replay has to tell it, too.
void Recorder::NoteStaleness(Source& source) {
  if (source.tap.ring().Readable() != 0) return;  // its own words come first
  if (source.status != FeedStatus::kLive &&
      source.status != FeedStatus::kStale) {
    return;
  }
  const FeedStatus now = market_.feeds().StatusAt(source.feed, clock_.MonoNs());
  if (now == source.status ||
      (now != FeedStatus::kLive && now != FeedStatus::kStale)) {
    return;
  }
  source.status = now;
  series_.Status(source.feed, now, clock_.WallNs());
}

// Its record may be among those that were lost.
void Recorder::Know(SymbolId id) {
  if (!series_.Knows(id)) series_.Define(id, market_.symbols().Get(id));
}

void Recorder::TellLost(Source& source, uint64_t total, int64_t to_ns) {
  const uint64_t lost = total - source.told;
  if (lost == 0) return;
  series_.Gap(lost, source.losing ? source.from_ns : to_ns, to_ns);
  source.told = total;
  // Should more be lost before there is room: that is the next gap.
  source.from_ns = to_ns;
}

// If the ring is empty: nothing is in it that would have to come first.
void Recorder::MakeGood(Source& source) {
  RingTap& tap = source.tap;
  // A feed that has nothing more to say will not tell it. Asked before the
  // ring: where a loss began is in there first.
  const uint64_t total = tap.LostTotal();
  if (tap.ring().Readable() != 0) return;
  if (total > source.told) TellLost(source, total, tap.LostTo());
  if (!tap.HasLostSymbols()) return;

  lost_.clear();
  tap.TakeLostSymbols([this](SymbolId id) { lost_.push_back(id); });
  // What is older than the losses has to be written before the state that has
  // them in it.
  const uint64_t end = tap.ring().Published();
  while (tap.ring().read() != end && tap.ring().Readable() > 0) {
    TakeOne(source);
  }
  QuoteView view;
  for (const SymbolId id : lost_) {
    Know(id);
    const Layout& layout = *market_.symbols().Get(id).layout;
    int reads = 0;
    while (!market_.cache().Read(id, layout.all(), &view)) {
      if (++reads == kReadsMax) break;
    }
    if (reads == kReadsMax) {
      tap.MarkLost(id);
      continue;
    }
    state_.clear();
    for (int i = 0; i < layout.size(); ++i) {
      state_.push_back({layout.field(i), view.value[i]});
    }
    series_.Refresh(id, state_, view.received_ns, view.event_ns);
  }
}

}  // namespace streamhub
