// What one client of a load test is subscribed to and holds: per symbol the
// version, the ticks since its snapshot, and, if the test is to compare them,
// the values. Belongs to its client's thread.

#ifndef STREAMHUB_BENCH_LOAD_HOLDING_H_
#define STREAMHUB_BENCH_LOAD_HOLDING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/load/scan.h"
#include "gateway/market/field.h"

namespace streamhub::load {

// Values as they are written in JSON, by field, ascending.
using Values = std::vector<std::pair<FieldId, std::string>>;

// Puts `fields` (see Quote) into `*values`, over what is there. False for what
// no gateway writes, or for a field that the dictionary does not have.
bool MergeFields(std::string_view fields, Values* values);

struct Held {
  uint32_t symbol = 0;  // index into the names
  bool told = false;    // an ack has described it, or called it unknown
  bool quiet = false;
  int64_t version = 0;      // 0: nothing
  int64_t first_ticks = 0;  // n of the snapshot
  int64_t ticks = 0;        // n of the newest update
  int64_t first_us = 0;     // when the snapshot came
  int64_t last_us = 0;      // when the newest update came
  int64_t updates = 0;      // that brought ticks, after the snapshot
  Values values;            // only if keep_values
};

// What all clients ask for.
struct Wanted {
  std::vector<std::string> names;   // all symbols, as JSON writes them
  std::vector<std::string> plain;   // the same, as they are
  std::vector<std::string> fields;  // empty: all
  std::string max_rate;             // empty: the server's default
  bool keep_values = false;
};

class Holding {
 public:
  // `wanted` outlives it.
  Holding(const Wanted& wanted, const std::vector<uint32_t>& symbols);

  // As it was made: it holds nothing.
  void Forget();

  // Takes one quote of an update. Null if it is of a symbol that was not asked
  // for, or makes no sense (see scan.h).
  const Held* Apply(const Quote& quote, int64_t now_us);

  // Takes an ack: its token, and whom it tells about.
  void OnAck(std::string_view object);

  const Wanted& wanted() const { return wanted_; }
  const std::vector<Held>& held() const { return held_; }
  const std::string& at() const { return at_; }

 private:
  Held* Find(std::string_view name);

  const Wanted& wanted_;
  std::vector<Held> held_;
  // Where in held_ a name is, plus one; 0: nowhere. By the hash of the name,
  // with linear probing, at most half full.
  std::vector<uint16_t> index_;
  std::string at_;  // the token of the last ack
};

// `text` as a part of a query (RFC 3986 section 2.1).
std::string PercentEncode(std::string_view text);

// The subscribe request of `holding`: as a query, and as JSON. With what it
// holds if it has a token, as long polling wants it.
std::string ToQuery(const Holding& holding);
std::string ToJson(const Holding& holding);

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_HOLDING_H_
