// How one speaks to nginx with nchan (https://nchan.io): subscribers name their
// channels in the path, publishers POST, here one after the other without
// waiting for the answers. See wire.h and ingest.h, and nginx.conf.in.

#ifndef STREAMHUB_BENCH_PEERS_NCHAN_PEER_H_
#define STREAMHUB_BENCH_PEERS_NCHAN_PEER_H_

#include <absl/status/status.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/holding.h"
#include "bench/load/wire.h"
#include "bench/peers/ingest.h"
#include "bench/peers/ws_peer_wire.h"

namespace streamhub::peers {

// nchan subscribes before it accepts, and tells nothing afterwards.
class NchanWire final : public WsTextWire {
 public:
  explicit NchanWire(const Options& options) : WsTextWire(options) {}

 private:
  std::string PathOf(const load::Holding& holding) const override;
  void OnOpen(const std::vector<std::string>& topics, load::Sink& sink,
              std::string* out) override;
};

class NchanIngest final : public Ingest {
 public:
  std::string Hello() override { return {}; }
  void Append(uint32_t symbol, std::string_view text,
              std::string* out) override;
  absl::Status Take(std::string_view bytes, std::string* out) override;

 private:
  load::Pending pending_;
  size_t body_ = 0;  // what is missing of the answer's body
};

}  // namespace streamhub::peers

#endif  // STREAMHUB_BENCH_PEERS_NCHAN_PEER_H_
