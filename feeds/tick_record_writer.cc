#include <algorithm>
#include <array>
#include <bit>
#include <utility>
#include <vector>

#include "feeds/tick_record.h"
#include "gateway/base/utf8.h"
#include "schemas/flat_frame.h"
#include "schemas/tick_generated.h"

namespace streamhub {
namespace {

template <typename T>
using Offset = flatbuffers::Offset<T>;
using Builder = flatbuffers::FlatBufferBuilder;

// The schema's enums have the order of ours.
static_assert(static_cast<int>(tick::FieldKind::Text) ==
              static_cast<int>(FieldKind::kText));
static_assert(static_cast<int>(tick::FeedStatus::Ended) ==
              static_cast<int>(FeedStatus::kEnded));
static_assert(static_cast<int>(tick::Taker::Seller) ==
              static_cast<int>(Taker::kSeller));

// Of a batch. Together they stay far below kTickRecordBytesMax, and are enough
// to make what a FlatBuffer costs beside its columns nothing.
constexpr size_t kTicksMax = 4096;
constexpr size_t kValuesMax = 4 * kTicksMax;
constexpr size_t kTradesMax = 1024;
constexpr size_t kTradeTextMax = 128 * 1024;
constexpr size_t kTextBytesMax = 1024;  // of one text

template <typename T>
void Append(Builder& builder, Offset<T> body, std::string* out) {
  AppendFlat(builder,
             tick::CreateRecord(builder, tick::BodyTraits<T>::enum_value,
                                body.Union()),
             out);
}

Offset<flatbuffers::String> Text(Builder& builder, std::string_view text) {
  return builder.CreateString(text.data(), text.size());
}

// Absent if it is empty.
Offset<flatbuffers::String> TextOrNone(Builder& builder,
                                       std::string_view text) {
  return text.empty() ? Offset<flatbuffers::String>() : Text(builder, text);
}

// A reader refuses what it could not tell anybody.
std::string_view Tellable(std::string_view text) {
  return text.size() <= kTextBytesMax && IsValidUtf8(text) ? text
                                                           : std::string_view();
}

// Without overflow, which signed numbers must not have.
int64_t Difference(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) -
                              static_cast<uint64_t>(b));
}

}  // namespace

struct TickRecordWriter::Parts {
  struct HeldTrade {
    uint32_t at, number;
    int64_t received_ns, event_ns, price, size;
    Taker taker;
    bool cancelled;
    size_t id_size, cross_size;  // their bytes are in `text`, in turn
  };

  bool empty() const { return ticks == 0 && trades.empty(); }

  Builder builder;

  // The batch: columns of which the first `ticks` or `count` are used.
  bool refresh = false;
  bool any_event = false;
  size_t ticks = 0;
  size_t count = 0;
  int64_t last_received_ns = 0, last_event_ns = 0;
  std::array<uint32_t, kTicksMax> symbols;
  std::array<int64_t, kTicksMax> received, event;
  std::array<uint8_t, kTicksMax> counts;
  std::array<uint8_t, kValuesMax> positions;
  std::array<int64_t, kValuesMax> values;
  std::vector<HeldTrade> trades;
  std::string text;
  std::vector<Offset<tick::Trade>> made;  // at hand
};

TickRecordWriter::TickRecordWriter() : parts_(std::make_unique<Parts>()) {}
TickRecordWriter::~TickRecordWriter() = default;

void TickRecordWriter::Symbol(uint32_t number, const SymbolInfo& info,
                              std::string_view feed, std::string* out) {
  Flush(out);
  Builder& builder = parts_->builder;
  std::vector<Offset<tick::Field>> fields;
  for (int i = 0; i < info.layout->size(); ++i) {
    const FieldId field = info.layout->field(i);
    fields.push_back(
        tick::CreateField(builder, Text(builder, FieldName(field)),
                          static_cast<tick::FieldKind>(KindOf(field))));
  }
  const auto layout = builder.CreateVector(fields);
  const auto code = Text(builder, info.code);
  const auto name = TextOrNone(builder, Tellable(info.name));
  const auto currency = TextOrNone(builder, Tellable(info.currency));
  const auto by = TextOrNone(builder, Tellable(feed));
  Append(builder,
         tick::CreateSymbol(builder, number, code, name, currency,
                            static_cast<uint8_t>(info.price_decimals),
                            static_cast<uint8_t>(info.quantity_decimals),
                            info.pip, layout, by),
         out);
}

void TickRecordWriter::Add(bool refresh, uint32_t number, const Layout& layout,
                           std::span<const FieldValue> values,
                           int64_t received_ns, int64_t event_ns,
                           std::string* out) {
  Parts& p = *parts_;
  if (p.ticks == kTicksMax || p.count + kLayoutFieldsMax > kValuesMax ||
      (refresh != p.refresh && !p.empty())) {
    Flush(out);
  }
  p.refresh = refresh;
  const size_t begin = p.count;
  FieldMask met = 0;
  for (const FieldValue& v : values) {
    const int position = layout.PositionOf(v.field);
    if (position < 0) continue;
    const FieldMask bit = FieldMask{1} << position;
    size_t at = p.count;
    if ((met & bit) == 0) {
      met |= bit;
      ++p.count;
    } else {
      at = begin;
      while (p.positions[at] != position) ++at;
    }
    p.positions[at] = static_cast<uint8_t>(position);
    p.values[at] = v.value;
  }
  const size_t i = p.ticks++;
  p.symbols[i] = number;
  p.counts[i] = static_cast<uint8_t>(p.count - begin);
  p.received[i] =
      Difference(received_ns, std::exchange(p.last_received_ns, received_ns));
  p.event[i] = Difference(event_ns, std::exchange(p.last_event_ns, event_ns));
  p.any_event |= event_ns != 0;
}

