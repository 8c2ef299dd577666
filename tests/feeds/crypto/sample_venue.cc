#include "tests/feeds/crypto/sample_venue.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace streamhub::crypto {
namespace {

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kSecond = 1'000'000'000;
// 2024-08-08 23:54:14 UTC.
constexpr int64_t kBegin = 1'723'161'254 * kSecond;
// The recorder's clock is behind the venue's.
constexpr int64_t kBehind = 1'270 * kMillisecond;

constexpr int64_t kMiddle = 100'00;
constexpr int64_t kSpread = 60;

std::string Quoted(const std::string& text) { return "\"" + text + "\""; }

std::string PriceText(int64_t price) {
  return DecimalText(price, SampleVenue::kPriceDecimals);
}
std::string SizeText(int64_t size) {
  return DecimalText(size, SampleVenue::kSizeDecimals);
}
std::string Number(uint64_t number) { return std::to_string(number); }

}  // namespace

std::string DecimalText(int64_t scaled, int decimals) {
  std::string digits = std::to_string(scaled);
  const auto least = static_cast<size_t>(decimals) + 1;
  if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
  if (decimals > 0) {
    digits.insert(digits.size() - static_cast<size_t>(decimals), ".");
  }
  return digits;
}

uint32_t PlainCrc32(std::string_view text) {
  uint32_t crc = ~uint32_t{0};
  for (const char c : text) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
    }
  }
  return ~crc;
}

SampleVenue::SampleVenue(Kind kind, uint32_t seed, size_t depth)
    : kind_(kind), depth_(depth), random_(seed), event_ns_(kBegin) {
  for (int i = 0; i < 120; ++i) {
    const Change change = Next();
    if (change.size > 0) {
      (change.bid ? bids_ : asks_)[change.price] = change.size;
    }
  }
}

std::string_view SampleVenue::symbol() const {
  switch (kind_) {
    case Kind::kSpot:
    case Kind::kFutures:
      return "BTCUSDT";
    case Kind::kCoinbase:
      return "SKL-USD";
    case Kind::kKraken:
      break;
  }
  return "XMR/USD";
}

