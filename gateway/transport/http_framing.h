// How the head of a request says that its body is to be read (RFC 9112 section
// 6, RFC 9110 section 10.1.1). Pure; any thread.
//
// What is not understood is refused: to read on behind a body of another length
// than a proxy in front of us believes in would be to answer requests that the
// client did not make.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_HTTP_FRAMING_H_
#define STREAMHUB_GATEWAY_TRANSPORT_HTTP_FRAMING_H_

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/message.hpp>
#include <optional>

#include "gateway/transport/http_answers.h"

namespace streamhub {

using HttpRequestHead =
    boost::beast::http::header</*isRequest=*/true, boost::beast::http::fields>;

// The answer, its connection's last, to a request whose body cannot be read.
// nullopt: it can.
std::optional<HttpAnswer> FramingFault(const HttpRequestHead& head);

// Whether the client sends its body only once it was told to go on.
bool WantsContinue(const HttpRequestHead& head);

// The answer, its connection's last, to what could not be read as a request.
// nullopt: it was the connection that failed. What is too much is noted.
std::optional<HttpAnswer> ReadFault(const boost::beast::error_code& error,
                                    const ShardContext& shard);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_HTTP_FRAMING_H_
