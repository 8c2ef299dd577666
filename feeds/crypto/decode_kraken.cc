// Kraken's messages: "WebSockets API v1", channels book and trade, and events.

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "feeds/crypto/decoding.h"
#include "feeds/csv/decimal.h"
#include "gateway/base/strings.h"

namespace streamhub::crypto {
namespace {

using Array = Decoding::Array;
using Element = Decoding::Element;
using Object = Decoding::Object;

// Channel number, one or two payloads, channel name, pair.
constexpr size_t kElementsMin = 4;
constexpr size_t kElementsMax = 5;

template <typename T>
bool ParseNumber(std::string_view text, T* number) {
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, *number);
  return !text.empty() && error == std::errc() && stopped == end;
}

// Entries of [price, volume, timestamp(, "r")].
bool Levels(const Array& list, std::string_view name, Decoding& d,
            std::vector<LevelText>* levels, int64_t* latest_ns) {
  size_t count = 0;
  for (const Element entry : list) {
    std::string_view texts[3];
    int64_t ns = 0;
    if (!Decoding::Texts(entry, texts, 3) || !csv::IsDecimal(texts[0]) ||
        !csv::IsDecimal(texts[1]) || !Decoding::Seconds(texts[2], &ns)) {
      return d.Fail(absl::StrCat(ToAbsl(name), "[", count, "]"),
                    "want price, volume and time as decimal strings");
    }
    levels->push_back({texts[0], texts[1]});
    std::string_view four[4];
    const bool again = Decoding::Texts(entry, four, 4) && four[3] == "r";
    if (!again) *latest_ns = std::max(*latest_ns, ns);
    ++count;
  }
  return true;
}

// One of the payloads of a book message.
bool BookPart(const Element& element, Decoding& d, Message* m) {
  Object object;
  if (element.get(object) != simdjson::SUCCESS) {
    return d.Fail("book", "want an object");
  }
  for (const auto& [name, value] : object) {
    if (name == "c") {
      std::string_view text;
      uint32_t checksum = 0;
      if (value.get(text) != simdjson::SUCCESS ||
          !ParseNumber(text, &checksum)) {
        return d.Fail("c", "want a checksum of 32 bits as a string");
      }
      m->book.checksum = checksum;
      continue;
    }
    const bool bids = name == "b" || name == "bs";
    if (!bids && name != "a" && name != "as") continue;
    Array list;
    if (value.get(list) != simdjson::SUCCESS) {
      return d.Fail(name, "want a list");
    }
    if (name.size() == 2) m->book.snapshot = true;
    if (!Levels(list, name, d, bids ? &d.bids : &d.asks, &m->event_ns)) {
      return false;
    }
  }
  return true;
}

bool Book(std::span<const Element> payloads, std::string_view depth,
          Decoding& d, Message* m) {
  m->kind = Message::Kind::kBook;
  m->type = "book update";
  if (!ParseNumber(depth, &m->book.depth) || m->book.depth == 0) {
    return d.Fail("channel", "want book-DEPTH");
  }
  for (const Element& payload : payloads) {
    if (!BookPart(payload, d, m)) return false;
  }
  if (m->book.snapshot) m->type = "book snapshot";
  d.PutLevels(m);
  return true;
}

bool Trades(std::span<const Element> payloads, Decoding& d, Message* m) {
  m->kind = Message::Kind::kTrades;
  m->type = "trade";
  Array list;
  if (payloads.size() != 1 || payloads[0].get(list) != simdjson::SUCCESS) {
    return d.Fail("trade", "want a list");
  }
  for (const Element entry : list) {
    std::string_view texts[4];  // price, volume, time, side of the taker
    TradeText trade;
    const bool good = Decoding::Texts(entry, texts, 4) &&
                      csv::IsDecimal(texts[0]) && csv::IsDecimal(texts[1]) &&
                      Decoding::Seconds(texts[2], &trade.time_ns) &&
                      (texts[3] == "b" || texts[3] == "s");
    if (!good) {
      return d.Fail(absl::StrCat("trade[", d.trades.size(), "]"),
                    "want price, volume and time as decimal strings, b or s");
    }
    trade.price = texts[0];
    trade.size = texts[1];
    trade.taker = texts[3] == "b" ? Taker::kBuyer : Taker::kSeller;
    m->event_ns = trade.time_ns;
    d.trades.push_back(trade);
  }
  d.PutTrades(m);
  return true;
}

}  // namespace

bool DecodeKraken(const Array& array, Decoding& d, Message* message) {
  message->venue = Venue::kKraken;
  std::array<Element, kElementsMax> elements;
  size_t count = 0;
  for (const Element element : array) {
    if (count == kElementsMax) {
      return d.Fail("message", "has more than 5 elements");
    }
    elements[count++] = element;
  }
  std::string_view channel;
  if (count < kElementsMin ||
      elements[count - 2].get(channel) != simdjson::SUCCESS ||
      elements[count - 1].get(message->symbol) != simdjson::SUCCESS) {
    return d.Fail("message", "want number, data, channel and pair");
  }
  if (!d.CheckSymbol("pair", message->symbol)) return false;
  const std::span<const Element> payloads(elements.data() + 1, count - 3);
  constexpr std::string_view kBook = "book-";
  if (channel.starts_with(kBook)) {
    return Book(payloads, channel.substr(kBook.size()), d, message);
  }
  if (channel == "trade") return Trades(payloads, d, message);
  message->type = channel;
  return true;
}

bool DecodeKrakenEvent(const Object& object, Decoding& d, Message* message) {
  message->venue = Venue::kKraken;
  message->type = Decoding::Word(object, "event");
  message->kind = Message::Kind::kNotice;
  if (message->type != "subscriptionStatus") return true;
  // An error may name no pair.
  message->symbol = Decoding::Word(object, "pair");
  if (message->symbol.empty()) return true;
  if (!d.CheckSymbol("pair", message->symbol)) return false;
  Object subscription;
  message->ended =
      Decoding::Word(object, "status") == "unsubscribed" &&
      object.at_key("subscription").get(subscription) == simdjson::SUCCESS &&
      Decoding::Word(subscription, "name") == "book";
  return true;
}

}  // namespace streamhub::crypto
