#include "feeds/recorder/ring_tap.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

namespace streamhub {
namespace {

void PutText(std::string_view first, std::string_view second,
             WordRing::Writing& to) {
  uint64_t word = 0;
  size_t at = 0;
  for (const std::string_view text : {first, second}) {
    for (const char c : text) {
      word |= uint64_t{static_cast<unsigned char>(c)} << (8 * (at % 8));
      if (++at % 8 == 0) to.Put(std::exchange(word, 0));
    }
  }
  if (at % 8 != 0) to.Put(word);
}

}  // namespace

RingTap::RingTap(const SymbolTable& symbols, Options options)
    : symbols_(symbols),
      options_(std::move(options)),
      ring_(std::max<size_t>(options_.ring_words, 4 * kReservedWords)),
      lost_symbols_((symbols.ids_max() + 63) / 64) {}

void RingTap::OnSymbol(SymbolId id, const SymbolInfo&) {
  owned_.push_back(id);
  // Its description is not lost: whoever reads the ring has the table.
  if (losing_ || !ring_.HasRoom(kRingControlWords)) return MarkLost(id);
  auto to = ring_.Begin();
  to.Put(RingHead{RingRecord::kSymbol, 0, kRingControlWords, id}.Word());
  to.Put(0);
  to.Put(0);
  ring_.End(to);
}

void RingTap::OnTick(SymbolId id, std::span<const FieldValue> values,
                     int64_t received_ns, int64_t event_ns) {
  // As the publisher chooses what the cache gets.
  const Layout& layout = *symbols_.Get(id).layout;
  std::array<int64_t, kLayoutFieldsMax> kept;
  std::array<uint64_t, WordsOfBytes(kLayoutFieldsMax)> positions{};
  size_t count = 0;
  for (const FieldValue& v : values) {
    const int position = layout.PositionOf(v.field);
    if (position < 0 || count == kept.size()) continue;
    positions[count / 8] |= static_cast<uint64_t>(position)
                            << (8 * (count % 8));
    kept[count++] = v.value;
  }
  const size_t words = WordsOfTick(count);
  if (!Admit(id, words, received_ns)) return;
  auto to = ring_.Begin();
  to.Put(RingHead{RingRecord::kTick, static_cast<uint8_t>(count),
                  static_cast<uint16_t>(words), id}
             .Word());
  to.Put(static_cast<uint64_t>(received_ns));
  to.Put(static_cast<uint64_t>(event_ns));
  for (size_t i = 0; i < WordsOfBytes(count); ++i) to.Put(positions[i]);
  for (size_t i = 0; i < count; ++i) to.Put(static_cast<uint64_t>(kept[i]));
  ring_.End(to);
}

void RingTap::OnTrade(SymbolId id, const TradeReport& trade,
                      int64_t received_ns, int64_t event_ns) {
  const size_t text = trade.id.size() + trade.cross.size();
  if (text > kRingTextMax) {
    BeginLosing(received_ns);
    return CountLost(received_ns);
  }
  const size_t words = kRingTradeHead + WordsOfBytes(text);
  if (!Admit(id, words, received_ns)) return;
  auto to = ring_.Begin();
  to.Put(
      RingHead{RingRecord::kTrade, 0, static_cast<uint16_t>(words), id}.Word());
  to.Put(static_cast<uint64_t>(received_ns));
  to.Put(static_cast<uint64_t>(event_ns));
  to.Put(uint64_t{trade.id.size()} | uint64_t{trade.cross.size()} << 16 |
         static_cast<uint64_t>(trade.taker) << 32 |
         uint64_t{trade.cancelled} << 40);
  to.Put(static_cast<uint64_t>(trade.price));
  to.Put(static_cast<uint64_t>(trade.size));
  PutText(trade.id, trade.cross, to);
  ring_.End(to);
}

void RingTap::OnStatus(FeedStatus status, int64_t received_ns) {
  if (!PutControl(RingRecord::kStatus, static_cast<uint8_t>(status),
                  received_ns, 0)) {
    CountLost(received_ns);
  }
}

void RingTap::OnGap(uint64_t messages, int64_t received_ns) {
  if (PutControl(RingRecord::kSourceGap, 0, received_ns, messages)) return;
  CountLost(received_ns);
}

void RingTap::OnEpoch(uint64_t epoch, int64_t received_ns) {
  if (PutControl(RingRecord::kEpoch, 0, received_ns, epoch)) return;
  CountLost(received_ns);
  for (const SymbolId id : owned_) MarkLost(id);
}

bool RingTap::AdmitSlowly(SymbolId id, size_t words, int64_t received_ns) {
  const size_t wanted = words + kReservedWords;
  // Not at the first word of room, or every second record is a gap.
  const size_t enough =
      losing_ ? std::max(wanted + kRingControlWords, ring_.capacity() / 4)
              : wanted;
  if (options_.waits && enough <= ring_.capacity()) AwaitRoom(enough);
  if (ring_.HasRoom(enough)) {
    if (losing_) StopLosing();
    return true;
  }
  BeginLosing(received_ns);
  CountLost(received_ns);
  MarkLost(id);
  return false;
}

void RingTap::AwaitRoom(size_t words) {
  while (!ring_.HasRoom(words)) {
    const uint32_t turns = turns_.load(std::memory_order_acquire);
    if (ring_.HasRoom(words)) return;
    turns_.wait(turns, std::memory_order_acquire);
  }
}

bool RingTap::PutControl(RingRecord kind, uint8_t detail, int64_t time_ns,
                         uint64_t word) {
  if (!ring_.HasRoom(kRingControlWords)) return false;
  auto to = ring_.Begin();
  to.Put(RingHead{kind, detail, kRingControlWords, 0}.Word());
  to.Put(static_cast<uint64_t>(time_ns));
  to.Put(word);
  ring_.End(to);
  return true;
}

void RingTap::BeginLosing(int64_t received_ns) {
  if (losing_) return;
  losing_ = true;
  // Ticks leave room for it.
  PutControl(RingRecord::kLost, 0, received_ns, 0);
}

void RingTap::StopLosing() {
  losing_ = false;
  PutControl(RingRecord::kFound, 0, lost_to_.load(std::memory_order_relaxed),
             lost_.load(std::memory_order_relaxed));
}

void RingTap::CountLost(int64_t received_ns) {
  lost_to_.store(received_ns, std::memory_order_release);
  lost_.store(lost_.load(std::memory_order_relaxed) + 1,
              std::memory_order_release);
}

void RingTap::MarkLost(SymbolId id) {
  const uint64_t bit = uint64_t{1} << (id % 64);
  const uint64_t was =
      lost_symbols_[id / 64].fetch_or(bit, std::memory_order_acq_rel);
  // Whoever set it first says so; the recorder, which takes that word before
  // the bits, has not come to this one yet.
  if ((was & bit) == 0) symbols_lost_.exchange(true, std::memory_order_acq_rel);
}

}  // namespace streamhub
