// Copies of what clients are sent, for an operator who asked for them: of one
// session whole batches, or of one symbol its frames in every session's.
//
// A copy is made of the very bytes that are handed to the transport, after
// conflation and before its framing (WebSocket, HTTP). It is known to have been
// sent, not to have arrived.
//
// Shard's thread only: of its Fanout, which has none of this while nobody
// watches, so that a batch costs no more than two looks at a null pointer. A
// SentSink is called by the threads of all shards.

#ifndef STREAMHUB_GATEWAY_SESSION_SENT_WATCH_H_
#define STREAMHUB_GATEWAY_SESSION_SENT_WATCH_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/session_id.h"
#include "gateway/base/shard_latency.h"
#include "gateway/codec/batch.h"
#include "gateway/codec/message_writer.h"
#include "gateway/market/conflation_cache.h"
#include "gateway/market/symbol_table.h"

namespace streamhub {

struct SentCopy {
  SessionId session = 0;
  TransportKind transport = TransportKind::kOther;
  Encoding encoding = Encoding::kJson;
  int64_t time_ns = 0;      // wall clock, of the turn: a message's `time`
  uint64_t batch = 0;       // which one of the session's, from 1
  std::string_view symbol;  // whose frame it is; empty: the whole batch
  std::string_view bytes;
};

// Where copies go. Nothing here may wait: shards serve their clients with the
// same thread. False: that ticket wants no more.
class SentSink {
 public:
  virtual ~SentSink() = default;

  // The views live as long as the call.
  virtual bool OnSent(uint64_t ticket, const SentCopy& copy) = 0;

  // The watched session is over: nothing follows.
  virtual void OnOver(uint64_t ticket) = 0;

  // Now and then, of a ticket for which nothing was sent.
  virtual bool Wants(uint64_t ticket) = 0;
};

struct SentWatch {
  uint64_t ticket = 0;       // the sink's own
  SentSink* sink = nullptr;  // outlives the fan-out
  SessionId session = 0;     // or 0, and then
  std::string symbol;        // a symbol or topic; it may be to come
};

// Those of one fan-out.
class SentWatches {
 public:
  struct Watched {
    SentWatch watch;
    std::optional<SymbolId> symbol;  // what it is called in this market

    // Of the flush at hand: the subscription before its update is built, and
    // where the messages of a topic are in the batch.
    bool noted = false;
    uint32_t index = 0;
    uint64_t cursor = 0;
    QuietNote quiet_told = QuietNote::kNone;
    size_t part_begin = 0, part_end = 0;
  };

  // New symbols may be among those that are watched.
  void Resolve(const SymbolTable& symbols) {
    for (Watched& watched : list) {
      if (watched.watch.symbol.empty() || watched.symbol.has_value()) continue;
      watched.symbol = symbols.Find(watched.watch.symbol);
    }
  }

  // The messages of that topic are in these bytes of the batch.
  void NotePart(SymbolId topic, size_t begin, size_t end) {
    for (Watched& watched : list) {
      if (watched.symbol != topic) continue;
      watched.part_begin = begin;
      watched.part_end = end;
    }
  }

  std::vector<Watched> list;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_SENT_WATCH_H_
