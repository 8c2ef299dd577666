// Reads messages in FlatBuffers (schemas/client.fbs) and says them in JSON, the
// very bytes that JsonWriter would have written: for clients that want one
// form whatever came over the wire, and the proof that the two encodings say
// the same. Pure; one per session, or client that polls; one thread.
//
// Bytes may be hostile: they are verified first, and what is wrong is named
// with its place.

#ifndef STREAMHUB_GATEWAY_CODEC_FLAT_READER_H_
#define STREAMHUB_GATEWAY_CODEC_FLAT_READER_H_

#include <absl/container/flat_hash_map.h>
#include <absl/status/status.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/market/field.h"

namespace streamhub {

// The bytes of the first size-prefixed FlatBuffer of `bytes`, its size
// included; 0 if more must come.
size_t FlatFrameSize(std::string_view bytes);

class FlatReader {
 public:
  // One message: size-prefixed FlatBuffers. Appends one JSON object per line,
  // each but the last ended by '\n'. What is of an unknown kind is passed over.
  // With kHeads quotes come without the fields that changed, which is all that
  // a client needs that only counts them.
  enum class Quotes { kWhole, kHeads };
  absl::Status ToJson(std::string_view message, std::string* lines,
                      Quotes quotes = Quotes::kWhole);

 private:
  struct Symbol {
    std::string code;
    int decimals = 0, quantity_decimals = 0;
  };
  struct Field {
    std::string name;
    FieldKind kind{};
  };
  class Translation;

  std::string frame_;  // at hand

  // What the session has told, or the polls of a client:
  uint64_t epoch_ = 0;
  std::vector<Field> fields_;
  std::vector<std::string> feeds_;
  absl::flat_hash_map<uint32_t, Symbol> symbols_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_FLAT_READER_H_
