// One run: everything that happens, chosen by one seed.
//
// The run draws a plan first: which faults there are at all, how quick time
// goes, how large batches may be. A run with all faults on at once hides more
// than it shows.

#ifndef STREAMHUB_TESTS_SIMULATION_SIMULATION_H_
#define STREAMHUB_TESTS_SIMULATION_SIMULATION_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/client.h"
#include "tests/simulation/connection.h"
#include "tests/simulation/poller.h"
#include "tests/simulation/random.h"
#include "tests/simulation/server.h"
#include "tests/simulation/verdict.h"

namespace streamhub::simulation {

struct Faults {
  bool stalls, long_stalls, drops, lost_messages, forged_cursors, restarts,
      epochs, feed_trouble, stuck_writers, ticks_during_turns, slow_turns,
      late_turns, nonsense, floods, small_batches;
};

class Simulation {
 public:
  // `polls`: there are clients that poll, too.
  Simulation(uint64_t seed, bool trace, bool polls = false);

  // Empty if all went well.
  std::string Run();

  // --- for connections ---

  int64_t MonoNs() const { return clock_.MonoNs(); }
  void TraceMessage(const Connection& connection, std::string_view message);
  // Something may happen while the server is at work.
  void DuringTurn();
  // How long a write takes that has begun now; -1: no time.
  int64_t StallNs();
  int64_t CloseTakesNs();

 private:
  void DrawPlan();
  SessionLimits DrawLimits();
  void StartServer();

  // --- time ---

  void Advance(int64_t ns);
  void RunTimers();
  void RunServer();
  int64_t NextTimerNs() const;

  // --- what happens ---

  void Step();
  void Tick();
  void DrawValues(const OracleSymbol& symbol, std::vector<FieldValue>* values);
  void DefineSymbol();
  void FeedTrouble();
  void ToggleWriter();
  void Restart();
  void Connect(Client& client);
  void Converse(Connection& connection);
  void Subscribe(Connection& connection);
  void Change(Connection& connection);
  void Unsubscribe(Connection& connection);
  void Nonsense(Connection& connection);
  void Flood(Connection& connection);
  bool Send(Connection& connection, const Ask& ask);
  void Tell(Connection& connection, std::string_view json);
  void Forge(Ask* ask);
  void CatchUp();
  void Drop(Connection& connection);

  // --- clients that poll (polls.cc) ---

  void DrawPollers();
  void StepPollers();
  void EndAnsweredPolls();

  // --- the end ---

  void Settle();
  void CheckConvergence();

  Connection* ConnectionOf(const Client& client);
  Connection* AnyConnection();
  std::string AnyCode();
  Client::Want AnyWant();
  std::vector<std::string> SomeOf(std::vector<std::string> all);

  const uint64_t seed_;
  const bool polls_;
  Random random_;
  Random bystanders_;  // of its own: other draws stay what they were
  Verdict verdict_;
  SimulatedClock clock_;
  Faults faults_{};
  Pace pace_;
  int64_t step_ns_max_ = 0;
  size_t rates_ = 0;  // of kRates, the first so many are in use
  Server::Plan plan_;
  std::vector<std::string> codes_;  // symbols that there are or will be
  Tokens tokens_;
  std::unique_ptr<Server> server_;
  std::deque<Client> clients_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::deque<Poller> pollers_;
  uint64_t next_id_ = 1;
  bool settling_ = false;
};

}  // namespace streamhub::simulation

#endif  // STREAMHUB_TESTS_SIMULATION_SIMULATION_H_
