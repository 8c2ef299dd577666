// The JSON side of the wire (docs/protocol.md): hand-written, exact, appending.
// Pure functions; any thread.

#ifndef STREAMHUB_GATEWAY_CODEC_JSON_H_
#define STREAMHUB_GATEWAY_CODEC_JSON_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gateway/base/json_text.h"
#include "gateway/codec/message_writer.h"
#include "gateway/codec/request.h"
#include "gateway/market/market.h"

namespace streamhub {

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

// A whole `ack` object of a publish.
void AppendPublished(std::string_view id, uint64_t sequence, std::string* out);

// A whole `error` object.
void AppendError(const RequestError& error, std::string* out);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_JSON_H_
