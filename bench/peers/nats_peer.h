// How one speaks to NATS (https://docs.nats.io/reference/nats-protocols):
// lines, and payloads of a stated size. Over a WebSocket the same stream of
// bytes comes in frames that begin and end anywhere. See wire.h and ingest.h.

#ifndef STREAMHUB_BENCH_PEERS_NATS_PEER_H_
#define STREAMHUB_BENCH_PEERS_NATS_PEER_H_

#include <absl/status/status.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/holding.h"
#include "bench/load/wire.h"
#include "bench/peers/ingest.h"
#include "bench/peers/ws_peer_wire.h"

namespace streamhub::peers {

// What a NATS server says, out of any pieces.
class NatsReader {
 public:
  enum class Event {
    kNeedMore,  // all input is taken or has to be kept: see Next()
    kMessage,   // `*payload` is one
    kPing,      // to be answered with kPong
    kPong,
    kOther,  // needs no answer
    kError,  // `*payload` says which
  };

  // Takes the next event off `*bytes`, which is left as it is where the event
  // is not whole.
  static Event Next(std::string_view* bytes, std::string_view* payload);
};

class NatsWire final : public WsPeerWire {
 public:
  explicit NatsWire(const Options& options) : WsPeerWire(options) {}

 private:
  std::string PathOf(const load::Holding& holding) const override;
  void OnOpen(const std::vector<std::string>& topics, load::Sink& sink,
              std::string* out) override;
  absl::Status OnData(std::string_view data, bool last, load::Sink& sink,
                      std::string* out) override;

  load::Pending stream_;
};

class NatsIngest final : public Ingest {
 public:
  std::string Hello() override;
  void Append(uint32_t symbol, std::string_view text,
              std::string* out) override;
  absl::Status Take(std::string_view bytes, std::string* out) override;

 private:
  load::Pending stream_;
};

}  // namespace streamhub::peers

#endif  // STREAMHUB_BENCH_PEERS_NATS_PEER_H_
