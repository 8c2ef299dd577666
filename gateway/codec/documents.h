// Whole JSON documents for one-shot GETs: `/v1/quotes` and `/v1/symbols`
// (docs/protocol.md). Any thread; of a WithdrawnSet that one's.

#ifndef STREAMHUB_GATEWAY_CODEC_DOCUMENTS_H_
#define STREAMHUB_GATEWAY_CODEC_DOCUMENTS_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "gateway/base/clock.h"
#include "gateway/codec/request.h"
#include "gateway/market/market.h"
#include "gateway/market/withdrawals.h"

namespace streamhub {

// Both end with a newline, as every other line of JSON here does.

// The state now of the symbols and fields of `request`, but for what is
// `withdrawn`.
void AppendQuotes(const Market& market, const Clock& clock,
                  const WithdrawnSet& withdrawn, const Request& request,
                  std::string* out);

// Up to `limit` symbols, and with `topics` those, too, that start with `prefix`
// and come after `after`.
void AppendSymbols(const Market& market, std::string_view prefix,
                   std::string_view after, size_t limit, bool topics,
                   std::string* out);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_DOCUMENTS_H_
