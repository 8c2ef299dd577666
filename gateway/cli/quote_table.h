// A QuoteBoard as lines of a terminal: one per symbol, with its state and the
// age of its last tick. What is not live is told so and dimmed. Pure.

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

// The heading and a line per symbol, without line ends. `mono_ns`: now.
std::vector<std::string> FormatTable(const QuoteBoard& board,
                                     const TableOptions& options,
                                     int64_t mono_ns);

// "0.2 s", "12 s", "5 min", "3 h"; "-" if negative.
std::string FormatAge(int64_t age_us);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_QUOTE_TABLE_H_
