// What a client holds, kept by the rules of docs/protocol.md. Values stay the
// text that came, so that a comparison sees every digit. One thread.

#ifndef STREAMHUB_TESTS_SUPPORT_HELD_MARKET_H_
#define STREAMHUB_TESTS_SUPPORT_HELD_MARKET_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/support/json_value.h"

namespace streamhub {

struct HeldQuote {
  int64_t version = 0;
  int64_t ticks = 0;
  int64_t updates = 0;    // that arrived
  int64_t snapshots = 0;  // of those
  bool last_was_snapshot = false;
  bool withdrawn = false;
  std::vector<std::string> last_fields;       // of the last update
  std::map<std::string, std::string> fields;  // "null" is empty
};

struct HeldMarket {
  std::string market;  // of hello; a poll tells none
  std::string epoch;
  std::map<std::string, HeldQuote> quotes;
  std::map<std::string, std::string> feeds;  // name -> status
  std::vector<std::string> order;  // of the updates' symbols, as they came
  std::string at;                  // of the newest ack that has one
  int64_t time = 0;                // of the server, in µs

  // Applies an object that came.
  void Apply(const JsonValue& object);
};

// The fields of one member of a `quotes` object.
std::map<std::string, std::string> FieldsOf(const JsonValue& quote);

// What a `/v1/quotes` document says.
HeldMarket FromDocument(const JsonValue& document);

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SUPPORT_HELD_MARKET_H_
