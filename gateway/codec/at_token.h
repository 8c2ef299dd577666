// The token `at` of an ack (docs/protocol.md): under which circumstances what a
// client holds came about. A poll's says three things more, which let the
// server keep nothing between two polls. Pure; any thread.

#ifndef STREAMHUB_GATEWAY_CODEC_AT_TOKEN_H_
#define STREAMHUB_GATEWAY_CODEC_AT_TOKEN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/session_id.h"
#include "gateway/market/field.h"

namespace streamhub {

struct ParsedAt {
  std::string_view epoch;         // its first part
  std::string_view cursors;       // the first three: EPOCH.FIELDS.ENTITLEMENTS
  std::optional<uint64_t> feeds;  // a hash of the feeds' states that were told
  // When updates were last sent, wall clock; 0: long ago.
  int64_t issued_ms = 0;
  SessionId session = 0;  // of the client's first poll; 0: not told
};

// Of any text; what is missing or malformed is as if it had never been told.
// The views are into `at`.
ParsedAt ParseAt(std::string_view at);

// The second and third part, each with its dot before it: cursors hold only for
// the set of fields under which they came about.
std::string AtFields(bool all_fields, std::vector<FieldId> fields);

// Makes the first three parts a poll's token.
void AppendPollParts(uint64_t feeds, int64_t issued_ms, SessionId session,
                     std::string* at);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_AT_TOKEN_H_
