#include "gateway/codec/flat_writer.h"

#include <array>
#include <bit>
#include <vector>

#include "schemas/client_generated.h"
#include "schemas/flat_frame.h"

namespace streamhub {
namespace {

template <typename T>
using Offset = flatbuffers::Offset<T>;
using Builder = flatbuffers::FlatBufferBuilder;

// The message in `builder` around `body`.
template <typename T>
void Append(Builder& builder, Offset<T> body, std::string* out) {
  AppendFlat(builder,
             wire::CreateMessage(builder, wire::BodyTraits<T>::enum_value,
                                 body.Union()),
             out);
}

// Null for an empty text, which need not be told.
Offset<flatbuffers::String> Text(Builder& builder, std::string_view text) {
  if (text.empty()) return {};
  return builder.CreateString(text.data(), text.size());
}

// The schema's enums have the order of ours.
static_assert(static_cast<int>(wire::FieldKind::Text) ==
              static_cast<int>(FieldKind::kText));
static_assert(static_cast<int>(wire::FeedStatus::Ended) ==
              static_cast<int>(FeedStatus::kEnded));
static_assert(static_cast<int>(wire::FeedSource::Simulated) ==
              static_cast<int>(Source::kSimulated));
static_assert(static_cast<int>(wire::Quiet::Yes) ==
              static_cast<int>(QuietNote::kQuiet));
static_assert(static_cast<int>(wire::Quiet::Withdrawn) ==
              static_cast<int>(QuietNote::kWithdrawn));

auto Feeds(Builder& builder, const FeedBoard& board,
           std::span<const FeedStatus> feeds) {
  std::vector<Offset<wire::Feed>> all;
  for (size_t i = 0; i < feeds.size(); ++i) {
    const FeedInfo& feed = board.info(static_cast<FeedId>(i));
    all.push_back(wire::CreateFeed(builder, Text(builder, feed.name),
                                   static_cast<wire::FeedStatus>(feeds[i]),
                                   static_cast<wire::FeedSource>(feed.source),
                                   feed.delay_s,
                                   feed.stale_after_ns / kMillisecond,
                                   feed.quiet_after_ns / kMillisecond));
  }
  return builder.CreateVector(all);
}

auto Dictionary(Builder& builder) {
  std::vector<Offset<wire::Field>> all;
  for (size_t i = 0; i < kFieldCount; ++i) {
    const auto field = static_cast<FieldId>(i);
    all.push_back(
        wire::CreateField(builder, Text(builder, FieldName(field)),
                          static_cast<wire::FieldKind>(KindOf(field))));
  }
  return builder.CreateVector(all);
}

}  // namespace

struct FlatWriter::Parts {
  Builder builder;
  // Of the ack that is open:
  std::string id, at;
  double max_rate = 0;
  std::vector<Offset<wire::Symbol>> symbols;
  std::vector<Offset<flatbuffers::String>> unknown;
  // Of the topic at hand:
  std::vector<Offset<wire::TopicMessage>> messages;
};

FlatWriter::FlatWriter(const Market& market)
    : MessageWriter(market), parts_(std::make_unique<Parts>()) {}

FlatWriter::~FlatWriter() = default;

size_t FlatWriter::size() const {
  return MessageWriter::size() + parts_->builder.GetSize();
}

void FlatWriter::Hello(uint64_t epoch, SessionId session, int64_t heartbeat_ns,
                       std::span<const FeedStatus> feeds, int64_t wall_ns) {
  Builder& builder = parts_->builder;
  const auto market = Text(builder, market_.name());
  const auto all = Feeds(builder, market_.feeds(), feeds);
  const auto fields = Dictionary(builder);
  const auto name = Text(builder, SessionText(session));
  Append(
      builder,
      wire::CreateHello(builder, 1, market, epoch, heartbeat_ns / kMillisecond,
                        wall_ns / kMicrosecond, all, fields, name),
      &out_);
}

void FlatWriter::Feed(std::span<const FeedStatus> feeds, int64_t wall_ns) {
  Builder& builder = parts_->builder;
  const auto all = Feeds(builder, market_.feeds(), feeds);
  Append(builder, wire::CreateFeedChange(builder, wall_ns / kMicrosecond, all),
         &out_);
}

void FlatWriter::BeginAck(std::string_view id, std::string_view at,
                          double max_rate) {
  parts_->id = id;
  parts_->at = at;
  parts_->max_rate = max_rate;
  parts_->symbols.clear();
  parts_->unknown.clear();
}

void FlatWriter::AckSymbol(SymbolId symbol) {
  Builder& builder = parts_->builder;
  const SymbolInfo& info = market_.symbols().Get(symbol);
  const auto code = Text(builder, info.code);
  const auto currency = Text(builder, info.currency);
  const auto name = Text(builder, info.name);
  parts_->symbols.push_back(wire::CreateSymbol(
      builder, code, symbol, static_cast<uint8_t>(info.price_decimals),
      static_cast<uint8_t>(info.quantity_decimals), currency, info.pip, name,
      info.feed, info.topic != nullptr,
      info.topic == nullptr ? 0 : info.topic->keeps()));
}

void FlatWriter::AckUnknown(std::string_view code) {
  parts_->unknown.push_back(Text(parts_->builder, code));
}

void FlatWriter::EndAck(bool more) {
  Builder& builder = parts_->builder;
  const auto id = Text(builder, parts_->id);
  const auto at = Text(builder, parts_->at);
  Offset<flatbuffers::Vector<Offset<wire::Symbol>>> symbols;
  if (!parts_->symbols.empty()) symbols = builder.CreateVector(parts_->symbols);
  Offset<flatbuffers::Vector<Offset<flatbuffers::String>>> unknown;
  if (!parts_->unknown.empty()) unknown = builder.CreateVector(parts_->unknown);
  Append(builder,
         wire::CreateAck(builder, id, at, parts_->max_rate, symbols, unknown,
                         more),
         &out_);
}

void FlatWriter::EncodeQuote(SymbolId symbol, const QuoteView& view,
                             FieldMask fields, bool snapshot, QuietNote quiet,
                             std::string* out) {
  const Layout& layout = *market_.symbols().Get(symbol).layout;
  std::array<uint16_t, kLayoutFieldsMax> ids;
  std::array<int64_t, kLayoutFieldsMax> values;
  uint64_t empty = 0;
  size_t count = 0;
  for (FieldMask rest = fields; rest != 0; rest &= rest - 1, ++count) {
    const int position = std::countr_zero(rest);
    const FieldId field = layout.field(position);
    int64_t value = view.value[position];
    if (value == kEmpty) {
      empty |= uint64_t{1} << count;
      value = 0;
    } else if (KindOf(field) == FieldKind::kTime) {
      value /= kMicrosecond;
    }
    ids[count] = static_cast<uint16_t>(field);
    values[count] = value;
  }
  Builder& builder = parts_->builder;
  const auto value_vector = builder.CreateVector(values.data(), count);
  const auto id_vector = builder.CreateVector(ids.data(), count);
  Append(builder,
         wire::CreateQuote(
             builder, symbol, view.version, snapshot, view.ticks,
             view.received_ns / kMicrosecond, view.event_ns / kMicrosecond,
             static_cast<wire::Quiet>(quiet), id_vector, value_vector, empty),
         out);
}

void FlatWriter::BeginUpdate(uint64_t epoch, int64_t wall_ns) {
  if (epoch != update_epoch_ || wall_ns != update_wall_ns_) {
    update_epoch_ = epoch;
    update_wall_ns_ = wall_ns;
    update_.clear();
    Builder& builder = parts_->builder;
    Append(builder, wire::CreateUpdate(builder, epoch, wall_ns / kMicrosecond),
           &update_);
  }
  out_ += update_;
}

void FlatWriter::BeginMessages(int64_t wall_ns) {
  Builder& builder = parts_->builder;
  Append(builder, wire::CreateMessages(builder, wall_ns / kMicrosecond), &out_);
}

void FlatWriter::Messages(SymbolId topic, const TopicMessages& part,
                          bool lost_known, bool withdrawn) {
  Builder& builder = parts_->builder;
  parts_->messages.clear();
  for (const TopicMessages::Message& m : part.messages) {
    const auto data = Text(builder, m.data);
    parts_->messages.push_back(
        wire::CreateTopicMessage(builder, m.seq, m.time_us, data));
  }
  const auto messages = builder.CreateVector(parts_->messages);
  Append(builder,
         wire::CreateTopicMessages(builder, topic, part.last,
                                   lost_known ? part.lost : 0, !lost_known,
                                   messages, withdrawn),
         &out_);
}

void FlatWriter::Synced(std::string_view id) {
  Builder& builder = parts_->builder;
  Append(builder, wire::CreateSynced(builder, Text(builder, id)), &out_);
}

void FlatWriter::Published(std::string_view id, uint64_t sequence) {
  Builder& builder = parts_->builder;
  const auto text = Text(builder, id);
  wire::AckBuilder ack(builder);
  ack.add_id(text);
  ack.add_seq(sequence);
  Append(builder, ack.Finish(), &out_);
}

void FlatWriter::Pong(std::string_view id, int64_t wall_ns) {
  Builder& builder = parts_->builder;
  Append(builder,
         wire::CreatePong(builder, Text(builder, id), wall_ns / kMicrosecond),
         &out_);
}

void FlatWriter::Error(const RequestError& error) {
  Builder& builder = parts_->builder;
  const auto id = Text(builder, error.id);
  const auto code = Text(builder, error.code);
  const auto reason = Text(builder, error.reason);
  const auto key = Text(builder, error.key);
  Append(builder, wire::CreateError(builder, id, code, reason, key), &out_);
}

void FlatWriter::Heartbeat(int64_t wall_ns) {
  Builder& builder = parts_->builder;
  Append(builder, wire::CreateHeartbeat(builder, wall_ns / kMicrosecond),
         &out_);
}

void FlatWriter::Closing(uint16_t code, std::string_view reason, int after_ms) {
  Builder& builder = parts_->builder;
  Append(builder,
         wire::CreateClosing(builder, code, Text(builder, reason), after_ms),
         &out_);
}

}  // namespace streamhub
