#include "gateway/transport/ws_opening.h"

#include <absl/strings/str_cat.h>

#include <boost/beast/http/rfc7230.hpp>
#include <optional>
#include <utility>

#include "gateway/codec/ws_handshake.h"
#include "gateway/transport/subscribe_requests.h"
#include "gateway/transport/ws_transport.h"

namespace streamhub {
namespace {

namespace http = boost::beast::http;

std::string_view View(boost::beast::string_view s) {
  return {s.data(), s.size()};
}

// The WebSocket subprotocols (RFC 6455 section 1.9).
std::optional<Encoding> EncodingOfSubprotocol(std::string_view name) {
  if (name == "streamhub.v1.json") return Encoding::kJson;
  if (name == "streamhub.v1.fb") return Encoding::kFlat;
  return std::nullopt;
}

}  // namespace

std::variant<WsOpening, HttpAnswer> OpenWebSocket(const http::fields& headers,
                                                  std::string_view query,
                                                  bool possible,
                                                  ShardContext& shard) {
  const bool upgrade =
      possible &&
      http::token_list(headers[http::field::upgrade]).exists("websocket") &&
      http::token_list(headers[http::field::connection]).exists("upgrade");
  const std::string_view key = View(headers["Sec-WebSocket-Key"]);
  if (!upgrade || View(headers["Sec-WebSocket-Version"]) != "13") {
    HttpAnswer answer;
    answer.status = 426;
    answer.headers = {{"Upgrade", "websocket"},
                      {"Connection", "Upgrade"},
                      {"Sec-WebSocket-Version", "13"}};
    answer.body = "this is a WebSocket (version 13)\n";
    return answer;
  }
  if (!IsValidWebSocketKey(key)) {
    return ErrorAnswer(400, "bad_request", "not the base64 of 16 bytes",
                       "Sec-WebSocket-Key");
  }
  const std::string_view origin = View(headers[http::field::origin]);
  const std::string_view host = View(headers[http::field::host]);
  if (!shard.cors.AllowsWebSocket(origin, host)) {
    return ErrorAnswer(
        403, "forbidden",
        "pages of this origin may not connect: " + WhyForeign(origin, host),
        "Origin");
  }
  WsOpening opening;
  if (!shard.cors.AllowsPublish(origin, host)) {
    opening.why_no_publish = WhyNoPublish(origin, host);
  }
  std::string rest(query);
  if (const auto error = TakeEncoding(&rest, &opening.encoding)) {
    return RefusalAnswer(*error, shard);
  }
  auto& first = opening.first;
  if (!rest.empty()) first = RequestsOfQuery(rest);
  if (!first.empty() && ErrorIfAllFaulty(first) != nullptr) {
    return RefusalAnswer(*ErrorIfAllFaulty(first), shard);
  }
  opening.head =
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      WebSocketAccept(key) + "\r\n";
  // What the URL asks for comes first, then the client's order.
  const bool by_url = rest.size() != query.size();
  std::string offers;  // the field may come several times
  for (auto [it, end] = headers.equal_range("Sec-WebSocket-Protocol");
       it != end; ++it) {
    absl::StrAppend(&offers, offers.empty() ? "" : ",",
                    absl::string_view(it->value().data(), it->value().size()));
  }
  for (const auto offered : http::token_list(offers)) {
    const auto subprotocol = EncodingOfSubprotocol(View(offered));
    if (!subprotocol.has_value() ||
        (by_url && *subprotocol != opening.encoding)) {
      continue;
    }
    opening.encoding = *subprotocol;
    opening.head +=
        absl::StrCat("Sec-WebSocket-Protocol: ",
                     absl::string_view(offered.data(), offered.size()), "\r\n");
    break;
  }
  opening.head += "\r\n";
  return opening;
}

}  // namespace streamhub
