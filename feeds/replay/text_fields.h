// A symbol's values as text, as conversions write them. Pure; any thread.

#ifndef STREAMHUB_FEEDS_REPLAY_TEXT_FIELDS_H_
#define STREAMHUB_FEEDS_REPLAY_TEXT_FIELDS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "feeds/tape.h"
#include "gateway/market/field.h"
#include "gateway/market/symbol.h"

namespace streamhub {

// Whether a field's value is written as a number: prices and quantities in
// plain decimal. Others are words, or times as in base/utc_text.h.
bool IsNumber(FieldId field);

// The value of a field of `symbol`, which is not kEmpty, without quotes around
// it. What is no UTF-8 becomes question marks.
void AppendFieldText(const SymbolInfo& symbol, FieldId field, int64_t value,
                     std::string* out);

// "buy", "sell", or empty.
std::string_view SideText(Taker taker);

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_TEXT_FIELDS_H_
