// A venue that there is not, as captures tell of it: one symbol whose book and
// trades change by chance, written as Binance, Coinbase or Kraken would send
// them, with right numbers and checksums. What it holds is kept in maps, and
// the checksum is made from the texts, by other means than the decoder's.

#ifndef STREAMHUB_TESTS_FEEDS_CRYPTO_SAMPLE_VENUE_H_
#define STREAMHUB_TESTS_FEEDS_CRYPTO_SAMPLE_VENUE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamhub::crypto {

// "12.345" of 12345 with 3 decimals.
std::string DecimalText(int64_t scaled, int decimals);

// CRC-32 of IEEE 802.3, bit by bit.
uint32_t PlainCrc32(std::string_view text);

class SampleVenue {
 public:
  enum class Kind { kSpot, kFutures, kCoinbase, kKraken };

  static constexpr int kPriceDecimals = 2;
  static constexpr int kSizeDecimals = 3;

  // `depth` of Kraken's book.
  SampleVenue(Kind kind, uint32_t seed, size_t depth = 25);

  // Each one line of a capture, with its end; time goes on with each.
  std::string Snapshot();
  std::string Update(int changes);
  std::string Best();       // not of Kraken
  std::string Trade();      // a buyer takes the first, a seller the next, ...
  std::string Heartbeat();  // of Coinbase and Kraken

  std::string_view symbol() const;

  // What a client has that got all of it: best first.
  using Levels = std::vector<std::pair<int64_t, int64_t>>;  // price, size
  Levels Bids() const;
  Levels Asks() const;

  int64_t event_ns() const { return event_ns_; }
  uint64_t last_update() const { return last_update_; }
  uint64_t last_trade() const { return last_trade_; }
  int64_t last_price() const { return last_price_; }
  int64_t volume() const { return volume_; }

 private:
  using Side = std::map<int64_t, int64_t>;  // by price, size

  struct Change {
    bool bid;
    int64_t price;
    int64_t size;
    bool again = false;
  };

  std::string Line(const std::string& json);
  Change Next();
  Levels Best(const Side& side, bool bids) const;
  std::string List(const std::vector<Change>& changes, bool bids) const;
  std::string SnapshotList(bool bids) const;
  std::string KrakenUpdate(const std::vector<Change>& changes,
                           const Levels& bids_before,
                           const Levels& asks_before) const;
  uint32_t Checksum() const;
  std::string Millis() const;
  std::string Seconds(int64_t ns) const;
  std::string DateTime() const;

  const Kind kind_;
  const size_t depth_;
  std::mt19937 random_;
  Side bids_;
  Side asks_;
  int64_t event_ns_;
  uint64_t last_update_ = 1000;
  uint64_t last_trade_ = 500;
  int64_t last_price_ = 0;
  int64_t volume_ = 0;
};

}  // namespace streamhub::crypto

#endif  // STREAMHUB_TESTS_FEEDS_CRYPTO_SAMPLE_VENUE_H_
