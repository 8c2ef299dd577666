// A connection of a simulated client: the transport under a session, with all
// that can befall it, and the wire to the client, on which things take time.

#ifndef STREAMHUB_TESTS_SIMULATION_CONNECTION_H_
#define STREAMHUB_TESTS_SIMULATION_CONNECTION_H_

#include <cstdint>
#include <deque>
#include <string>

#include "gateway/codec/flat_reader.h"
#include "gateway/session/session.h"
#include "gateway/session/transport.h"
#include "tests/simulation/client.h"
#include "tests/simulation/witness.h"

namespace streamhub::simulation {

class Simulation;

class Connection final : public Transport {
 public:
  Connection(Simulation& simulation, Client& client, Witness witness,
             Envelope envelope)
      : client_(client),
        witness_(std::move(witness)),
        simulation_(simulation),
        envelope_(envelope) {}

  // --- Transport ---

  Envelope envelope() const override { return envelope_; }
  bool Send(std::string& batch) override;
  void ResumeReading() override { paused_ = false; }
  void Close(CloseReason reason) override;

  // --- from the simulation ---

  // What has reached the client, all of it or some. What is cut off in the
  // middle is lost to a WebSocket as a whole.
  void Deliver(size_t messages);
  void Lose(size_t events_that_arrive);

  bool blocked() const { return free_at_ns_ >= 0; }

  Client& client_;
  Witness witness_;
  Session* session_ = nullptr;
  std::deque<std::deque<Item>> wire_;  // messages sent that did not arrive
  int64_t free_at_ns_ = -1;            // when OnSent comes; -1: not blocked
  int64_t closed_at_ns_ = -1;          // when OnClosed comes; -1: not closing
  bool paused_ = false;                // the session reads no more requests

 private:
  Simulation& simulation_;
  const Envelope envelope_;
  FlatReader flat_;
};

}  // namespace streamhub::simulation

#endif  // STREAMHUB_TESTS_SIMULATION_CONNECTION_H_
