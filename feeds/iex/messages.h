// The messages of IEX TOPS 1.6 and DEEP 1.0 as plain structs (specifications
// "Investors Exchange TOPS Specification" and "Investors Exchange DEEP
// Specification", their sections of administrative, trading and auction
// message formats, and Appendix A of flags). Prices are signed integers with
// four implied decimals, times nanoseconds since 1970 UTC. Values only; any
// thread.

#ifndef STREAMHUB_FEEDS_IEX_MESSAGES_H_
#define STREAMHUB_FEEDS_IEX_MESSAGES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace streamhub::iex {

// A security's symbol, left-justified and padded with spaces.
using Symbol = std::array<char, 8>;

// The symbol without its padding; points into `symbol`.
inline std::string_view SymbolCode(const Symbol& symbol) {
  size_t size = symbol.size();
  while (size > 0 && symbol[size - 1] == ' ') --size;
  return {symbol.data(), size};
}

// Cut at 8 bytes.
inline Symbol MakeSymbol(std::string_view code) {
  Symbol symbol;
  symbol.fill(' ');
  code.copy(symbol.data(), symbol.size());
  return symbol;
}

enum class Side : uint8_t { kBuy, kSell };

// Of a Trade or a TradeBreak: its sale condition.
inline constexpr uint8_t kIntermarketSweep = 0x80;
inline constexpr uint8_t kExtendedHours = 0x40;  // "Form T"
inline constexpr uint8_t kOddLot = 0x20;
inline constexpr uint8_t kTradeThroughExempt = 0x10;
inline constexpr uint8_t kSinglePriceCross = 0x08;

// Whether a trade of these flags sets the last, high and low price (Appendix A,
// "Trade Eligibility Guidelines"). Volume is eligible whatever the flags.
constexpr bool SetsPrice(uint8_t flags) {
  return (flags & (kExtendedHours | kOddLot)) == 0;
}

// Of a QuoteUpdate.
inline constexpr uint8_t kUnavailable = 0x80;  // halted, paused, not traded
inline constexpr uint8_t kOutsideRegularMarket = 0x40;

// Of a PriceLevel: no more levels of the same event follow, so that the book
// is one that really was.
inline constexpr uint8_t kEventComplete = 0x01;

// S. `code`: O start of messages, S start of system hours, R start of regular
// market hours, M end of these, E end of system hours, C end of messages.
struct SystemEvent {
  char code = 'O';
  int64_t time_ns = 0;
  friend bool operator==(const SystemEvent&, const SystemEvent&) = default;
};

// D, of securities that are listed on IEX.
struct SecurityDirectory {
  uint8_t flags = 0;  // 0x80 test security, 0x40 when issued, 0x20 ETP
  int64_t time_ns = 0;
  Symbol symbol = {};
  uint32_t round_lot = 100;
  int64_t adjusted_close = 0;  // the previous official one; 0: none
  uint8_t luld_tier = 0;
  friend bool operator==(const SecurityDirectory&,
                         const SecurityDirectory&) = default;
};

// H. `status`: T trading, H halted, O order acceptance after a halt, P paused
// and order acceptance.
struct TradingStatus {
  char status = 'T';
  int64_t time_ns = 0;
  Symbol symbol = {};
  std::array<char, 4> reason = {' ', ' ', ' ', ' '};
  friend bool operator==(const TradingStatus&, const TradingStatus&) = default;
};

// O. `status`: O halted on IEX, N not.
struct OperationalHalt {
  char status = 'N';
  int64_t time_ns = 0;
  Symbol symbol = {};
  friend bool operator==(const OperationalHalt&,
                         const OperationalHalt&) = default;
};

// P: the short sale price test (Regulation SHO, Rule 201).
struct ShortSaleTest {
  uint8_t in_effect = 0;
  int64_t time_ns = 0;
  Symbol symbol = {};
  char detail = ' ';
  friend bool operator==(const ShortSaleTest&, const ShortSaleTest&) = default;
};

// E, of DEEP. `code`: O opening, C closing process complete.
struct SecurityEvent {
  char code = 'O';
  int64_t time_ns = 0;
  Symbol symbol = {};
  friend bool operator==(const SecurityEvent&, const SecurityEvent&) = default;
};

// Q, of TOPS: IEX's best bid and offer. A side of size 0 is empty.
struct QuoteUpdate {
  uint8_t flags = 0;
  int64_t time_ns = 0;
  Symbol symbol = {};
  uint32_t bid_size = 0;
  int64_t bid = 0;
  int64_t ask = 0;
  uint32_t ask_size = 0;
  friend bool operator==(const QuoteUpdate&, const QuoteUpdate&) = default;
};

// 8 (buy) or 5 (sell), of DEEP: all that is displayed at a price from now on.
struct PriceLevel {
  Side side = Side::kBuy;
  uint8_t flags = kEventComplete;
  int64_t time_ns = 0;
  Symbol symbol = {};
  uint32_t size = 0;  // 0: the level is gone
  int64_t price = 0;
  friend bool operator==(const PriceLevel&, const PriceLevel&) = default;
};

// T: one fill.
struct Trade {
  uint8_t flags = 0;
  int64_t time_ns = 0;
  Symbol symbol = {};
  uint32_t size = 0;
  int64_t price = 0;
  int64_t id = 0;
  friend bool operator==(const Trade&, const Trade&) = default;
};

// B: the trade of that id is void.
struct TradeBreak {
  uint8_t flags = 0;
  int64_t time_ns = 0;
  Symbol symbol = {};
  uint32_t size = 0;
  int64_t price = 0;
  int64_t id = 0;
  friend bool operator==(const TradeBreak&, const TradeBreak&) = default;
};

// X. `type`: Q the official opening price, M the closing one.
struct OfficialPrice {
  char type = 'Q';
  int64_t time_ns = 0;
  Symbol symbol = {};
  int64_t price = 0;
  friend bool operator==(const OfficialPrice&, const OfficialPrice&) = default;
};

// A. `type`: O opening, C closing, I IPO, H halt, V volatility.
struct AuctionInformation {
  char type = 'O';
  int64_t time_ns = 0;
  Symbol symbol = {};
  uint32_t paired_shares = 0;
  int64_t reference_price = 0;
  int64_t indicative_price = 0;  // 0: nothing would match
  uint32_t imbalance_shares = 0;
  char imbalance_side = 'N';  // B, S or N
  uint8_t extension = 0;
  uint32_t scheduled_s = 0;  // since 1970 UTC
  int64_t book_price = 0;
  int64_t collar_reference_price = 0;
  int64_t lower_collar = 0;
  int64_t upper_collar = 0;
  friend bool operator==(const AuctionInformation&,
                         const AuctionInformation&) = default;
};

}  // namespace streamhub::iex

#endif  // STREAMHUB_FEEDS_IEX_MESSAGES_H_
