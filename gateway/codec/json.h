// The JSON side of the wire (docs/protocol.md): hand-written, exact, appending.
// Pure functions; any thread.

#ifndef STREAMHUB_GATEWAY_CODEC_JSON_H_
#define STREAMHUB_GATEWAY_CODEC_JSON_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gateway/codec/message_writer.h"
#include "gateway/codec/request.h"
#include "gateway/market/market.h"

namespace streamhub {

void AppendInt(int64_t value, std::string* out);

// `value` / 10^decimals in plain decimal with exactly `decimals` (0-18) digits
// after the point.
void AppendDecimal(int64_t value, int decimals, std::string* out);

// A JSON string with quotes (RFC 8259 section 7). `text` must be UTF-8.
void AppendString(std::string_view text, std::string* out);

// A number without exponent, up to six digits after the point, no trailing
// zeros: rates.
void AppendRate(double value, std::string* out);

// An epoch as clients see it: lower-case hex.
void AppendEpoch(uint64_t epoch, std::string* out);

// `"AAPL":{"v":..,...}`: one member of the `quotes` object. `fields` are the
// positions to write, valid in `view`. Without the closing brace, so that the
// caller may add members.
void AppendQuoteOpen(const SymbolInfo& symbol, const QuoteView& view,
                     FieldMask fields, bool snapshot, QuietNote quiet,
                     std::string* out);

// `"AAPL":{"decimals":..}`: one member of the `symbols` object of an ack.
void AppendDescription(const SymbolInfo& symbol, const FeedBoard& feeds,
                       std::string* out);

// `"name":{"status":..}`: one member of the `feeds` object.
void AppendFeed(const FeedInfo& feed, FeedStatus status, std::string* out);

// A whole `error` object.
void AppendError(const RequestError& error, std::string* out);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_JSON_H_
