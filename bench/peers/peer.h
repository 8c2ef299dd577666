// The peers of a comparison, by name: how their subscribers and their publisher
// speak. Pure; any thread.

#ifndef STREAMHUB_BENCH_PEERS_PEER_H_
#define STREAMHUB_BENCH_PEERS_PEER_H_

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "bench/load/wire.h"
#include "bench/peers/ingest.h"
#include "bench/peers/ws_peer_wire.h"

namespace streamhub::peers {

struct Peer {
  std::string_view name;
  std::unique_ptr<load::Wire> (*make_wire)(const WsPeerWire::Options&);
  // `keep`: so that who subscribes later has the newest message, where that is
  // for the publisher to ask.
  std::unique_ptr<Ingest> (*make_ingest)(bool keep);
};

std::span<const Peer> Peers();

// Null if there is no such.
const Peer* FindPeer(std::string_view name);

}  // namespace streamhub::peers

#endif  // STREAMHUB_BENCH_PEERS_PEER_H_
