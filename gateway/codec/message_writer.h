// Writes the messages of a batch (docs/protocol.md), in one encoding: the
// session says what is told, a writer how it looks. Sessions share one writer
// per shard and encoding, and its buffer; its thread only.

#ifndef STREAMHUB_GATEWAY_CODEC_MESSAGE_WRITER_H_
#define STREAMHUB_GATEWAY_CODEC_MESSAGE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gateway/base/session_id.h"
#include "gateway/codec/batch.h"
#include "gateway/codec/request.h"
#include "gateway/market/market.h"

namespace streamhub {

// What an update says of `quiet`; kWithdrawn: that an operator has taken the
// symbol back, which comes with a snapshot of nothing but empty fields.
enum class QuietNote : uint8_t { kNone, kNotQuiet, kQuiet, kWithdrawn };

class MessageWriter {
 public:
  // The market whose symbols and feeds are told; outlives the writer.
  explicit MessageWriter(const Market& market) : market_(market) {}
  virtual ~MessageWriter() = default;

  MessageWriter(const MessageWriter&) = delete;
  MessageWriter& operator=(const MessageWriter&) = delete;

  // Forgets the last batch.
  void Begin(Envelope envelope) {
    envelope_ = envelope;
    out_.assign(kBatchHeadroom, '\0');
  }

  virtual Encoding encoding() const = 0;

  // Bytes of the message so far.
  virtual size_t size() const { return out_.size() - kBatchHeadroom; }
  bool empty() const { return size() == 0; }

  // The batch, headroom included.
  std::string& out() { return out_; }

  // --- the messages, in any order ---
  // Times are wall clock in ns. `id` is as in Request; empty: none. `feeds` is
  // by FeedId.

  virtual void Hello(uint64_t epoch, SessionId session, int64_t heartbeat_ns,
                     std::span<const FeedStatus> feeds, int64_t wall_ns) = 0;
  virtual void Feed(std::span<const FeedStatus> feeds, int64_t wall_ns) = 0;

  // What is between Begin and End belongs to the ack. `at` empty: not told.
  // `max_rate` in updates per second; infinity: unlimited; 0: not told.
  virtual void BeginAck(std::string_view id, std::string_view at,
                        double max_rate) = 0;
  virtual void AckSymbol(SymbolId symbol) = 0;
  virtual void AckUnknown(std::string_view code) = 0;
  virtual void EndAck(bool more) = 0;

  // Appends one symbol's update to `out`: a frame, for any number of batches.
  // `fields` are the positions to tell, valid in `view`.
  virtual void EncodeQuote(SymbolId symbol, const QuoteView& view,
                           FieldMask fields, bool snapshot, QuietNote quiet,
                           std::string* out) = 0;

  // What is between Begin and End are frames of this encoding.
  virtual void BeginUpdate(uint64_t epoch, int64_t wall_ns) = 0;
  virtual void Quote(std::string_view frame) = 0;
  virtual void EndUpdate() = 0;

  // What is between Begin and End are parts of topics. `lost_known`: false if
  // the client held messages of another run of the gateway. `withdrawn`: an
  // operator has taken the topic back, and there are no messages.
  virtual void BeginMessages(int64_t wall_ns) = 0;
  virtual void Messages(SymbolId topic, const TopicMessages& part,
                        bool lost_known, bool withdrawn = false) = 0;
  virtual void EndMessages() = 0;

  virtual void Synced(std::string_view id) = 0;
  // The ack of a publish.
  virtual void Published(std::string_view id, uint64_t sequence) = 0;
  virtual void Pong(std::string_view id, int64_t wall_ns) = 0;
  virtual void Error(const RequestError& error) = 0;
  virtual void Heartbeat(int64_t wall_ns) = 0;
  // `after_ms`: when to come back; negative: not at all.
  virtual void Closing(uint16_t code, std::string_view reason,
                       int after_ms) = 0;

 protected:
  const Market& market_;
  Envelope envelope_ = Envelope::kLines;
  std::string out_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_MESSAGE_WRITER_H_
