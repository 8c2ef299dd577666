// How one speaks to an MQTT broker (MQTT 3.1.1, OASIS): packets of a type, a
// length and a body, at quality of service 0. Over a WebSocket the same stream
// of bytes comes in frames. See wire.h and ingest.h, and mosquitto.conf.in.

#ifndef STREAMHUB_BENCH_PEERS_MQTT_PEER_H_
#define STREAMHUB_BENCH_PEERS_MQTT_PEER_H_

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

// The types that matter here, section 2.2.1.
enum class MqttType : uint8_t {
  kConnect = 1,
  kConnAck = 2,
  kPublish = 3,
  kSubscribe = 8,
  kSubAck = 9,
};

struct MqttPacket {
  MqttType type = MqttType::kConnect;
  std::string_view body;  // the variable header and the payload
};

// Takes a packet off `*bytes`, which is left as it is where it is not whole.
// 1: taken; 0: needs more; -1: not MQTT.
int TakeMqtt(std::string_view* bytes, MqttPacket* packet);

class MqttWire final : public WsPeerWire {
 public:
  explicit MqttWire(const Options& options) : WsPeerWire(options) {}

 private:
  std::string PathOf(const load::Holding& holding) const override;
  std::string_view Subprotocol() const override { return "mqtt"; }
  void OnOpen(const std::vector<std::string>& topics, load::Sink& sink,
              std::string* out) override;
  absl::Status OnData(std::string_view data, bool last, load::Sink& sink,
                      std::string* out) override;

  load::Pending stream_;
};

class MqttIngest final : public Ingest {
 public:
  // `retain`: who subscribes later gets the newest message of each topic.
  explicit MqttIngest(bool retain) : retain_(retain) {}

  std::string Hello() override;
  void Append(uint32_t symbol, std::string_view text,
              std::string* out) override;
  absl::Status Take(std::string_view bytes, std::string* out) override;

 private:
  const bool retain_;
  load::Pending stream_;
};

}  // namespace streamhub::peers

#endif  // STREAMHUB_BENCH_PEERS_MQTT_PEER_H_
