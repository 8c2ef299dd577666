#include "gateway/codec/json_writer.h"

#include <cmath>
#include <utility>

#include "gateway/codec/json.h"

namespace streamhub {

void JsonWriter::BeginObject() {
  if (envelope_ == Envelope::kSse) {
    out_ += "data: ";
  } else if (!empty()) {
    out_ += '\n';
  }
}

void JsonWriter::BeginMessage(std::string_view type) {
  BeginObject();
  out_ += "{\"type\":\"";
  out_ += type;
  out_ += '"';
}

void JsonWriter::EndMessage() {
  out_ += '}';
  if (envelope_ == Envelope::kSse) out_ += "\n\n";
}

void JsonWriter::Id(std::string_view id) {
  if (id.empty()) return;
  out_ += ",\"id\":";
  out_ += id;
}

void JsonWriter::Time(int64_t wall_ns) {
  out_ += ",\"time\":";
  AppendInt(wall_ns / kMicrosecond, &out_);
}

void JsonWriter::Feeds(std::span<const FeedStatus> feeds) {
  out_ += ",\"feeds\":{";
  for (size_t i = 0; i < feeds.size(); ++i) {
    if (i > 0) out_ += ',';
    AppendFeed(market_.feeds().info(static_cast<FeedId>(i)), feeds[i], &out_);
  }
  out_ += '}';
}

// Before a member of an ack's `symbols`, which its first member opens.
void JsonWriter::NextSymbol() {
  out_ += std::exchange(first_member_, false) ? ",\"symbols\":{" : ",";
}

void JsonWriter::Hello(uint64_t epoch, SessionId session, int64_t heartbeat_ns,
                       std::span<const FeedStatus> feeds, int64_t wall_ns) {
  if (envelope_ == Envelope::kSse) out_ += "retry: 2000\n";
  BeginMessage("hello");
  out_ += ",\"version\":1,\"market\":";
  AppendString(market_.name(), &out_);
  out_ += ",\"epoch\":\"";
  AppendEpoch(epoch, &out_);
  out_ += "\",\"session\":\"";
  out_ += SessionText(session);
  out_ += "\",\"heartbeat_ms\":";
  AppendInt(heartbeat_ns / kMillisecond, &out_);
  Time(wall_ns);
  Feeds(feeds);
  EndMessage();
}

void JsonWriter::Feed(std::span<const FeedStatus> feeds, int64_t wall_ns) {
  BeginMessage("feed");
  Time(wall_ns);
  Feeds(feeds);
  EndMessage();
}

void JsonWriter::BeginAck(std::string_view id, std::string_view at,
                          double max_rate) {
  BeginMessage("ack");
  Id(id);
  if (!at.empty()) {
    out_ += ",\"at\":\"";
    out_ += at;
    out_ += '"';
  }
  if (std::isinf(max_rate)) {
    out_ += ",\"max_rate\":\"unlimited\"";
  } else if (max_rate > 0) {
    out_ += ",\"max_rate\":";
    AppendRate(max_rate, &out_);
  }
  first_member_ = true;
}

void JsonWriter::AckSymbol(SymbolId symbol) {
  NextSymbol();
  AppendDescription(market_.symbols().Get(symbol), market_.feeds(), &out_);
}

void JsonWriter::AckUnknown(std::string_view code) {
  NextSymbol();
  AppendString(code, &out_);
  out_ += ":{\"unknown\":true}";
}

void JsonWriter::EndAck(bool more) {
  if (!first_member_) out_ += '}';
  if (more) out_ += ",\"more\":true";
  EndMessage();
}

void JsonWriter::EncodeQuote(SymbolId symbol, const QuoteView& view,
                             FieldMask fields, bool snapshot, QuietNote quiet,
                             std::string* out) {
  AppendQuoteOpen(market_.symbols().Get(symbol), view, fields, snapshot, quiet,
                  out);
  *out += '}';
}

void JsonWriter::BeginUpdate(uint64_t epoch, int64_t wall_ns) {
  if (epoch != update_epoch_ || wall_ns != update_wall_ns_) {
    update_epoch_ = epoch;
    update_wall_ns_ = wall_ns;
    update_begin_ = "{\"type\":\"update\",\"epoch\":\"";
    AppendEpoch(epoch, &update_begin_);
    update_begin_ += "\",\"time\":";
    AppendInt(wall_ns / kMicrosecond, &update_begin_);
    update_begin_ += ",\"quotes\":{";
  }
  BeginObject();
  out_ += update_begin_;
  first_member_ = true;
}

void JsonWriter::Quote(std::string_view frame) {
  if (!std::exchange(first_member_, false)) out_ += ',';
  out_ += frame;
}

void JsonWriter::EndUpdate() {
  out_ += '}';
  EndMessage();
}

void JsonWriter::BeginMessages(int64_t wall_ns) {
  BeginMessage("messages");
  Time(wall_ns);
  out_ += ",\"topics\":{";
  first_member_ = true;
}

void JsonWriter::Messages(SymbolId topic, const TopicMessages& part,
                          bool lost_known, bool withdrawn) {
  if (!std::exchange(first_member_, false)) out_ += ',';
  AppendString(market_.symbols().Get(topic).code, &out_);
  out_ += ":{\"v\":";
  AppendInt(static_cast<int64_t>(part.last), &out_);
  if (withdrawn) out_ += ",\"withdrawn\":true";
  if (!lost_known) {
    out_ += ",\"lost\":null";
  } else if (part.lost > 0) {
    out_ += ",\"lost\":";
    AppendInt(static_cast<int64_t>(part.lost), &out_);
  }
  out_ += ",\"messages\":[";
  for (size_t i = 0; i < part.messages.size(); ++i) {
    if (i > 0) out_ += ',';
    out_ += part.messages[i].json;
  }
  out_ += "]}";
}

void JsonWriter::EndMessages() {
  out_ += '}';
  EndMessage();
}

void JsonWriter::Synced(std::string_view id) {
  BeginMessage("synced");
  Id(id);
  EndMessage();
}

void JsonWriter::Published(std::string_view id, uint64_t sequence) {
  BeginObject();
  AppendPublished(id, sequence, &out_);
  if (envelope_ == Envelope::kSse) out_ += "\n\n";
}

void JsonWriter::Pong(std::string_view id, int64_t wall_ns) {
  BeginMessage("pong");
  Id(id);
  Time(wall_ns);
  EndMessage();
}

void JsonWriter::Error(const RequestError& error) {
  BeginObject();
  AppendError(error, &out_);
  if (envelope_ == Envelope::kSse) out_ += "\n\n";
}

void JsonWriter::Heartbeat(int64_t wall_ns) {
  if (envelope_ == Envelope::kSse) out_ += ": heartbeat\n";
  BeginMessage("heartbeat");
  Time(wall_ns);
  EndMessage();
}

void JsonWriter::Closing(uint16_t code, std::string_view reason, int after_ms) {
  // By itself EventSource comes back after what it was told at the start.
  if (envelope_ == Envelope::kSse && after_ms >= 0) {
    out_ += "retry: ";
    AppendInt(after_ms, &out_);
    out_ += '\n';
  }
  BeginMessage("closing");
  out_ += ",\"code\":";
  AppendInt(code, &out_);
  out_ += ",\"reason\":";
  AppendString(reason, &out_);
  if (after_ms < 0) {
    out_ += ",\"retry\":false";
  } else {
    out_ += ",\"retry\":true,\"after_ms\":";
    AppendInt(after_ms, &out_);
  }
  EndMessage();
}

}  // namespace streamhub
