#include "gateway/transport/http_answers.h"

#include <absl/strings/numbers.h>

#include <utility>
#include <variant>
#include <vector>

#include "gateway/base/utf8.h"
#include "gateway/codec/documents.h"
#include "gateway/codec/json.h"
#include "gateway/codec/query_string.h"
#include "gateway/transport/http_stream_transport.h"

namespace streamhub {
namespace {

constexpr int kSymbolsPageMax = 1000;

}  // namespace

HttpAnswer JsonAnswer(int status, std::string body) {
  HttpAnswer answer;
  answer.status = status;
  answer.headers = {{"Content-Type", "application/json"},
                    {"Cache-Control", "no-store"}};
  answer.body = std::move(body);
  return answer;
}

HttpAnswer ErrorAnswer(int status, std::string_view code,
                       std::string_view reason, std::string_view key) {
  std::string body;
  AppendError({"", std::string(code), std::string(reason), ShownText(key)},
              &body);
  body += '\n';
  return JsonAnswer(status, std::move(body));
}

HttpAnswer BatchAnswer(std::string batch, Encoding encoding) {
  HttpAnswer answer;
  answer.headers = {
      {"Content-Type", std::string(HttpStreamTransport::ContentType(encoding))},
      {"Cache-Control", "no-store"}};
  answer.body = std::move(batch);
  return answer;
}

HttpAnswer StreamHeadAnswer(std::string_view content_type) {
  HttpAnswer answer;
  answer.headers = {{"Content-Type", std::string(content_type)},
                    {"Cache-Control", "no-store, no-transform"}};
  answer.has_length = false;
  answer.last = true;
  return answer;
}

HttpAnswer RefusalAnswer(const RequestError& error, ShardContext& shard) {
  shard.counters.Add(Metric::kRequestErrors);
  std::string body;
  AppendError(error, &body);
  body += '\n';
  return JsonAnswer(400, std::move(body));
}

HttpAnswer QuotesAnswer(std::string_view query, ShardContext& shard) {
  const ParsedRequest parsed = ParseQuery(query);
  if (const auto* error = std::get_if<RequestError>(&parsed)) {
    return RefusalAnswer(*error, shard);
  }
  std::string body;
  AppendQuotes(shard.market, shard.clock, shard.fanout.withdrawn(),
               std::get<Request>(parsed), &body);
  return JsonAnswer(200, std::move(body));
}

HttpAnswer SymbolsAnswer(std::string_view query, ShardContext& shard) {
  std::string prefix, after, bad;
  int limit = 100;
  bool topics = false;
  std::vector<QueryParameter> parameters;
  if (!SplitQuery(query, &parameters, &bad)) {
    return ErrorAnswer(400, "bad_request", "% not followed by two hex digits",
                       bad);
  }
  for (const auto& [name, value] : parameters) {
    if (name == "prefix") {
      prefix = value;
    } else if (name == "after") {
      after = value;
    } else if (name.starts_with('_')) {
      continue;
    } else if (name == "topics") {
      topics = value == "true";
      if (!topics && value != "false") {
        return ErrorAnswer(400, "bad_request", "topics is true or false", name);
      }
    } else if (name != "limit") {
      return ErrorAnswer(400, "bad_request", "unknown parameter", name);
    } else if (!absl::SimpleAtoi(value, &limit) || limit < 1 ||
               limit > kSymbolsPageMax) {
      return ErrorAnswer(400, "bad_request", "limit must be 1-1000", name);
    }
  }
  std::string body;
  AppendSymbols(shard.market, prefix, after, static_cast<size_t>(limit), topics,
                &body);
  return JsonAnswer(200, std::move(body));
}

HttpAnswer FileAnswer(const StaticFiles& files, std::string_view path,
                      std::string_view if_none_match) {
  const StaticFiles::File* const file = files.Find(path);
  if (file == nullptr) {
    return ErrorAnswer(404, "not_found", "no such page", path);
  }
  HttpAnswer answer;
  answer.headers = {
      {"ETag", file->etag},
      {"Cache-Control",
       file->immutable ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Content-Type", std::string(file->content_type)}};
  if (file->immutable) {
    answer.headers.emplace_back("Access-Control-Allow-Origin", "*");
  }
  // A list, and proxies make tags weak (W/"...").
  if (if_none_match == "*" ||
      if_none_match.find(file->etag) != if_none_match.npos) {
    answer.status = 304;
    answer.has_length = false;
  } else {
    answer.body = file->body;
  }
  return answer;
}

}  // namespace streamhub
