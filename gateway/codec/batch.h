// A batch: one message to one client, wrapped as its transport needs.

#ifndef STREAMHUB_GATEWAY_CODEC_BATCH_H_
#define STREAMHUB_GATEWAY_CODEC_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace streamhub {

enum class Encoding : uint8_t { kJson, kFlat };

enum class Envelope : uint8_t {
  kLines,  // JSON objects with '\n' between them: a WebSocket message
  kSse,    // one event per JSON object (WHATWG HTML, 9.2.5)
  kFlat,   // size-prefixed FlatBuffers, one after the other
};

constexpr Encoding EncodingOf(Envelope envelope) {
  return envelope == Envelope::kFlat ? Encoding::kFlat : Encoding::kJson;
}

// As requests name it.
constexpr std::string_view EncodingName(Encoding encoding) {
  return encoding == Encoding::kFlat ? "fb" : "json";
}

// Of a transport that wraps nothing around the messages.
constexpr Envelope EnvelopeOf(Encoding encoding) {
  return encoding == Encoding::kFlat ? Envelope::kFlat : Envelope::kLines;
}

// Room before the message for what a transport puts in front of it.
inline constexpr size_t kBatchHeadroom = 16;

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_BATCH_H_
