// What the wires of all peers have in common: a WebSocket (RFC 6455) on which a
// first message asks for topics. Unlike the gateway's, a peer's frames may be
// fragments of messages. See bench/load/wire.h; one client, its thread.

#ifndef STREAMHUB_BENCH_PEERS_WS_PEER_WIRE_H_
#define STREAMHUB_BENCH_PEERS_WS_PEER_WIRE_H_

#include <absl/status/status.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/holding.h"
#include "bench/load/wire.h"
#include "gateway/codec/ws_frame.h"

namespace streamhub::peers {

// What the wire tells when the peer has accepted the subscriptions. To clients
// it is the gateway's word for "you have got your first state".
inline constexpr std::string_view kSynced = "{\"type\":\"synced\"}";

class WsPeerWire : public load::Wire {
 public:
  struct Options {
    uint64_t random = 0;  // differs from client to client
    // Only an update is a first state, not the word that it will come.
    bool await_update = false;
  };

  std::string Open(const load::Target& target,
                   const load::Holding& holding) override;
  absl::Status Take(std::string_view bytes, load::Sink& sink,
                    std::string* out) override;

 protected:
  explicit WsPeerWire(const Options& options)
      : await_update_(options.await_update), random_(options.random) {}

  // Path and query to connect to, and the subprotocol (empty: none).
  virtual std::string PathOf(const load::Holding& holding) const = 0;
  virtual std::string_view Subprotocol() const { return {}; }

  // The connection is open: what is to be sent first. `topics` are those that
  // were asked for.
  virtual void OnOpen(const std::vector<std::string>& topics, load::Sink& sink,
                      std::string* out) = 0;

  // Data of a frame that has come whole; `last`: of its message.
  virtual absl::Status OnData(std::string_view data, bool last,
                              load::Sink& sink, std::string* out) = 0;

  // For OnOpen and OnData.
  void Send(WsOpcode opcode, std::string_view payload, std::string* out);
  void Synced(load::Sink& sink) const;

 private:
  absl::Status TakeFrames(std::string_view* bytes, load::Sink& sink,
                          std::string* out);
  uint32_t MaskKey();

  const bool await_update_;
  uint64_t random_;
  bool open_ = false;
  bool in_message_ = false;  // more fragments of it are to come
  std::vector<std::string> topics_;
  load::Pending pending_;
};

// Of peers whose messages are updates as they are, or kSynced: puts fragments
// together.
class WsTextWire : public WsPeerWire {
 protected:
  using WsPeerWire::WsPeerWire;

  absl::Status OnData(std::string_view data, bool last, load::Sink& sink,
                      std::string* out) override;

 private:
  void Give(std::string_view message, load::Sink& sink) const;

  std::string message_;
};

}  // namespace streamhub::peers

#endif  // STREAMHUB_BENCH_PEERS_WS_PEER_WIRE_H_
