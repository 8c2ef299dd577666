// What the decoders of the three venues share: the parsed message, the lists
// that are made of it, and members taken out of it, each checked for what it
// has to be. Of decoder.h, for its implementation only.

#ifndef STREAMHUB_FEEDS_CRYPTO_DECODING_H_
#define STREAMHUB_FEEDS_CRYPTO_DECODING_H_

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/crypto/messages.h"
#include "feeds/csv/time_text.h"

namespace streamhub::crypto {

class Decoding {
 public:
  using Array = simdjson::dom::array;
  using Element = simdjson::dom::element;
  using Object = simdjson::dom::object;

  Decoding();

  bool Parse(std::string_view json, Element* root);

  // Always false: `name` is wrong, `why`.
  bool Fail(std::string_view name, std::string_view why);

  // A member of `object`. False, without a fault, if there is none.
  static bool Find(const Object& object, std::string_view name, Element* value);
  static bool Has(const Object& object, std::string_view name);
  // Its text; empty if it is none.
  static std::string_view Word(const Object& object, std::string_view name);

  // Each false with a fault if the member is not there or not such a thing.
  bool Symbol(const Object& object, std::string_view name,
              std::string_view* symbol);
  bool CheckSymbol(std::string_view name, std::string_view symbol);
  // A string of digits with or without a point.
  bool Decimal(const Object& object, std::string_view name,
               std::string_view* text);
  bool Number(const Object& object, std::string_view name, uint64_t* number);
  // Milliseconds since 1970 as a number, to ns.
  bool Millis(const Object& object, std::string_view name, int64_t* ns);
  // RFC 3339, of Coinbase; 0 if there is none.
  bool DateTime(const Object& object, std::string_view name, int64_t* ns);
  bool List(const Object& object, std::string_view name, Array* list);
  // A list of [price, size, ...], appended to `*levels`.
  bool Levels(const Object& object, std::string_view name,
              std::vector<LevelText>* levels);
  // A list's first texts, `count` of them: false without a fault.
  static bool Texts(const Element& list, std::string_view* texts, size_t count);
  // Seconds since 1970 as a text, to ns: false without a fault.
  static bool Seconds(std::string_view text, int64_t* ns);

  // Hands the lists to the message.
  void PutLevels(Message* message) const;
  void PutTrades(Message* message) const;

  std::string fault;
  // Of the message at hand.
  std::vector<LevelText> bids;
  std::vector<LevelText> asks;
  std::vector<TradeText> trades;
  // Binance symbols that were seen: the first, and whether there were others.
  std::string first_symbol;
  bool several_symbols = false;

 private:
  simdjson::dom::parser parser_;
  std::vector<char> padded_;
  const csv::TimeReader times_;
};

// Each fills in what the message says. False with a fault.
bool DecodeBinance(Decoding::Object object, Decoding& d, Message* message);
bool DecodeCoinbase(const Decoding::Object& object, Decoding& d,
                    Message* message);
bool DecodeKrakenEvent(const Decoding::Object& object, Decoding& d,
                       Message* message);
bool DecodeKraken(const Decoding::Array& array, Decoding& d, Message* message);

}  // namespace streamhub::crypto

#endif  // STREAMHUB_FEEDS_CRYPTO_DECODING_H_
