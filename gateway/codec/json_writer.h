// The messages in JSON, on lines or as server-sent events.

#ifndef STREAMHUB_GATEWAY_CODEC_JSON_WRITER_H_
#define STREAMHUB_GATEWAY_CODEC_JSON_WRITER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gateway/codec/message_writer.h"

namespace streamhub {

class JsonWriter final : public MessageWriter {
 public:
  using MessageWriter::MessageWriter;

  Encoding encoding() const override { return Encoding::kJson; }

  void Hello(uint64_t epoch, SessionId session, int64_t heartbeat_ns,
             std::span<const FeedStatus> feeds, int64_t wall_ns) override;
  void Feed(std::span<const FeedStatus> feeds, int64_t wall_ns) override;
  void BeginAck(std::string_view id, std::string_view at,
                double max_rate) override;
  void AckSymbol(SymbolId symbol) override;
  void AckUnknown(std::string_view code) override;
  void EndAck(bool more) override;
  void EncodeQuote(SymbolId symbol, const QuoteView& view, FieldMask fields,
                   bool snapshot, QuietNote quiet, std::string* out) override;
  void BeginUpdate(uint64_t epoch, int64_t wall_ns) override;
  void Quote(std::string_view frame) override;
  void EndUpdate() override;
  void BeginMessages(int64_t wall_ns) override;
  void Messages(SymbolId topic, const TopicMessages& part, bool lost_known,
                bool withdrawn = false) override;
  void EndMessages() override;
  void Synced(std::string_view id) override;
  void Published(std::string_view id, uint64_t sequence) override;
  void Pong(std::string_view id, int64_t wall_ns) override;
  void Error(const RequestError& error) override;
  void Heartbeat(int64_t wall_ns) override;
  void Closing(uint16_t code, std::string_view reason, int after_ms) override;

 private:
  void BeginObject();
  void BeginMessage(std::string_view type);
  void EndMessage();
  void Id(std::string_view id);
  void Time(int64_t wall_ns);
  void Feeds(std::span<const FeedStatus> feeds);
  void NextSymbol();

  bool first_member_ = true;  // of `symbols`, `quotes` or `topics`
  // The begin of an update of that epoch at that time: of all in a turn.
  std::string update_begin_;
  uint64_t update_epoch_ = 0;
  int64_t update_wall_ns_ = -1;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_JSON_WRITER_H_
