// A QuoteBoard as lines of a terminal: one per symbol, with its state and the
// age of its last tick. What is not live is told so and dimmed. Topics have no
// line there: each of their messages is one, above the table. Pure.

#ifndef STREAMHUB_GATEWAY_CLI_QUOTE_TABLE_H_
#define STREAMHUB_GATEWAY_CLI_QUOTE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/cli/quote_board.h"

namespace streamhub {

struct TableOptions {
  std::vector<std::string> fields;  // a column each
  bool color = true;                // by ANSI sequences (ECMA-48, SGR)
  size_t rows_max = 1000;           // of symbols; how many more is told
  size_t columns_max = 200;         // wider lines are cut
};

// The heading and a line per symbol, without line ends; nothing if there are
// only topics. `mono_ns`: now.
std::vector<std::string> FormatTable(const QuoteBoard& board,
                                     const TableOptions& options,
                                     int64_t mono_ns);

// The line above the table, at most `columns_max` long: the gateway's `url`,
// what its `link` is, and, while that holds, its feeds and the topics that are
// not live.
std::string FormatStatus(const QuoteBoard& board, std::string_view url,
                         std::string_view link, size_t columns_max,
                         int64_t mono_ns);

// Messages of the topic `name`, a line each, whole however long they are:
// "14:30:00.123Z  tape/AAPL  {...}"; before them how many were lost.
std::string MessageTexts(std::string_view name, const QuoteBoard::Part& part);

// "0.2 s", "12 s", "5 min", "3 h"; "-" if negative.
std::string FormatAge(int64_t age_us);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_QUOTE_TABLE_H_
