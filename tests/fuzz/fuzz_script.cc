// What the script doors take: any bytes as the query of a request for
// `/v1/jsonp`. Its callback's name is one or it is refused, nothing of the
// query but that name becomes code, and whatever is answered is one call with
// an array of JSON.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/base/check.h"
#include "gateway/base/utf8.h"
#include "gateway/codec/json.h"
#include "gateway/codec/query_string.h"
#include "gateway/codec/request.h"
#include "gateway/codec/script.h"

namespace {

using streamhub::ParsedRequest;
using streamhub::Request;
using streamhub::RequestError;

// Every one is taken, and the rest is what it was.
std::vector<std::string> Take(std::string_view name, std::string* query) {
  const size_t before = query->size();
  auto values = streamhub::TakeParameters(name, query);
  STREAMHUB_CHECK(query->size() <= before);
  STREAMHUB_CHECK(streamhub::TakeParameters(name, query).empty());
  std::vector<streamhub::QueryParameter> rest;
  std::string bad;
  if (streamhub::SplitQuery(*query, &rest, &bad)) {
    for (const auto& [left, value] : rest) {
      // What is left was written otherwise, as "%63allback".
      STREAMHUB_CHECK(left != name || query->find('%') != query->npos);
    }
  }
  return values;
}

void CheckName(std::string_view name) {
  STREAMHUB_CHECK(!name.empty() && name.size() <= 64);
  for (const char c : name) {
    const bool digit = '0' <= c && c <= '9';
    const bool letter = ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z');
    STREAMHUB_CHECK(digit || letter || c == '_' || c == '$' || c == '.');
  }
  STREAMHUB_CHECK(name.front() != '.' && name.back() != '.');
}

// Text between single quotes, in a script within a page.
void CheckLiteral(std::string_view text) {
  std::string literal;
  streamhub::AppendScriptText(text, &literal);
  for (size_t i = 0; i < literal.size(); ++i) {
    STREAMHUB_CHECK(literal[i] != '\'' || (i > 0 && literal[i - 1] == '\\'));
    STREAMHUB_CHECK(literal[i] != '\n' && literal[i] != '<');
  }
  STREAMHUB_CHECK(literal.find("\xE2\x80\xA8") == literal.npos);
  STREAMHUB_CHECK(literal.find("\xE2\x80\xA9") == literal.npos);
}

void CheckScript(std::string_view callback, std::string_view lines) {
  const std::string script = streamhub::CallbackScript(callback, lines);
  const std::string begin = "/**/" + std::string(callback) + "([";
  STREAMHUB_CHECK(script.starts_with(begin) && script.ends_with("]);\n"));
  STREAMHUB_CHECK(script.find("\xE2\x80\xA8") == script.npos);
  STREAMHUB_CHECK(script.find("\xE2\x80\xA9") == script.npos);
  STREAMHUB_CHECK(streamhub::IsValidUtf8(script));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A copy of just that size: the sanitizer sees any byte read beyond it.
  const std::vector<char> copy(data, data + size);
  std::string query(copy.begin(), copy.end());
  const auto callbacks = Take("callback", &query);
  const auto requests = Take("requests", &query);
  std::string callback = "f";
  for (const std::string& name : callbacks) {
    if (!streamhub::IsCallbackName(name)) continue;
    CheckName(name);
    callback = name;
  }
  std::vector<ParsedRequest> parsed;
  for (const std::string& body : requests) {
    for (ParsedRequest& one : streamhub::ParseRequests(body)) {
      parsed.push_back(std::move(one));
    }
  }
  parsed.push_back(streamhub::ParseQuery(query));
  std::string lines;
  for (const ParsedRequest& one : parsed) {
    RequestError told;
    if (const auto* const request = std::get_if<Request>(&one)) {
      // As an ack would tell it.
      told.id = request->id;
      for (const auto& symbol : request->symbols) told.key += symbol.name;
    } else {
      told = std::get<RequestError>(one);
    }
    streamhub::AppendError(told, &lines);
    lines += '\n';
  }
  CheckScript(callback, lines);
  CheckLiteral(lines);
  return 0;
}
