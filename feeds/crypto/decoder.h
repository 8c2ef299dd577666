// The JSON messages of three venues' WebSocket feeds, one by one, to
// messages.h. Whose message it is says its form. Pure, bounds-checked, one
// thread; steady state without allocation: parser and lists grow to the longest
// message and stay. One decoder a connection, or a capture of one.
//
// - Binance, Spot and USD-M/COIN-M "WebSocket Streams": depthUpdate,
//   bookTicker, trade, alone or as {"stream":..,"data":..}; and the answer of
//   REST "depth", which recorders put between them. That has no symbol: it is
//   of the one symbol that was seen before it, and refused if there were more.
//   Books of 5, 10 or 20 levels (streams "@depth5") and aggTrade, which tells
//   the trades of `trade` again, are not read.
//   Time: T (matching) if it is there, else E (sending); bookTicker of Spot
//   and REST of Spot have none.
// - Coinbase Exchange "WebSocket channels": snapshot and l2update (level2),
//   match and last_match (matches), ticker. `side` of a match is the maker's.
// - Kraken "WebSockets API v1": book snapshots and updates with their checksum,
//   trade, heartbeat, systemStatus, subscriptionStatus. The time of a book
//   message is the latest of its levels, but of those that are told again
//   ("r"), because they were below the depth that is kept.
//
// Prices and sizes stay the decimals that were written. A message of another
// type is none of these and is skipped.

#ifndef STREAMHUB_FEEDS_CRYPTO_DECODER_H_
#define STREAMHUB_FEEDS_CRYPTO_DECODER_H_

#include <memory>
#include <string>
#include <string_view>

#include "feeds/crypto/messages.h"

namespace streamhub::crypto {

class Decoding;

class Decoder {
 public:
  Decoder();
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // False if it is no message of any of them, or a damaged one: see fault().
  // `*message` is good until the next call.
  bool Decode(std::string_view json, Message* message);

  // What was wrong, and with which member: "b[3]: want price and size as
  // decimal strings". Fit to be logged.
  const std::string& fault() const;

 private:
  const std::unique_ptr<Decoding> decoding_;
};

}  // namespace streamhub::crypto

#endif  // STREAMHUB_FEEDS_CRYPTO_DECODER_H_
