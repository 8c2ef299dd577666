// LOBSTER: what happened to one NASDAQ stock on one day, and its book behind
// each event. Lines to values; pure.
//
// By "LOBSTER: Limit Order Book System, Output Structure",
// https://lobsterdata.com: a message file and an orderbook file of as many
// rows, without headers; row k of the orderbook is the book behind row k of the
// messages.
// - Message: seconds after midnight in New York, with a fraction; type; order
//   id; shares; price * 10000; direction of the resting order, 1 buy, -1 sell.
// - Orderbook: ask price, ask size, bid price, bid size of level 1, then of
//   level 2, ...; 9999999999 or -9999999999: there is no such level.

#ifndef STREAMHUB_FEEDS_CSV_LOBSTER_H_
#define STREAMHUB_FEEDS_CSV_LOBSTER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "feeds/top_levels.h"

namespace streamhub::csv {

inline constexpr int kLobsterPriceDecimals = 4;

enum class LobsterType : uint8_t {
  kNew = 1,
  kPartialCancel = 2,
  kDelete = 3,
  kVisibleExecution = 4,
  kHiddenExecution = 5,
  kCross = 6,
  kHalt = 7,  // price -1: trading halts, 0: quoting goes on, 1: trading does
};

struct LobsterMessage {
  int64_t since_midnight_ns = 0;  // below 25 hours
  LobsterType type = LobsterType::kNew;
  int64_t order = 0;
  int64_t shares = 0;  // not negative
  int64_t price = 0;   // 1e-4
  bool buy = false;    // the resting order buys
};

struct LobsterBook {
  TopSide bids;
  TopSide asks;
  size_t levels = 0;  // of the file; the first ten are in `bids` and `asks`
};

// Null if it went well; else what is wrong with the line.
const char* ParseLobsterMessage(std::string_view line, LobsterMessage* message);
const char* ParseLobsterBook(std::string_view line, LobsterBook* book);

}  // namespace streamhub::csv

#endif  // STREAMHUB_FEEDS_CSV_LOBSTER_H_
