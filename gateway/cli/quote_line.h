// What `watch --json` prints: a JSON object a line. Pure; any thread.

#ifndef STREAMHUB_GATEWAY_CLI_QUOTE_LINE_H_
#define STREAMHUB_GATEWAY_CLI_QUOTE_LINE_H_

#include <string>
#include <string_view>

#include "gateway/cli/quote_board.h"

namespace streamhub {

// An update as it came, with the state that the quote is in.
std::string UpdateLine(const QuoteBoard::Quote& quote,
                       const QuoteBoard::Update& update,
                       std::string_view state);

// Messages of the topic `name`, a line each, and one before them that says how
// many were lost, if any were.
std::string MessageLines(std::string_view name, const QuoteBoard::Part& part);

// The state has changed without an update.
std::string StateLine(const QuoteBoard::Quote& quote, std::string_view state);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_QUOTE_LINE_H_
