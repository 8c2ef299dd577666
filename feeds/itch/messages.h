// The messages of NASDAQ TotalView-ITCH 5.0 that build a market, as plain
// structs (specification "NASDAQ TotalView-ITCH 5.0", section 1). Prices are
// integers with four implied decimals, times nanoseconds since midnight of the
// venue's day. Values only; any thread.

#ifndef STREAMHUB_FEEDS_ITCH_MESSAGES_H_
#define STREAMHUB_FEEDS_ITCH_MESSAGES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace streamhub::itch {

// A stock's symbol, left-justified and padded with spaces.
using Stock = std::array<char, 8>;

// The symbol without its padding; points into `stock`.
inline std::string_view StockCode(const Stock& stock) {
  size_t size = stock.size();
  while (size > 0 && stock[size - 1] == ' ') --size;
  return {stock.data(), size};
}

// Cut at 8 bytes.
inline Stock MakeStock(std::string_view code) {
  Stock stock;
  stock.fill(' ');
  code.copy(stock.data(), stock.size());
  return stock;
}

enum class Side : uint8_t { kBuy, kSell };

struct Head {
  uint16_t locate = 0;  // the stock's number, valid for one day
  uint16_t tracking = 0;
  uint64_t time_ns = 0;

  friend bool operator==(const Head&, const Head&) = default;
};

// S. `code`: O start of messages, S start of system hours, Q start of market
// hours, M end of market hours, E end of system hours, C end of messages.
struct SystemEvent {
  Head head;
  char code = 'O';
  friend bool operator==(const SystemEvent&, const SystemEvent&) = default;
};

// R
struct StockDirectory {
  Head head;
  Stock stock = {};
  char market_category = 'Q';
  char financial_status = 'N';
  uint32_t round_lot = 100;
  friend bool operator==(const StockDirectory&,
                         const StockDirectory&) = default;
};

// H. `state`: T trading, H halted, P paused, Q quotation only.
struct TradingAction {
  Head head;
  Stock stock = {};
  char state = 'T';
  std::array<char, 4> reason = {' ', ' ', ' ', ' '};
  friend bool operator==(const TradingAction&, const TradingAction&) = default;
};

// A, or F if it names its participant.
struct AddOrder {
  Head head;
  uint64_t ref = 0;
  Side side = Side::kBuy;
  uint32_t shares = 0;
  Stock stock = {};
  uint32_t price = 0;
  std::array<char, 4> participant = {};  // NUL bytes: none
  friend bool operator==(const AddOrder&, const AddOrder&) = default;
};

// E: at the order's own price.
struct OrderExecuted {
  Head head;
  uint64_t ref = 0;
  uint32_t shares = 0;
  uint64_t match = 0;
  friend bool operator==(const OrderExecuted&, const OrderExecuted&) = default;
};

// C: at another price. Not printable: it is reported again in bulk, by a Q.
struct OrderExecutedWithPrice {
  Head head;
  uint64_t ref = 0;
  uint32_t shares = 0;
  uint64_t match = 0;
  bool printable = true;
  uint32_t price = 0;
  friend bool operator==(const OrderExecutedWithPrice&,
                         const OrderExecutedWithPrice&) = default;
};

// X: a part of the order.
struct OrderCancel {
  Head head;
  uint64_t ref = 0;
  uint32_t shares = 0;
  friend bool operator==(const OrderCancel&, const OrderCancel&) = default;
};

// D
struct OrderDelete {
  Head head;
  uint64_t ref = 0;
  friend bool operator==(const OrderDelete&, const OrderDelete&) = default;
};

// U: the same side and stock under a new reference.
struct OrderReplace {
  Head head;
  uint64_t old_ref = 0;
  uint64_t new_ref = 0;
  uint32_t shares = 0;
  uint32_t price = 0;
  friend bool operator==(const OrderReplace&, const OrderReplace&) = default;
};

// P: an execution of an order that was never displayed.
struct Trade {
  Head head;
  uint64_t ref = 0;
  Side side = Side::kBuy;
  uint32_t shares = 0;
  Stock stock = {};
  uint32_t price = 0;
  uint64_t match = 0;
  friend bool operator==(const Trade&, const Trade&) = default;
};

// Q: an auction's total. `type`: O opening, C closing, H halted or IPO.
struct CrossTrade {
  Head head;
  uint64_t shares = 0;
  Stock stock = {};
  uint32_t price = 0;
  uint64_t match = 0;
  char type = 'O';
  friend bool operator==(const CrossTrade&, const CrossTrade&) = default;
};

// B: the execution of that match number is void.
struct BrokenTrade {
  Head head;
  uint64_t match = 0;
  friend bool operator==(const BrokenTrade&, const BrokenTrade&) = default;
};

}  // namespace streamhub::itch

#endif  // STREAMHUB_FEEDS_ITCH_MESSAGES_H_
