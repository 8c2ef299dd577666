// Requests of clients (docs/protocol.md): what they may say, parsed and
// checked. Pure; any thread.

#ifndef STREAMHUB_GATEWAY_CODEC_REQUEST_H_
#define STREAMHUB_GATEWAY_CODEC_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/codec/batch.h"
#include "gateway/market/field.h"

namespace streamhub {

struct RequestSymbol {
  std::string name;
  // What the client holds: a version, of a topic the number of a message;
  // 0: nothing.
  uint64_t version = 0;
  bool told = false;   // "NAME@...": of a poll, it was told about the symbol
  bool quiet = false;  // "NAME@VERSIONq": ... and believes it to be quiet
  bool withdrawn = false;  // "NAME@VERSIONw": ... to be withdrawn
};

struct Request {
  enum class Type { kSubscribe, kChange, kUnsubscribe, kPing, kPublish };
  Type type = Type::kSubscribe;
  std::string id;  // as JSON: a number or a quoted string; empty if absent
  std::vector<RequestSymbol> symbols;  // distinct
  std::string at;                      // resume token; empty if absent
  bool has_fields = false;
  bool all_fields = true;
  std::vector<FieldId> fields;  // if not all_fields
  bool has_rate = false;
  double max_rate = 0;  // updates per second and symbol; infinity: unlimited
  // With how many of its kept messages a topic begins of which the client holds
  // nothing.
  uint32_t history = 0;
  // Of a ping that is an echo: the newest server time that the client has, in
  // microseconds, and for how long it has had it. Negative: it is none.
  int64_t echo_time_us = -1;
  int64_t echo_held_us = -1;
  // Of a publish: the topic, and the message as JSON without blanks.
  std::string topic;
  std::string data;
};

// What a publish may bring, and how deep it may nest: clients put it into
// messages that other clients have to parse.
inline constexpr size_t kPublishBytesMax = 4096;
inline constexpr size_t kPublishDepthMax = 64;

// Why a request was refused. `key` is the offending part of it.
struct RequestError {
  std::string id, code, reason, key;
};

using ParsedRequest = std::variant<Request, RequestError>;

// One text message: one object or an array of them; in order.
std::vector<ParsedRequest> ParseRequests(std::string_view json);

// A subscribe request from the query of a GET (RFC 3986 section 3.4).
ParsedRequest ParseQuery(std::string_view query);

// Takes `encoding=json|fb` out of `query`, which is left without it. nullopt:
// `*encoding` is set, to JSON if there is none.
std::optional<RequestError> TakeEncoding(std::string* query,
                                         Encoding* encoding);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_REQUEST_H_