// One level anywhere in the book; now and then it is gone.
SampleVenue::Change SampleVenue::Next() {
  const bool bid = random_() % 2 == 0;
  const auto away = static_cast<int64_t>(1 + random_() % kSpread);
  const int64_t size =
      random_() % 3 == 0 ? 0 : static_cast<int64_t>(1 + random_() % 90'000);
  return {bid, bid ? kMiddle - away : kMiddle + away, size};
}

std::string SampleVenue::Millis() const {
  return std::to_string(event_ns_ / kMillisecond);
}

std::string SampleVenue::Seconds(int64_t ns) const {
  return DecimalText(ns / 1'000, 6);
}

std::string SampleVenue::DateTime() const {
  const std::time_t seconds = event_ns_ / kSecond;
  std::tm broken = {};
  gmtime_r(&seconds, &broken);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &broken);
  char all[48];
  std::snprintf(all, sizeof all, "%s.%06dZ", text,
                static_cast<int>(event_ns_ % kSecond / 1'000));
  return all;
}

std::string SampleVenue::Line(const std::string& json) {
  const bool binance = kind_ == Kind::kSpot || kind_ == Kind::kFutures;
  const int64_t received_ns = event_ns_ - kBehind;
  const std::string time =
      binance ? std::to_string(received_ns) : Seconds(received_ns) + ":";
  return time + " " + json + "\n";
}

SampleVenue::Levels SampleVenue::Best(const Side& side, bool bids) const {
  Levels levels(side.begin(), side.end());
  if (bids) std::reverse(levels.begin(), levels.end());
  if (kind_ == Kind::kKraken && levels.size() > depth_) levels.resize(depth_);
  return levels;
}

SampleVenue::Levels SampleVenue::Bids() const { return Best(bids_, true); }
SampleVenue::Levels SampleVenue::Asks() const { return Best(asks_, false); }

// The entries of one side: [price, size], and what the venue has besides.
std::string SampleVenue::List(const std::vector<Change>& changes,
                              bool bids) const {
  std::string list;
  for (const Change& change : changes) {
    if (change.bid != bids && kind_ != Kind::kCoinbase) continue;
    list += list.empty() ? "[" : ",[";
    if (kind_ == Kind::kCoinbase) list += change.bid ? "\"buy\"," : "\"sell\",";
    list +=
        Quoted(PriceText(change.price)) + "," + Quoted(SizeText(change.size));
    if (kind_ == Kind::kKraken) {
      const int64_t ns = change.again ? event_ns_ - 60 * kSecond : event_ns_;
      list += "," + Quoted(Seconds(ns)) + (change.again ? ",\"r\"" : "");
    }
    list += "]";
  }
  return "[" + list + "]";
}

std::string SampleVenue::SnapshotList(bool bids) const {
  std::string list;
  for (const auto& [price, size] : bids ? Bids() : Asks()) {
    list += list.empty() ? "[" : ",[";
    list += Quoted(PriceText(price)) + "," + Quoted(SizeText(size));
    if (kind_ == Kind::kKraken) list += "," + Quoted(Seconds(event_ns_));
    list += "]";
  }
  return "[" + list + "]";
}

std::string SampleVenue::Snapshot() {
  event_ns_ += kMillisecond;
  const std::string bids = SnapshotList(true);
  const std::string asks = SnapshotList(false);
  switch (kind_) {
    case Kind::kSpot:
      return Line("{\"lastUpdateId\":" + Number(last_update_) +
                  ",\"bids\":" + bids + ",\"asks\":" + asks + "}");
    case Kind::kFutures:
      return Line("{\"lastUpdateId\":" + Number(last_update_) +
                  ",\"E\":" + Millis() + ",\"T\":" + Millis() +
                  ",\"bids\":" + bids + ",\"asks\":" + asks + "}");
    case Kind::kCoinbase:
      return Line("{\"type\":\"snapshot\",\"product_id\":\"SKL-USD\"," +
                  ("\"asks\":" + asks + ",\"bids\":" + bids + "}"));
    case Kind::kKraken:
      break;
  }
  return Line("[992,{\"as\":" + asks + ",\"bs\":" + bids + "},\"book-" +
              Number(depth_) + "\",\"XMR/USD\"]");
}

std::string SampleVenue::Update(int count) {
  event_ns_ += kMillisecond;
  const Levels bids_before = Bids();
  const Levels asks_before = Asks();
  std::vector<Change> changes;
  for (int i = 0; i < count; ++i) {
    changes.push_back(Next());
    const Change& change = changes.back();
    Side& side = change.bid ? bids_ : asks_;
    if (change.size == 0) {
      side.erase(change.price);
    } else {
      side[change.price] = change.size;
    }
  }
  if (kind_ == Kind::kKraken) {
    return Line(KrakenUpdate(changes, bids_before, asks_before));
  }
  if (kind_ == Kind::kCoinbase) {
    return Line("{\"type\":\"l2update\",\"product_id\":\"SKL-USD\"," +
                ("\"changes\":" + List(changes, true) +
                 ",\"time\":" + Quoted(DateTime()) + "}"));
  }
  // Futures' numbers count for other symbols, too.
  const uint64_t previous = last_update_;
  const bool futures = kind_ == Kind::kFutures;
  const uint64_t first = previous + 1 + (futures ? random_() % 5 : 0);
  last_update_ = first + static_cast<uint64_t>(count) - 1;
  std::string json = "{\"stream\":\"btcusdt@depth@100ms\",\"data\":{";
  json += "\"e\":\"depthUpdate\",\"E\":" + Millis();
  if (futures) json += ",\"T\":" + Millis();
  json += ",\"s\":\"BTCUSDT\",\"U\":" + Number(first) +
          ",\"u\":" + Number(last_update_);
  if (futures) json += ",\"pu\":" + Number(previous);
  return Line(json + ",\"b\":" + List(changes, true) +
              ",\"a\":" + List(changes, false) + "}}");
}

// Of a level that comes into the depth without having changed the client is
// told again; of one that leaves it it is not told.
std::string SampleVenue::KrakenUpdate(const std::vector<Change>& changes,
                                      const Levels& bids_before,
                                      const Levels& asks_before) const {
  std::vector<Change> told;
  for (const bool bid : {true, false}) {
    const Levels& before = bid ? bids_before : asks_before;
    const Levels after = bid ? Bids() : Asks();
    const auto has = [](const Levels& levels, int64_t price) {
      return std::any_of(levels.begin(), levels.end(), [&](const auto& level) {
        return level.first == price;
      });
    };
    for (const Change& change : changes) {
      if (change.bid == bid &&
          (has(before, change.price) || has(after, change.price))) {
        told.push_back(change);
      }
    }
    for (const auto& [price, size] : after) {
      const bool changed = std::any_of(changes.begin(), changes.end(),
                                       [&, at = price](const Change& c) {
                                         return c.bid == bid && c.price == at;
                                       });
      if (!changed && !has(before, price)) {
        told.push_back({bid, price, size, /*again=*/true});
      }
    }
  }
  const std::string bids = List(told, true);
  const std::string asks = List(told, false);
  const std::string end = ",\"c\":" + Quoted(Number(Checksum())) + "},\"book-" +
                          Number(depth_) + "\",\"XMR/USD\"]";
  // Nothing that the client would know of.
  if (told.empty()) return "{\"event\":\"heartbeat\"}";
  if (asks == "[]") return "[992,{\"b\":" + bids + end;
  if (bids == "[]") return "[992,{\"a\":" + asks + end;
  return "[992,{\"a\":" + asks + "},{\"b\":" + bids + end;
}

uint32_t SampleVenue::Checksum() const {
  std::string text;
  const auto append = [&text](std::string decimal) {
    decimal.erase(decimal.find('.'), 1);
    decimal.erase(0, decimal.find_first_not_of('0'));
    text += decimal;
  };
  for (const Levels& levels : {Asks(), Bids()}) {
    for (size_t i = 0; i < std::min<size_t>(levels.size(), 10); ++i) {
      append(PriceText(levels[i].first));
      append(SizeText(levels[i].second));
    }
  }
  return PlainCrc32(text);
}

std::string SampleVenue::Best() {
  event_ns_ += kMillisecond;
  const auto [bid, bid_size] = Bids().at(0);
  const auto [ask, ask_size] = Asks().at(0);
  if (kind_ == Kind::kCoinbase) {
    return Line("{\"type\":\"ticker\",\"sequence\":" + Number(last_trade_) +
                ",\"product_id\":\"SKL-USD\",\"price\":\"1.00\"," +
                ("\"best_bid\":" + Quoted(PriceText(bid)) +
                 ",\"best_ask\":" + Quoted(PriceText(ask)) +
                 ",\"time\":" + Quoted(DateTime()) + "}"));
  }
  const bool futures = kind_ == Kind::kFutures;
  return Line(std::string("{\"stream\":\"btcusdt@bookTicker\",\"data\":{") +
              (futures ? "\"e\":\"bookTicker\"," : "") +
              "\"u\":" + Number(last_update_) + ",\"s\":\"BTCUSDT\",\"b\":" +
              Quoted(PriceText(bid)) + ",\"B\":" + Quoted(SizeText(bid_size)) +
              ",\"a\":" + Quoted(PriceText(ask)) +
              ",\"A\":" + Quoted(SizeText(ask_size)) +
              (futures ? ",\"T\":" + Millis() + ",\"E\":" + Millis() : "") +
              "}}");
}

std::string SampleVenue::Trade() {
  event_ns_ += kMillisecond;
  last_price_ = kMiddle + static_cast<int64_t>(random_() % kSpread);
  const auto size = static_cast<int64_t>(1 + random_() % 5'000);
  volume_ += size;
  const bool buyer_takes = ++last_trade_ % 2 == 1;
  const std::string price = Quoted(PriceText(last_price_));
  const std::string size_text = Quoted(SizeText(size));
  switch (kind_) {
    case Kind::kSpot:
    case Kind::kFutures:
      return Line("{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\"," +
                  ("\"E\":" + Millis() + ",\"s\":\"BTCUSDT\",\"t\":" +
                   Number(last_trade_) + ",\"p\":" + price +
                   ",\"q\":" + size_text + ",\"T\":" + Millis()) +
                  (kind_ == Kind::kFutures ? ",\"X\":\"MARKET\"" : "") +
                  ",\"m\":" + (buyer_takes ? "false" : "true") + "}}");
    case Kind::kCoinbase:
      return Line(
          "{\"type\":\"match\",\"trade_id\":" + Number(last_trade_) +
          ",\"side\":" + (buyer_takes ? "\"sell\"" : "\"buy\"") +
          ",\"size\":" + size_text + ",\"price\":" + price +
          ",\"product_id\":\"SKL-USD\",\"sequence\":" + Number(last_trade_) +
          ",\"time\":" + Quoted(DateTime()) + "}");
    case Kind::kKraken:
      break;
  }
  return Line("[337,[[" + price + "," + size_text + "," +
              Quoted(Seconds(event_ns_)) + (buyer_takes ? ",\"b\"" : ",\"s\"") +
              ",\"m\",\"\"]],\"trade\",\"XMR/USD\"]");
}

std::string SampleVenue::Heartbeat() {
  event_ns_ += kMillisecond;
  return Line(kind_ == Kind::kKraken
                  ? "{\"event\":\"heartbeat\"}"
                  : "{\"type\":\"heartbeat\",\"product_id\":\"SKL-USD\"}");
}

}  // namespace streamhub::crypto
