// Encode once: within one turn of a shard every symbol is read once from the
// cache and every distinct update of it is encoded once, however many sessions
// get it. One per shard; its thread only.
//
// Of a symbol that is withdrawn the one update is a snapshot of empty fields,
// and the first one after that a snapshot again. Whether it is, is as it was
// when the turn first asked: within a turn nobody gets both.

#ifndef STREAMHUB_GATEWAY_CODEC_FRAME_CACHE_H_
#define STREAMHUB_GATEWAY_CODEC_FRAME_CACHE_H_

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/counters.h"
#include "gateway/base/shard_latency.h"
#include "gateway/codec/message_writer.h"
#include "gateway/market/market.h"
#include "gateway/market/withdrawals.h"

namespace streamhub {

class FrameCache {
 public:
  enum class Result {
    kBusy,     // the writer was in the way: ask again on the next turn
    kNothing,  // nothing that was asked for changed
    kFrame,
  };

  struct Frame {
    std::string_view bytes;  // valid until the next call
    uint64_t version;        // what the client holds once it has the frame
    bool snapshot;
    QuietNote told;  // what the client then believes
  };

  // All outlive it. `latency`, if there is one, is told how old what is encoded
  // is; `withdrawn`, if there is one, says what clients see nothing of.
  FrameCache(const Market& market, Counters& counters,
             ShardLatency* latency = nullptr,
             const WithdrawnSet* withdrawn = nullptr)
      : market_(market),
        counters_(counters),
        latency_(latency),
        withdrawn_(withdrawn) {}

  // Forgets everything. `wall_ns` is the turn's time.
  void BeginTurn(int64_t wall_ns);

  // The update from `cursor` (0, or a version that the symbol has not reached:
  // a snapshot) of `fields`, as `writer` encodes it. `quiet_told` is what the
  // client believes of the symbol; kNone: nothing yet.
  Result UpdateSince(SymbolId id, uint64_t cursor, FieldMask fields,
                     QuietNote quiet_told, MessageWriter& writer, Frame* frame);

 private:
  // An update: a place in encoded_, or that there is none.
  using UpdateIndex = uint32_t;
  static constexpr UpdateIndex kNoUpdate = ~UpdateIndex{0};

  struct Encoded {
    FieldMask fields;
    Encoding encoding;
    bool snapshot;
    QuietNote quiet;
    uint32_t begin, size;  // in bytes_
    UpdateIndex next;      // of the same symbol
  };
  struct Question {
    uint64_t cursor;
    FieldMask fields;
    QuietNote quiet_told;
    Encoding encoding;
    bool operator==(const Question&) const = default;
  };
  struct Symbol {
    bool read;
    QuietNote state;    // kNotQuiet, kQuiet or kWithdrawn
    UpdateIndex first;  // of its updates
    // Most sessions ask what the one before them asked.
    bool asked;
    Question question;  // the last one, and
    UpdateIndex answer;
    QuoteView view;
  };
  struct Entry {
    uint64_t turn = 0;
    uint32_t symbol = 0;  // index into symbols_
  };

  Symbol& Lookup(SymbolId id);
  UpdateIndex Find(SymbolId id, Symbol& symbol, const Question& question,
                   MessageWriter& writer);
  void StampEncoding(SymbolId id, int64_t received_ns);

  const Market& market_;
  Counters& counters_;
  ShardLatency* const latency_;
  const WithdrawnSet* const withdrawn_;
  uint64_t turn_ = 0;
  int64_t wall_ns_ = 0;
  std::vector<Entry> entries_;  // by SymbolId
  std::deque<Symbol> symbols_;  // reused from turn to turn
  size_t symbols_used_ = 0;
  std::vector<Encoded> encoded_;
  std::string bytes_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_FRAME_CACHE_H_
