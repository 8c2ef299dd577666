// Coinbase Exchange's messages: "WebSocket channels" level2, matches, ticker,
// heartbeat.

#include <absl/strings/str_cat.h>

#include "feeds/crypto/decoding.h"
#include "feeds/csv/decimal.h"

namespace streamhub::crypto {
namespace {

using Object = Decoding::Object;

bool Head(const Object& object, Decoding& d, Message* m) {
  return d.Symbol(object, "product_id", &m->symbol) &&
         d.DateTime(object, "time", &m->event_ns);
}

bool Snapshot(const Object& object, Decoding& d, Message* m) {
  m->kind = Message::Kind::kBook;
  m->book.snapshot = true;
  if (!Head(object, d, m) || !d.Levels(object, "bids", &d.bids) ||
      !d.Levels(object, "asks", &d.asks)) {
    return false;
  }
  d.PutLevels(m);
  return true;
}

bool Update(const Object& object, Decoding& d, Message* m) {
  m->kind = Message::Kind::kBook;
  Decoding::Array changes;
  if (!Head(object, d, m) || !d.List(object, "changes", &changes)) return false;
  size_t count = 0;
  for (const Decoding::Element change : changes) {
    std::string_view texts[3];  // side, price, size
    const bool good = Decoding::Texts(change, texts, 3) &&
                      (texts[0] == "buy" || texts[0] == "sell") &&
                      csv::IsDecimal(texts[1]) && csv::IsDecimal(texts[2]);
    if (!good) {
      return d.Fail(absl::StrCat("changes[", count, "]"),
                    "want buy or sell, price and size as decimal strings");
    }
    (texts[0] == "buy" ? d.bids : d.asks).push_back({texts[1], texts[2]});
    ++count;
  }
  d.PutLevels(m);
  return true;
}

bool Match(const Object& object, Decoding& d, Message* m) {
  m->kind = Message::Kind::kTrades;
  TradeText trade;
  uint64_t id = 0;
  if (!Head(object, d, m) || !d.Decimal(object, "price", &trade.price) ||
      !d.Decimal(object, "size", &trade.size) ||
      !d.Number(object, "trade_id", &id)) {
    return false;
  }
  const std::string_view maker = Decoding::Word(object, "side");
  if (maker != "buy" && maker != "sell") {
    return d.Fail("side", "want buy or sell");
  }
  trade.id = id;
  trade.taker = maker == "buy" ? Taker::kSeller : Taker::kBuyer;
  trade.time_ns = m->event_ns;
  if (m->type == "last_match") trade.counts = TradeText::Counts::kBefore;
  d.trades.push_back(trade);
  d.PutTrades(m);
  return true;
}

bool Ticker(const Object& object, Decoding& d, Message* m) {
  m->kind = Message::Kind::kBest;
  return Head(object, d, m) && d.Number(object, "sequence", &m->best.id) &&
         d.Decimal(object, "best_bid", &m->best.bid.price) &&
         d.Decimal(object, "best_ask", &m->best.ask.price);
}

}  // namespace

bool DecodeCoinbase(const Object& object, Decoding& d, Message* message) {
  message->venue = Venue::kCoinbase;
  message->type = Decoding::Word(object, "type");
  const std::string_view type = message->type;
  if (type == "l2update") return Update(object, d, message);
  if (type == "snapshot") return Snapshot(object, d, message);
  if (type == "match" || type == "last_match") return Match(object, d, message);
  if (type == "ticker") return Ticker(object, d, message);
  if (type == "heartbeat" || type == "subscriptions" || type == "error") {
    message->kind = Message::Kind::kNotice;
  }
  return true;
}

}  // namespace streamhub::crypto
