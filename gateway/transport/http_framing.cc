#include "gateway/transport/http_framing.h"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <string>

namespace streamhub {
namespace {

namespace http = boost::beast::http;

constexpr unsigned kHttp11 = 11;

HttpAnswer LastAnswer(int status, std::string_view code,
                      std::string_view reason, std::string_view key = {}) {
  HttpAnswer answer = ErrorAnswer(status, code, reason, key);
  answer.last = true;
  return answer;
}

}  // namespace

// `chunked` is the only transfer coding that is read here; a list that ends
// with it could be read by others, any other list by nobody.
std::optional<HttpAnswer> FramingFault(const HttpRequestHead& head) {
  constexpr std::string_view kField = "Transfer-Encoding";
  if (head.count(http::field::transfer_encoding) == 0) return std::nullopt;
  if (head.version() < kHttp11) {
    return LastAnswer(400, "bad_request", "HTTP/1.0 has no such field", kField);
  }
  // Several fields are one list, of which the parser minds the first only.
  if (head.count(http::field::transfer_encoding) > 1) {
    return LastAnswer(400, "bad_request",
                      "chunked is the only transfer coding here", kField);
  }
  const auto codings = head[http::field::transfer_encoding];
  if (boost::beast::iequals(codings, "chunked")) return std::nullopt;
  const auto last = codings.substr(codings.find_last_of(", \t") + 1);
  const bool known_length = boost::beast::iequals(last, "chunked");
  return LastAnswer(known_length ? 501 : 400,
                    known_length ? "not_supported" : "bad_request",
                    "chunked is the only transfer coding here", kField);
}

bool WantsContinue(const HttpRequestHead& head) {
  return head.version() >= kHttp11 &&
         boost::beast::iequals(head[http::field::expect], "100-continue");
}

std::optional<HttpAnswer> ReadFault(const boost::beast::error_code& error,
                                    const ShardContext& shard) {
  const HttpLimits& limits = shard.limits;
  if (error == http::error::header_limit) {
    shard.Note(Limit::kHeaderBytes);
    return LastAnswer(431, "bad_request",
                      "request line and headers above " +
                          std::to_string(limits.header_bytes_max) + " bytes");
  }
  if (error == http::error::body_limit) {
    shard.Note(Limit::kBodyBytes);
    return LastAnswer(
        413, "bad_request",
        "body above " + std::to_string(limits.body_bytes_max) + " bytes");
  }
  if (error.category() != http::make_error_code(http::error{}).category()) {
    return std::nullopt;
  }
  return LastAnswer(400, "bad_request", error.message());
}

}  // namespace streamhub
