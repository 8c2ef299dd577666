// The opening handshake of a WebSocket (RFC 6455 section 4.2): what a request
// is answered, before its socket changes hands. Shard's thread only.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_WS_OPENING_H_
#define STREAMHUB_GATEWAY_TRANSPORT_WS_OPENING_H_

#include <boost/beast/http/fields.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/codec/batch.h"
#include "gateway/codec/request.h"
#include "gateway/transport/http_answers.h"
#include "gateway/transport/shard_context.h"

namespace streamhub {

struct WsOpening {
  std::string head;  // the 101, whole
  Encoding encoding = Encoding::kJson;
  std::vector<ParsedRequest> first;  // what the URL asks for
  std::string why_no_publish;        // of the page that opens it; empty: it may
};

// `possible`: a GET of HTTP/1.1. The answer if it is refused.
std::variant<WsOpening, HttpAnswer> OpenWebSocket(
    const boost::beast::http::fields& headers, std::string_view query,
    bool possible, ShardContext& shard);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_WS_OPENING_H_
