// The golden facts beside captures of Coinbase and Kraken.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "feeds/csv/time_text.h"
#include "tests/feeds/crypto/golden_capture.h"

namespace streamhub::crypto {
namespace {

using Kind = Message::Kind;

class WsGoldenTest : public CaptureGoldenTest {
 protected:
  struct Product {
    std::map<std::string, int64_t> messages;
    int64_t matches = 0;
    int64_t volume = 0;
    int64_t taker_bought = 0;
    std::string last_match, last_ticker;  // as they were received
    uint32_t last_checksum = 0;
  };

  void Note() {
    const Message& m = Given();
    ++types_[std::string(m.type)];
    if (m.symbol.empty()) return;
    Product& product = products_[std::string(m.symbol)];
    ++product.messages[std::string(m.type)];
    if (m.kind == Kind::kBest) product.last_ticker = line_.json;
    if (m.book.checksum.has_value()) product.last_checksum = *m.book.checksum;
    if (m.type != "match") return;
    const int64_t size = Scaled(m.trades[0].size, SizeDecimals(m.symbol));
    ++product.matches;
    product.volume += size;
    if (m.trades[0].taker == Taker::kBuyer) product.taker_bought += size;
    product.last_match = line_.json;
  }

  void PlayPoints(const std::string& size) {
    for (const element& point : facts_["book_at"]) {
      Play(SecondsOf(point["lines_with_local_s_le"]), [&](auto) { Note(); });
      for (const auto& [symbol, book] : object(point["book"])) {
        ExpectBook(symbol, book, size);
      }
    }
    Play(kForEver, [&](auto) { Note(); });
    EXPECT_EQ(count_, int64_t(facts_["lines"]));
    EXPECT_EQ(first_ns_, SecondsOf(facts_["first_local_s"]));
    EXPECT_EQ(last_ns_, SecondsOf(facts_["last_local_s"]));
  }

  static std::map<std::string, int64_t> Counts(const element& fact) {
    std::map<std::string, int64_t> counts;
    for (const auto& [name, number] : object(fact)) {
      counts[std::string(name)] = int64_t(number);
    }
    return counts;
  }

  // What a message says of a thing that the facts name.
  static void ExpectSaid(const std::string& json, std::string_view name,
                         const element& fact) {
    uint64_t number = 0;
    std::string_view text;
    if (fact.get(number) == simdjson::SUCCESS) {
      EXPECT_EQ(Behind(json, name), std::to_string(number));
    } else if (fact.get(text) == simdjson::SUCCESS) {
      EXPECT_EQ(Behind(json, name), text);
    } else {
      ADD_FAILURE() << name;
    }
  }

  std::map<std::string, int64_t> types_;
  std::map<std::string, Product> products_;
};

TEST_F(WsGoldenTest, Coinbase) {
  if (!Open("ws", "coinbase_20210417.ws.gz")) {
    GTEST_SKIP() << "no captures at " << kFolder;
  }
  PlayPoints("size");
  EXPECT_EQ(types_, Counts(facts_["messages_by_type"]));
  const object facts = facts_["per_product"];
  EXPECT_EQ(products_.size(), facts.size());
  const csv::TimeReader times(csv::TimeForm(), *SessionTime::Create("UTC"), 0);
  for (const auto& [name, fact] : facts) {
    Product& product = products_[std::string(name)];
    EXPECT_EQ(product.messages, Counts(fact["messages"])) << name;
    EXPECT_EQ(product.matches, int64_t(fact["match_count"]));
    EXPECT_EQ(product.volume, Size(name, fact["match_volume"]));
    EXPECT_EQ(product.taker_bought, Size(name, fact["taker_buy_volume"]));
    ExpectBook(name, fact["book_at_end"], "size");
    for (const std::string_view member :
         {"price", "best_bid", "best_ask", "sequence"}) {
      ExpectSaid(product.last_ticker, member, fact["last_ticker"][member]);
    }
    // That alone makes the last price, and the tape's end.
    const bool traded = product.matches > 0;
    EXPECT_EQ(feed_->Value(name, FieldId::kLast) != kEmpty, traded) << name;
    EXPECT_EQ(feed_->Value(name, FieldId::kVolume),
              traded ? product.volume : kEmpty);
    const auto tape = TapeOf(feed_->market.market, name);
    EXPECT_EQ(static_cast<int64_t>(tape.size()), product.matches);
    element last;
    ASSERT_EQ(fact["last_match"].get(last) == simdjson::SUCCESS, traded);
    if (!traded) continue;
    for (const std::string_view member :
         {"price", "size", "trade_id", "sequence", "time"}) {
      ExpectSaid(product.last_match, member, last[member]);
    }
    ExpectSaid(product.last_match, "side", last["maker_side"]);
    int64_t time_ns = 0;
    ASSERT_TRUE(times.Read(std::string_view(last["time"]), &time_ns));
    EXPECT_EQ(feed_->Value(name, FieldId::kTradeTime), time_ns);
    EXPECT_EQ(feed_->Value(name, FieldId::kLast), Price(name, last["price"]));
    EXPECT_EQ(feed_->Value(name, FieldId::kLastSize), Size(name, last["size"]));
    const bool buyer_made = std::string_view(last["maker_side"]) == "buy";
    EXPECT_TRUE(tape.back().ends_with(
        std::string("\"side\":\"") + (buyer_made ? "sell" : "buy") +
        "\",\"id\":\"" + std::to_string(uint64_t(last["trade_id"])) + "\"}"))
        << tape.back();
  }
  EXPECT_EQ(feed_->handler.tally().losses, 0);
  EXPECT_EQ(feed_->handler.tally().early_updates, 0);
  ExpectSameByReader();
}

TEST_F(WsGoldenTest, Kraken) {
  if (!Open("ws", "kraken_20210417.ws.gz")) {
    GTEST_SKIP() << "no captures at " << kFolder;
  }
  PlayPoints("vol");
  std::map<std::string, int64_t> types = Counts(facts_["messages"]);
  EXPECT_EQ(types_["book snapshot"], types["book_snapshot"]);
  EXPECT_EQ(types_["book update"], types["book_update"]);
  EXPECT_EQ(types_["heartbeat"], types["heartbeat"]);
  EXPECT_EQ(types_["systemStatus"], types["systemStatus"]);
  EXPECT_EQ(types_["subscriptionStatus"], types["subscriptionStatus"]);
  EXPECT_EQ(types_.size(), types.size());
  const Tally& tally = feed_->handler.tally();
  const element checks = facts_["checksum_verification"];
  EXPECT_EQ(tally.updates, int64_t(checks["checked"]));
  EXPECT_EQ(tally.checksums, int64_t(checks["match"]));
  EXPECT_EQ(tally.losses, 0);
  const object facts = facts_["per_pair"];
  EXPECT_EQ(products_.size(), facts.size());
  for (const auto& [name, fact] : facts) {
    Product& product = products_[std::string(name)];
    EXPECT_EQ(product.messages["book snapshot"], int64_t(fact["snapshots"]));
    EXPECT_EQ(product.messages["book update"], int64_t(fact["updates"]));
    EXPECT_EQ(product.last_checksum, uint64_t(fact["last_checksum"]));
    ExpectBook(name, fact["book_at_end"], "vol");
  }
  ExpectSameByReader();
}

}  // namespace
}  // namespace streamhub::crypto
