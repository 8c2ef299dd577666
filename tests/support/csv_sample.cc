#include "tests/support/csv_sample.h"

#include <cstdio>
#include <iterator>
#include <map>
#include <random>
#include <tuple>

namespace streamhub::csv {
namespace {

using Side = std::map<int64_t, int64_t>;  // by price, the size

SampleLevels LevelsOf(const Side& side, bool bids) {
  if (bids) return {side.rbegin(), side.rend()};
  return {side.begin(), side.end()};
}

std::string Text(int64_t scaled, int decimals) {
  std::string digits = std::to_string(scaled);
  const auto least = static_cast<size_t>(decimals) + 1;
  if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
  if (decimals > 0) {
    digits.insert(digits.size() - static_cast<size_t>(decimals), ".");
  }
  return digits;
}

// A LOBSTER day as it is being written.
class Day {
 public:
  Day(uint32_t seed, int levels)
      : levels_(static_cast<size_t>(levels)), random_(seed) {}

  void Step(LobsterSample* out) {
    time_ns_ += 1 + static_cast<int64_t>(random_() % 100'000'000);
    const uint32_t dice = random_() % 100;
    if (orders_.size() < 40 || dice < 45) {
      New(out);
    } else if (dice < 55) {
      Hidden(out);
    } else {
      Take(dice, out);
    }
    out->bids.push_back(LevelsOf(bids_, true));
    out->asks.push_back(LevelsOf(asks_, false));
    out->times_ns.push_back(time_ns_);
    WriteBook(out->bids.back(), out->asks.back(), &out->orderbook);
  }

 private:
  struct Order {
    bool buy;
    int64_t price;
    int64_t shares;
  };

  void New(LobsterSample* out) {
    const bool buy = random_() % 2 == 0;
    const int64_t price =
        5'850'000 +
        (buy ? -100 : 100) * static_cast<int64_t>(1 + random_() % 20);
    const auto shares = static_cast<int64_t>(1 + random_() % 300);
    orders_[++last_order_] = {buy, price, shares};
    (buy ? bids_ : asks_)[price] += shares;
    Write(1, last_order_, shares, price, buy, &out->messages);
  }

  // Of a hidden order nothing is in the book.
  void Hidden(LobsterSample* out) {
    const auto shares = static_cast<int64_t>(1 + random_() % 100);
    Trade(5'850'000, shares, out);
    Write(5, 0, shares, 5'850'000, random_() % 2 == 0, &out->messages);
  }

  void Take(uint32_t dice, LobsterSample* out) {
    const auto it =
        std::next(orders_.begin(),
                  static_cast<std::ptrdiff_t>(random_() % orders_.size()));
    const auto [buy, price, all] = it->second;
    const bool part = all > 1 && dice % 2 == 0;
    const int64_t shares = part ? all / 2 : all;
    const bool trade = dice < 75;
    Write(trade  ? 4
          : part ? 2
                 : 3,
          it->first, shares, price, buy, &out->messages);
    if (trade) Trade(price, shares, out);
    Side& side = buy ? bids_ : asks_;
    side[price] -= shares;
    if (side[price] == 0) side.erase(price);
    it->second.shares -= shares;
    if (it->second.shares == 0) orders_.erase(it);
  }

  void Trade(int64_t price, int64_t shares, LobsterSample* out) {
    ++out->trades;
    out->volume += shares;
    out->last_price = price;
    out->last_size = shares;
  }

  void Write(int type, int64_t order, int64_t shares, int64_t price, bool buy,
             std::string* out) const {
    *out += Text(time_ns_, 9) + "," + std::to_string(type) + "," +
            std::to_string(order) + "," + std::to_string(shares) + "," +
            std::to_string(price) + (buy ? ",1\n" : ",-1\n");
  }

