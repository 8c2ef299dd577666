#include "bench/peers/peer.h"

#include "bench/peers/line_peer.h"
#include "bench/peers/mqtt_peer.h"
#include "bench/peers/nats_peer.h"
#include "bench/peers/nchan_peer.h"

namespace streamhub::peers {
namespace {

template <typename SomeWire>
std::unique_ptr<load::Wire> Make(const WsPeerWire::Options& options) {
  return std::make_unique<SomeWire>(options);
}

template <typename SomeIngest>
std::unique_ptr<Ingest> MakeIngest(bool) {
  return std::make_unique<SomeIngest>();
}

std::unique_ptr<Ingest> MakeMqttIngest(bool keep) {
  return std::make_unique<MqttIngest>(keep);
}

constexpr Peer kPeers[] = {
    {"nchan", Make<NchanWire>, MakeIngest<NchanIngest>},
    {"bun", Make<LineWire>, MakeIngest<LineIngest>},
    {"nats", Make<NatsWire>, MakeIngest<NatsIngest>},
    {"mosquitto", Make<MqttWire>, MakeMqttIngest},
    {"beast", Make<LineWire>, MakeIngest<LineIngest>},
};

}  // namespace

std::span<const Peer> Peers() { return kPeers; }

const Peer* FindPeer(std::string_view name) {
  for (const Peer& peer : kPeers) {
    if (peer.name == name) return &peer;
  }
  return nullptr;
}

}  // namespace streamhub::peers
