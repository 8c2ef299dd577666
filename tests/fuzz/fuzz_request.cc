// ParseRequests, ParseQuery and ParseAt over any bytes: no crash, every refusal
// can be told to the client, and an accepted request, or a poll's token,
// written again parses equal. The first byte chooses: a query, a token, or
// JSON.

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/base/check.h"
#include "gateway/base/utf8.h"
#include "gateway/codec/at_token.h"
#include "gateway/codec/json.h"
#include "gateway/codec/raw_json.h"
#include "gateway/codec/request.h"
#include "gateway/market/symbol.h"

namespace {

using streamhub::FieldId;
using streamhub::ParsedRequest;
using streamhub::Request;
using streamhub::RequestError;
using streamhub::RequestSymbol;

constexpr std::string_view kTypeNames[] = {"subscribe", "change", "unsubscribe",
                                           "ping", "publish"};

void AppendNumber(double value, std::string* out) {
  char text[32];
  out->append(text, std::to_chars(text, text + sizeof(text), value).ptr);
}

std::string ToJson(const Request& request) {
  std::string json = "{\"type\":\"";
  json += kTypeNames[static_cast<size_t>(request.type)];
  json += '"';
  if (!request.id.empty()) json += ",\"id\":" + request.id;
  if (!request.symbols.empty()) {
    json += ",\"symbols\":[";
    for (const RequestSymbol& symbol : request.symbols) {
      if (json.back() != '[') json += ',';
      std::string text = symbol.name;
      if (symbol.version != 0) text += '@' + std::to_string(symbol.version);
      streamhub::AppendString(text, &json);
    }
    json += ']';
  }
  if (request.has_fields) {
    json += ",\"fields\":[";
    for (const FieldId field : request.fields) {
      if (json.back() != '[') json += ',';
      streamhub::AppendString(streamhub::FieldName(field), &json);
    }
    json += ']';
  }
  if (request.has_rate) {
    json += ",\"max_rate\":";
    if (std::isinf(request.max_rate)) {
      json += "\"unlimited\"";
    } else {
      AppendNumber(request.max_rate, &json);
    }
  }
  if (request.history != 0) {
    json += ",\"history\":" + std::to_string(request.history);
  }
  if (request.echo_time_us >= 0) {
    json += ",\"time\":" + std::to_string(request.echo_time_us);
    json += ",\"held_us\":" + std::to_string(request.echo_held_us);
  }
  if (request.type == Request::Type::kPublish) {
    json += ",\"topic\":";
    streamhub::AppendString(request.topic, &json);
    json += ",\"data\":" + request.data;
  }
  if (!request.at.empty()) {
    json += ",\"at\":";
    streamhub::AppendString(request.at, &json);
  }
  return json + '}';
}

bool Equal(const Request& a, const Request& b) {
  if (a.symbols.size() != b.symbols.size()) return false;
  for (size_t i = 0; i < a.symbols.size(); ++i) {
    if (a.symbols[i].name != b.symbols[i].name ||
        a.symbols[i].version != b.symbols[i].version) {
      return false;
    }
  }
  return a.type == b.type && a.id == b.id && a.at == b.at &&
         a.has_fields == b.has_fields && a.all_fields == b.all_fields &&
         a.fields == b.fields && a.has_rate == b.has_rate &&
         a.max_rate == b.max_rate && a.echo_time_us == b.echo_time_us &&
         a.echo_held_us == b.echo_held_us && a.topic == b.topic &&
         a.data == b.data && a.history == b.history;
}

// What other clients will be told: on one line, and no more than they expect.
void CheckMessage(const Request& request) {
  STREAMHUB_CHECK(streamhub::IsValidSymbol(request.topic));
  STREAMHUB_CHECK(request.data.size() <= streamhub::kPublishBytesMax);
  STREAMHUB_CHECK(streamhub::IsValidUtf8(request.data));
  for (const char c : request.data) {
    STREAMHUB_CHECK(static_cast<unsigned char>(c) >= ' ');
  }
  std::string again;
  STREAMHUB_CHECK(streamhub::AppendMinified(request.data, &again) <=
                  streamhub::kPublishDepthMax);
  STREAMHUB_CHECK(again == request.data);
}

void CheckAccepted(const Request& request) {
  STREAMHUB_CHECK(request.symbols.size() <= 1000);
  STREAMHUB_CHECK(request.symbols.empty() ==
                  (request.type == Request::Type::kPing ||
                   request.type == Request::Type::kPublish));
  STREAMHUB_CHECK(request.data.empty() ==
                  (request.type != Request::Type::kPublish));
  if (!request.data.empty()) CheckMessage(request);
  for (const RequestSymbol& symbol : request.symbols) {
    STREAMHUB_CHECK(streamhub::IsValidSymbol(symbol.name));
  }
  STREAMHUB_CHECK(request.has_fields != request.all_fields);
  STREAMHUB_CHECK(request.has_fields != request.fields.empty());
  STREAMHUB_CHECK(!request.has_rate || request.max_rate > 0);
  STREAMHUB_CHECK((request.echo_time_us < 0) == (request.echo_held_us < 0));
  STREAMHUB_CHECK(request.echo_time_us < 0 ||
                  request.type == Request::Type::kPing);
  const std::string json = ToJson(request);
  // Escapes may make it longer than a message may be.
  if (json.size() > 64 * 1024) return;
  const auto again = streamhub::ParseRequests(json);
  STREAMHUB_CHECK(again.size() == 1);
  STREAMHUB_CHECK(std::holds_alternative<Request>(again.front()));
  STREAMHUB_CHECK(Equal(request, std::get<Request>(again.front())));
}

void CheckRefused(const RequestError& error) {
  STREAMHUB_CHECK(!error.code.empty() && !error.reason.empty());
  STREAMHUB_CHECK(error.key.size() <= 64);
  STREAMHUB_CHECK(streamhub::IsValidUtf8(error.key));
  STREAMHUB_CHECK(streamhub::IsValidUtf8(error.id));
}

void CheckParsed(const ParsedRequest& parsed) {
  if (const auto* request = std::get_if<Request>(&parsed)) {
    CheckAccepted(*request);
  } else {
    CheckRefused(std::get<RequestError>(parsed));
  }
}

void CheckToken(std::string_view text) {
  const streamhub::ParsedAt token = streamhub::ParseAt(text);
  STREAMHUB_CHECK(token.issued_ms >= 0);
  STREAMHUB_CHECK(token.cursors.starts_with(token.epoch));
  if (!token.feeds.has_value() || token.issued_ms == 0) return;
  std::string again(token.cursors);
  streamhub::AppendPollParts(*token.feeds, token.issued_ms, token.session,
                             &again);
  const streamhub::ParsedAt same = streamhub::ParseAt(again);
  STREAMHUB_CHECK(same.cursors == token.cursors && same.feeds == token.feeds &&
                  same.issued_ms == token.issued_ms &&
                  same.session == token.session);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  // A copy of just that size: the sanitizer sees any byte read beyond it.
  const std::vector<char> copy(data + 1, data + size);
  const std::string_view text(copy.data(), copy.size());
  if (data[0] == '@') {
    CheckToken(text);
    return 0;
  }
  if (data[0] == '?') {
    std::string query(text);
    streamhub::Encoding encoding;
    if (const auto error = streamhub::TakeEncoding(&query, &encoding)) {
      CheckRefused(*error);
    }
    CheckParsed(streamhub::ParseQuery(text));
    return 0;
  }
  const auto all = streamhub::ParseRequests(text);
  STREAMHUB_CHECK(!all.empty() && all.size() <= 64);
  for (const ParsedRequest& parsed : all) CheckParsed(parsed);
  return 0;
}
