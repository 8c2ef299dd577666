#include "feeds/crypto/decoder.h"

#include "feeds/crypto/decoding.h"

namespace streamhub::crypto {

Decoder::Decoder() : decoding_(std::make_unique<Decoding>()) {}

Decoder::~Decoder() = default;

const std::string& Decoder::fault() const { return decoding_->fault; }

bool Decoder::Decode(std::string_view json, Message* message) {
  Decoding& d = *decoding_;
  *message = Message();
  d.bids.clear();
  d.asks.clear();
  d.trades.clear();
  Decoding::Element root;
  if (!d.Parse(json, &root)) return false;
  Decoding::Array array;
  if (root.get(array) == simdjson::SUCCESS) {
    return DecodeKraken(array, d, message);
  }
  Decoding::Object object;
  if (root.get(object) != simdjson::SUCCESS) {
    return d.Fail("message", "want an object or a list");
  }
  if (Decoding::Has(object, "stream")) return DecodeBinance(object, d, message);
  if (!Decoding::Word(object, "type").empty()) {
    return DecodeCoinbase(object, d, message);
  }
  if (!Decoding::Word(object, "event").empty()) {
    return DecodeKrakenEvent(object, d, message);
  }
  return DecodeBinance(object, d, message);
}

}  // namespace streamhub::crypto
