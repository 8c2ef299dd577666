// One of each message of TOPS and DEEP, and a handler that keeps what it gets.
// One thread.

#ifndef STREAMHUB_TESTS_FEEDS_IEX_ANY_MESSAGE_H_
#define STREAMHUB_TESTS_FEEDS_IEX_ANY_MESSAGE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "feeds/iex/messages.h"
#include "feeds/iex/receiver.h"
#include "feeds/iex/writer.h"

namespace streamhub::iex {

using AnyMessage = std::variant<RunStart, SystemEvent, SecurityDirectory,
                                TradingStatus, OperationalHalt, ShortSaleTest,
                                SecurityEvent, QuoteUpdate, PriceLevel, Trade,
                                TradeBreak, OfficialPrice, AuctionInformation>;

struct Collector {
  template <typename T>
  void On(const T& message) {
    messages.push_back(message);
  }
  std::vector<AnyMessage> messages;
};

// Every field has a value of its own.
inline std::vector<AnyMessage> OneOfEach() {
  const Symbol symbol = MakeSymbol("ZIEXT");
  constexpr int64_t kTimeNs = 1'499'697'155'788'781'087;
  return {SystemEvent{'R', kTimeNs},
          SecurityDirectory{0x80, kTimeNs, symbol, 100, 990'500, 1},
          TradingStatus{'H', kTimeNs, symbol, {'T', '1', ' ', ' '}},
          OperationalHalt{'O', kTimeNs, symbol},
          ShortSaleTest{1, kTimeNs, symbol, 'A'},
          SecurityEvent{'C', kTimeNs, symbol},
          QuoteUpdate{0x40, kTimeNs, symbol, 9'700, 990'500, 990'700, 1'000},
          PriceLevel{Side::kBuy, 1, kTimeNs, symbol, 0xFFFFFFFF, 990'500},
          PriceLevel{Side::kSell, 0, kTimeNs, symbol, 3, -5},
          Trade{0xA0, kTimeNs, symbol, 77, 990'600, 429'974},
          TradeBreak{0x20, kTimeNs, symbol, 77, 990'600, int64_t{1} << 40},
          OfficialPrice{'M', kTimeNs, symbol, 990'800},
          AuctionInformation{'C', kTimeNs, symbol, 11, 12, 13, 14, 'B', 2,
                             1'503'691'200, 15, 16, 17, 18}};
}

inline std::string BytesOf(const AnyMessage& message) {
  std::string bytes;
  std::visit(
      [&](const auto& m) {
        if constexpr (requires { Append(m, &bytes); }) Append(m, &bytes);
      },
      message);
  return bytes;
}

inline std::span<const uint8_t> SpanOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace streamhub::iex

#endif  // STREAMHUB_TESTS_FEEDS_IEX_ANY_MESSAGE_H_
