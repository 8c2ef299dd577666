// What `inspect` prints of a recording, for people and for programs. Pure.

#ifndef STREAMHUB_GATEWAY_CLI_INSPECT_REPORT_H_
#define STREAMHUB_GATEWAY_CLI_INSPECT_REPORT_H_

#include <span>
#include <string>
#include <vector>

#include "feeds/replay/findings.h"
#include "feeds/replay/inspection.h"

namespace streamhub {

// A paragraph of lines, each with its end. Lists are cut short, and say so.
std::string InspectionText(const Inspection& found);

// What several add up to, likewise.
std::string InspectionSumText(std::span<const Inspection> all);

// A JSON object in one line, without its end: the keys that docs/operations.md
// tells. All symbols; of gaps and errors the first ones, beside how many there
// are.
std::string InspectionJson(const Inspection& found);

// What both have in common: the busiest symbols, at most five, the busiest
// first; their volume with its decimals; bytes as they are, if they are text.
std::vector<InspectedSymbol> BusiestSymbols(const Inspection& found);
std::string VolumeText(const InspectedSymbol& symbol);
std::string SentBytesText(const SentText& sent);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_INSPECT_REPORT_H_
