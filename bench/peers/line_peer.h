// How one speaks to the fan-outs of ours, beast_fanout and bun_fanout.js. A
// subscriber's first message names its topics, with blanks between; the answer
// is the newest message of each, as far as there is one, then `synced`. A
// publisher sends lines, "TOPIC MESSAGE". See wire.h and ingest.h.

#ifndef STREAMHUB_BENCH_PEERS_LINE_PEER_H_
#define STREAMHUB_BENCH_PEERS_LINE_PEER_H_

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

class LineWire final : public WsTextWire {
 public:
  explicit LineWire(const Options& options) : WsTextWire(options) {}

 private:
  std::string PathOf(const load::Holding& holding) const override;
  void OnOpen(const std::vector<std::string>& topics, load::Sink& sink,
              std::string* out) override;
};

class LineIngest final : public Ingest {
 public:
  std::string Hello() override { return {}; }
  void Append(uint32_t symbol, std::string_view text,
              std::string* out) override;
  absl::Status Take(std::string_view bytes, std::string* out) override;
};

}  // namespace streamhub::peers

#endif  // STREAMHUB_BENCH_PEERS_LINE_PEER_H_
