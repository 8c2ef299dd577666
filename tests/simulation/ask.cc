#include "tests/simulation/ask.h"

#include <cctype>
#include <cstdio>
#include <set>

#include "gateway/codec/json.h"

namespace streamhub::simulation {
namespace {

std::string Written(const RequestSymbol& symbol) {
  if (symbol.version == 0 && !symbol.told) return symbol.name;
  return symbol.name + '@' + std::to_string(symbol.version) +
         (symbol.quiet ? "q" : "");
}

std::string PercentEncoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      encoded += c;
      continue;
    }
    char escape[4];
    std::snprintf(escape, sizeof(escape), "%%%02X",
                  static_cast<unsigned char>(c));
    encoded += escape;
  }
  return encoded;
}

std::string_view TypeName(Request::Type type) {
  switch (type) {
    case Request::Type::kSubscribe:
      return "subscribe";
    case Request::Type::kChange:
      return "change";
    case Request::Type::kUnsubscribe:
      return "unsubscribe";
    case Request::Type::kPing:
      return "ping";
    case Request::Type::kPublish:
      break;  // nobody here does
  }
  return "";
}

}  // namespace

std::string Ask::Json() const {
  std::string json = "{\"type\":\"";
  json += TypeName(type);
  json += "\",\"id\":" + id;
  if (!symbols.empty()) {
    json += ",\"symbols\":[";
    for (size_t i = 0; i < symbols.size(); ++i) {
      if (i > 0) json += ',';
      AppendString(Written(symbols[i]), &json);
    }
    json += ']';
  }
  if (!at.empty()) {
    json += ",\"at\":";
    AppendString(at, &json);
  }
  if (has_fields) {
    json += ",\"fields\":[";
    for (size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) json += ',';
      AppendString(FieldName(fields[i]), &json);
    }
    json += ']';
  }
  if (rate != nullptr && !rate->asked.empty()) {
    json += ",\"max_rate\":";
    json += rate->asked;
  }
  return json + '}';
}

std::string Ask::Query() const {
  std::string query = "id=" + id + "&symbols=";
  for (size_t i = 0; i < symbols.size(); ++i) {
    if (i > 0) query += ',';
    query += PercentEncoded(Written(symbols[i]));
  }
  if (!at.empty()) query += "&at=" + PercentEncoded(at);
  if (has_fields) {
    query += "&fields=";
    for (size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) query += ',';
      query += FieldName(fields[i]);
    }
  }
  if (rate != nullptr && !rate->asked.empty()) {
    query += "&max_rate=";
    for (const char c : rate->asked) {
      if (c != '"') query += c;
    }
  }
  return query;
}

std::string FieldsName(bool has_fields, const std::vector<FieldId>& fields) {
  if (!has_fields) return "all";
  std::string name;
  for (const FieldId field : std::set(fields.begin(), fields.end())) {
    name += FieldName(field);
    name += ' ';
  }
  return name;
}

}  // namespace streamhub::simulation
