// The messages as FlatBuffers (schemas/client.fbs): what `encoding=fb` means.

#ifndef STREAMHUB_GATEWAY_CODEC_FLAT_WRITER_H_
#define STREAMHUB_GATEWAY_CODEC_FLAT_WRITER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "gateway/codec/message_writer.h"

namespace streamhub {

class FlatWriter final : public MessageWriter {
 public:
  explicit FlatWriter(const Market& market);
  ~FlatWriter() override;

  Encoding encoding() const override { return Encoding::kFlat; }
  size_t size() const override;

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
  void Quote(std::string_view frame) override { out_ += frame; }
  void EndUpdate() override {}
  void BeginMessages(int64_t wall_ns) override;
  void Messages(SymbolId topic, const TopicMessages& part, bool lost_known,
                bool withdrawn = false) override;
  void EndMessages() override {}
  void Synced(std::string_view id) override;
  void Published(std::string_view id, uint64_t sequence) override;
  void Pong(std::string_view id, int64_t wall_ns) override;
  void Error(const RequestError& error) override;
  void Heartbeat(int64_t wall_ns) override;
  void Closing(uint16_t code, std::string_view reason, int after_ms) override;

 private:
  // Keeps FlatBuffers and what flatc made out of this header.
  struct Parts;
  const std::unique_ptr<Parts> parts_;
  // The update of that epoch at that time: of all in a turn.
  std::string update_;
  uint64_t update_epoch_ = 0;
  int64_t update_wall_ns_ = -1;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_FLAT_WRITER_H_