  void WriteBook(const SampleLevels& bids, const SampleLevels& asks,
                 std::string* out) const {
    for (size_t i = 0; i < levels_; ++i) {
      for (const auto& [side, none] :
           {std::tuple(&asks, "9999999999,0"), {&bids, "-9999999999,0"}}) {
        if (!out->empty() && out->back() != '\n') *out += ',';
        *out += i < side->size() ? std::to_string((*side)[i].first) + "," +
                                       std::to_string((*side)[i].second)
                                 : std::string(none);
      }
    }
    *out += '\n';
  }

  const size_t levels_;
  std::mt19937 random_;
  int64_t time_ns_ = 34'200'000'000'000;
  std::map<int64_t, Order> orders_;
  int64_t last_order_ = 16'000'000;
  Side bids_;
  Side asks_;
};

}  // namespace

LobsterSample MakeLobsterSample(uint32_t seed, int rows, int levels) {
  LobsterSample sample;
  Day day(seed, levels);
  for (int i = 0; i < rows; ++i) day.Step(&sample);
  return sample;
}

TardisSample MakeTardisSample(uint32_t seed, int messages) {
  constexpr size_t kDepth = 5;
  TardisSample sample;
  std::mt19937 random(seed);
  Side bids, asks;
  int64_t time_us = 1'585'699'200'000'000;
  sample.updates =
      "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,"
      "amount\n";
  sample.snapshots = "exchange,symbol,timestamp,local_timestamp";
  for (size_t i = 0; i < kDepth; ++i) {
    const std::string at = "[" + std::to_string(i) + "].";
    sample.snapshots += ",asks" + at + "price,asks" + at + "amount,bids" + at +
                        "price,bids" + at + "amount";
  }
  sample.snapshots += '\n';
  for (int m = 0; m < messages; ++m) {
    time_us += 1 + static_cast<int64_t>(random() % 50'000);
    const std::string head = "deribit,XBTUSD," + std::to_string(time_us) + "," +
                             std::to_string(time_us + 700);
    const bool snapshot = m == 0 || m == messages / 2;
    int rows = 0;
    const auto write = [&](bool bid, int64_t price, int64_t size) {
      sample.updates += head + (snapshot ? ",true," : ",false,") +
                        (bid ? "bid," : "ask,") +
                        Text(price, TardisSample::kPriceDecimals) + "," +
                        Text(size, TardisSample::kSizeDecimals) + "\n";
      ++rows;
    };
    const auto change = [&] {
      const bool bid = random() % 2 == 0;
      const int64_t price =
          64'215 + (bid ? -5 : 5) * static_cast<int64_t>(1 + random() % 30);
      int64_t size = random() % 3 == 0 ? 0 : 1 + random() % 90'000;
      if (snapshot) size = 1 + random() % 90'000;
      (bid ? bids : asks)[price] = size;
      if (size == 0) (bid ? bids : asks).erase(price);
      if (!snapshot) write(bid, price, size);
    };
    if (snapshot) {
      bids.clear();
      asks.clear();
      for (int i = 0; i < 40; ++i) change();
      for (const auto& [price, size] : bids) write(true, price, size);
      for (const auto& [price, size] : asks) write(false, price, size);
    } else {
      for (uint32_t i = random() % 4 + 1; i > 0; --i) change();
    }
    sample.bids.push_back(LevelsOf(bids, true));
    sample.asks.push_back(LevelsOf(asks, false));
    sample.times_ns.push_back(time_us * 1'000);
    sample.rows.push_back(rows);
    sample.snapshots += head;
    for (size_t i = 0; i < kDepth; ++i) {
      for (const SampleLevels* side :
           {&sample.asks.back(), &sample.bids.back()}) {
        sample.snapshots +=
            i < side->size()
                ? "," + Text((*side)[i].first, TardisSample::kPriceDecimals) +
                      "," + Text((*side)[i].second, TardisSample::kSizeDecimals)
                : ",,";
      }
    }
    sample.snapshots += '\n';
  }
  return sample;
}

}  // namespace streamhub::csv