void TickRecordWriter::Trade(uint32_t number, const TradeReport& trade,
                             int64_t received_ns, int64_t event_ns,
                             std::string* out) {
  Parts& p = *parts_;
  if (p.trades.size() == kTradesMax || p.text.size() > kTradeTextMax ||
      (p.refresh && p.ticks > 0)) {
    Flush(out);
  }
  p.refresh = false;
  const std::string_view id = Tellable(trade.id);
  const std::string_view cross = Tellable(trade.cross);
  p.trades.push_back({static_cast<uint32_t>(p.ticks), number, received_ns,
                      event_ns, trade.price, trade.size, trade.taker,
                      trade.cancelled, id.size(), cross.size()});
  p.text += id;
  p.text += cross;
}

void TickRecordWriter::Flush(std::string* out) {
  Parts& p = *parts_;
  if (p.empty()) return;
  Builder& builder = p.builder;
  p.made.clear();
  std::string_view text = p.text;
  const auto take = [&text](size_t size) {
    const std::string_view taken = text.substr(0, size);
    text.remove_prefix(size);
    return taken;
  };
  for (const Parts::HeldTrade& t : p.trades) {
    const auto id = TextOrNone(builder, take(t.id_size));
    const auto cross = TextOrNone(builder, take(t.cross_size));
    p.made.push_back(tick::CreateTrade(
        builder, t.at, t.number, t.received_ns, t.event_ns, t.price, t.size,
        static_cast<tick::Taker>(t.taker), id, cross, t.cancelled));
  }
  Offset<flatbuffers::Vector<Offset<tick::Trade>>> trades;
  if (!p.made.empty()) trades = builder.CreateVector(p.made);
  Offset<flatbuffers::Vector<int64_t>> event;
  if (p.any_event) event = builder.CreateVector(p.event.data(), p.ticks);
  const auto values = builder.CreateVector(p.values.data(), p.count);
  const auto received = builder.CreateVector(p.received.data(), p.ticks);
  const auto symbols = builder.CreateVector(p.symbols.data(), p.ticks);
  const auto positions = builder.CreateVector(p.positions.data(), p.count);
  const auto counts = builder.CreateVector(p.counts.data(), p.ticks);
  Append(builder,
         tick::CreateTicks(builder, symbols, received, event, counts, positions,
                           values, p.refresh, trades),
         out);
  p.refresh = p.any_event = false;
  p.ticks = p.count = 0;
  p.last_received_ns = p.last_event_ns = 0;
  p.trades.clear();
  p.text.clear();
}

size_t TickRecordWriter::held_bytes() const {
  const Parts& p = *parts_;
  constexpr size_t kTick = 4 + 8 + 8 + 1, kValue = 8 + 1, kTrade = 80;
  return p.ticks * kTick + p.count * kValue + p.trades.size() * kTrade +
         p.text.size();
}

void TickRecordWriter::Epoch(uint64_t epoch, int64_t time_ns,
                             std::string* out) {
  Flush(out);
  Builder& builder = parts_->builder;
  Append(builder, tick::CreateEpoch(builder, epoch, time_ns), out);
}

void TickRecordWriter::Status(std::string_view feed, FeedStatus status,
                              int64_t time_ns, std::string* out) {
  Flush(out);
  Builder& builder = parts_->builder;
  const auto by = TextOrNone(builder, Tellable(feed));
  Append(builder,
         tick::CreateStatus(builder, static_cast<tick::FeedStatus>(status),
                            time_ns, by),
         out);
}

void TickRecordWriter::Gap(uint64_t records, int64_t from_ns, int64_t to_ns,
                           std::string* out) {
  Flush(out);
  Builder& builder = parts_->builder;
  Append(builder, tick::CreateGap(builder, records, from_ns, to_ns), out);
}

void TickRecordWriter::Sent(const SentRecord& sent, std::string* out) {
  Flush(out);
  Builder& builder = parts_->builder;
  const auto transport = TextOrNone(builder, Tellable(sent.transport));
  const auto encoding = TextOrNone(builder, Tellable(sent.encoding));
  const auto symbol = TextOrNone(builder, Tellable(sent.symbol));
  const size_t kept = std::min(sent.bytes.size(), SentRecord::kBytesMax);
  const auto bytes = builder.CreateVector(
      reinterpret_cast<const uint8_t*>(sent.bytes.data()), kept);
  Append(builder,
         tick::CreateSent(builder, sent.session, transport, encoding,
                          sent.time_ns, sent.batch, symbol, bytes,
                          sent.bytes.size() - kept + sent.cut),
         out);
}

}  // namespace streamhub
