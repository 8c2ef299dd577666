// The answers that end: documents, pages, errors. What they say, without the
// socket they go to and the library that writes them. Shard's thread only.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_HTTP_ANSWERS_H_
#define STREAMHUB_GATEWAY_TRANSPORT_HTTP_ANSWERS_H_

#include <string>
#include <string_view>

#include "gateway/codec/request.h"
#include "gateway/transport/http_headers.h"
#include "gateway/transport/shard_context.h"
#include "gateway/transport/static_files.h"

namespace streamhub {

struct HttpAnswer {
  int status = 200;
  HttpHeaders headers = {};
  std::string body = {};
  bool has_length = true;  // false: by its status (304), or a HEAD's of what
                           // has no end
  bool last = false;       // the connection ends with it
};

HttpAnswer JsonAnswer(int status, std::string body);

// An `error` object. `key` may be any bytes.
HttpAnswer ErrorAnswer(int status, std::string_view code,
                       std::string_view reason, std::string_view key = {});

// What a poll is answered.
HttpAnswer BatchAnswer(std::string batch, Encoding encoding);

// What a HEAD of a stream is told.
HttpAnswer StreamHeadAnswer(std::string_view content_type);

// A request that was refused: 400, and counted.
HttpAnswer RefusalAnswer(const RequestError& error, ShardContext& shard);

// `/v1/quotes` and `/v1/symbols`.
HttpAnswer QuotesAnswer(std::string_view query, ShardContext& shard);
HttpAnswer SymbolsAnswer(std::string_view query, ShardContext& shard);

// A static page. `if_none_match`: of the request (RFC 9110 section 13.1.2).
HttpAnswer FileAnswer(const StaticFiles& files, std::string_view path,
                      std::string_view if_none_match);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_HTTP_ANSWERS_H_
