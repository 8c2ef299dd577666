// Binance's messages: Spot and USD-M/COIN-M "WebSocket Streams", and REST
// "depth" (/api/v3/depth, /fapi/v1/depth).

#include <absl/strings/ascii.h>

#include "feeds/crypto/decoding.h"

namespace streamhub::crypto {
namespace {

using Object = Decoding::Object;

// Books of a few levels, whole every time, are told by the stream's name only:
// of futures they look like updates.
bool IsPartialBook(std::string_view stream) {
  constexpr std::string_view kDepth = "@depth";
  const size_t at = stream.find(kDepth);
  if (at == stream.npos) return false;
  const std::string_view rest = stream.substr(at + kDepth.size());
  return !rest.empty() && absl::ascii_isdigit(rest[0]);
}

bool Symbol(const Object& object, Decoding& d, Message* m) {
  if (!d.Symbol(object, "s", &m->symbol)) return false;
  if (d.first_symbol.empty()) {
    d.first_symbol = m->symbol;
  } else if (m->symbol != d.first_symbol) {
    d.several_symbols = true;
  }
  return true;
}

// T, else E, else there is none.
bool Time(const Object& object, Decoding& d, int64_t* ns) {
  for (const std::string_view name : {"T", "E"}) {
    if (Decoding::Has(object, name)) return d.Millis(object, name, ns);
  }
  return true;
}

bool Depth(const Object& object, Decoding& d, Message* m) {
  m->kind = Message::Kind::kBook;
  UpdateIds& ids = m->book.ids;
  if (!Symbol(object, d, m) || !Time(object, d, &m->event_ns) ||
      !d.Number(object, "U", &ids.first) || !d.Number(object, "u", &ids.last)) {
    return false;
  }
  if (ids.first > ids.last) return d.Fail("U", "is beyond u");
  if (Decoding::Has(object, "pu")) {
    uint64_t previous = 0;
    if (!d.Number(object, "pu", &previous)) return false;
    ids.previous = previous;
  }
  if (!d.Levels(object, "b", &d.bids) || !d.Levels(object, "a", &d.asks)) {
    return false;
  }
  d.PutLevels(m);
  return true;
}

bool Snapshot(const Object& object, Decoding& d, Message* m) {
  m->kind = Message::Kind::kBook;
  m->type = "depthSnapshot";
  m->book.snapshot = true;
  if (d.first_symbol.empty() || d.several_symbols) {
    return d.Fail("lastUpdateId",
                  d.several_symbols
                      ? "a snapshot without a symbol, after several symbols"
                      : "a snapshot without a symbol, before any");
  }
  m->symbol = d.first_symbol;
  if (!d.Number(object, "lastUpdateId", &m->book.ids.last) ||
      !Time(object, d, &m->event_ns) || !d.Levels(object, "bids", &d.bids) ||
      !d.Levels(object, "asks", &d.asks)) {
    return false;
  }
  d.PutLevels(m);
  return true;
}

bool Best(const Object& object, Decoding& d, Message* m) {
  m->kind = Message::Kind::kBest;
  m->type = "bookTicker";
  BestText& best = m->best;
  best.of_book = true;
  return Symbol(object, d, m) && Time(object, d, &m->event_ns) &&
         d.Number(object, "u", &best.id) &&
         d.Decimal(object, "b", &best.bid.price) &&
         d.Decimal(object, "B", &best.bid.size) &&
         d.Decimal(object, "a", &best.ask.price) &&
         d.Decimal(object, "A", &best.ask.size);
}

bool Trade(const Object& object, Decoding& d, Message* m) {
  m->kind = Message::Kind::kTrades;
  TradeText trade;
  uint64_t id = 0;
  bool buyer_is_maker = false;
  if (!Symbol(object, d, m) || !d.Decimal(object, "p", &trade.price) ||
      !d.Decimal(object, "q", &trade.size) || !d.Number(object, "t", &id) ||
      !d.Millis(object, "T", &trade.time_ns)) {
    return false;
  }
  if (object.at_key("m").get(buyer_is_maker) != simdjson::SUCCESS) {
    return d.Fail("m", "want true or false");
  }
  trade.id = id;
  trade.taker = buyer_is_maker ? Taker::kSeller : Taker::kBuyer;
  // Futures say by X whether it was one of the market.
  if (Decoding::Has(object, "X") && Decoding::Word(object, "X") != "MARKET") {
    trade.counts = TradeText::Counts::kOther;
  }
  m->event_ns = trade.time_ns;
  d.trades.push_back(trade);
  d.PutTrades(m);
  return true;
}

}  // namespace

bool DecodeBinance(Object object, Decoding& d, Message* message) {
  message->venue = Venue::kBinance;
  const std::string_view stream = Decoding::Word(object, "stream");
  if (!stream.empty()) {
    Object data;
    if (object.at_key("data").get(data) != simdjson::SUCCESS) {
      return d.Fail("data", "want an object");
    }
    object = data;
  }
  message->type = Decoding::Word(object, "e");
  if (IsPartialBook(stream)) return true;
  if (message->type == "depthUpdate") return Depth(object, d, message);
  if (message->type == "trade") return Trade(object, d, message);
  // Spot does not say it of this one.
  if (message->type == "bookTicker" ||
      (message->type.empty() && Decoding::Has(object, "u") &&
       Decoding::Has(object, "B"))) {
    return Best(object, d, message);
  }
  if (stream.empty() && Decoding::Has(object, "lastUpdateId")) {
    return Snapshot(object, d, message);
  }
  if (Decoding::Has(object, "result")) message->kind = Message::Kind::kNotice;
  return true;
}

}  // namespace streamhub::crypto
