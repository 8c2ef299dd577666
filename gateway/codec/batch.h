// A batch: one message of JSON objects to one client, wrapped as its transport
// needs. Sessions build batches in one buffer per shard.

#ifndef STREAMHUB_GATEWAY_CODEC_BATCH_H_
#define STREAMHUB_GATEWAY_CODEC_BATCH_H_

#include <cstddef>
#include <string>

namespace streamhub {

enum class Envelope {
  kLines,  // objects with '\n' between them: a WebSocket message
  kSse,    // one event per object (WHATWG HTML, 9.2.5)
};

// Room before the message for what a transport puts in front of it.
inline constexpr size_t kBatchHeadroom = 16;

class BatchWriter {
 public:
  void Begin(Envelope envelope) {
    envelope_ = envelope;
    out_.assign(kBatchHeadroom, '\0');
  }

  void BeginObject() {
    if (envelope_ == Envelope::kSse) {
      out_ += "data: ";
    } else if (!empty()) {
      out_ += '\n';
    }
  }

  void EndObject() {
    if (envelope_ == Envelope::kSse) out_ += "\n\n";
  }

  // Bytes of the message so far.
  size_t size() const { return out_.size() - kBatchHeadroom; }
  bool empty() const { return size() == 0; }
  Envelope envelope() const { return envelope_; }

  // The buffer, headroom included.
  std::string& out() { return out_; }

 private:
  Envelope envelope_ = Envelope::kLines;
  std::string out_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_BATCH_H_
