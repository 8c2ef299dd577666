// The plan of a run, its time, its begin and its end.

#include "tests/simulation/simulation.h"

#include <algorithm>
#include <utility>

namespace streamhub::simulation {

Simulation::Simulation(uint64_t seed, bool trace, bool polls)
    : seed_(seed),
      polls_(polls),
      random_(seed),
      bystanders_(~seed),
      verdict_(trace) {}

std::string Simulation::Run() {
  DrawPlan();
  StartServer();
  if (polls_) DrawPollers();
  const int64_t steps = random_.Between(40, 250);
  for (int64_t i = 0; i < steps && verdict_.ok(); ++i) Step();
  if (verdict_.ok()) Settle();
  if (verdict_.ok()) CheckConvergence();
  // A session must not outlive its transport.
  while (!connections_.empty()) Drop(*connections_.front());
  for (Poller& poller : pollers_) poller.End(/*arrives=*/false);
  return verdict_.text();
}

// --- the plan ---

void Simulation::DrawPlan() {
  const auto draw = [this](bool* fault, int percent) {
    *fault = random_.Chance(percent);
  };
  draw(&faults_.stalls, 50);
  draw(&faults_.long_stalls, 20);
  draw(&faults_.drops, 50);
  draw(&faults_.lost_messages, 60);
  draw(&faults_.forged_cursors, 30);
  draw(&faults_.restarts, 25);
  draw(&faults_.epochs, 25);
  draw(&faults_.feed_trouble, 30);
  draw(&faults_.stuck_writers, 25);
  draw(&faults_.ticks_during_turns, 30);
  draw(&faults_.slow_turns, 15);
  draw(&faults_.late_turns, 15);
  draw(&faults_.nonsense, 30);
  draw(&faults_.floods, 15);
  draw(&faults_.small_batches, 40);

  // Time goes quickly or slowly, and the rates in use are fit for it.
  constexpr int64_t kSteps[] = {2, 20, 200, 2000};
  const size_t quickness = random_.Below(4);
  step_ns_max_ = kSteps[quickness] * kMillisecond;
  while (rates_ < kRates.size() &&
         kRates[rates_].period_ns <= 100 * step_ns_max_) {
    ++rates_;
  }
  pace_.exact = !faults_.late_turns && !faults_.slow_turns;
  if (faults_.late_turns) pace_.lateness_ns = step_ns_max_;
  if (faults_.slow_turns) {
    clock_.reading_takes_ns = 300 * kMicrosecond;
    pace_.lateness_ns += 50 * kMillisecond;
  }

  plan_.limits = DrawLimits();
  constexpr int64_t kQuietAfterMs[] = {50, 1000, 15'000, 3'600'000};
  for (const char* const name : {"one", "two"}) {
    FeedInfo info;
    info.name = name;
    info.source = random_.Chance(50) ? Source::kRealtime : Source::kSimulated;
    info.stale_after_ns = (random_.Chance(50) ? 100 : 3000) * kMillisecond;
    info.quiet_after_ns = kQuietAfterMs[random_.Below(4)] * kMillisecond;
    plan_.feeds.push_back(std::move(info));
  }
  constexpr std::string_view kCodes[] = {
      "AAPL", "EUR/USD", "a;b c", "\"q\\", "Z\xC3\xBCrich",        "0", "M1",
      "M2",   "M3",      "M4",    "M5",    "a code of some length"};
  const auto count = static_cast<size_t>(random_.Between(2, 12));
  for (size_t i = 0; i < count; ++i) codes_.emplace_back(kCodes[i]);
}

SessionLimits Simulation::DrawLimits() {
  SessionLimits limits;
  if (faults_.small_batches) {
    limits.batch_bytes_max = static_cast<size_t>(random_.Between(1, 2000));
    limits.replies_bytes_max = static_cast<size_t>(random_.Between(300, 3000));
  }
  if (random_.Chance(30)) limits.subscriptions_max = 4;
  if (random_.Chance(50)) limits.heartbeat_ns = 500 * kMillisecond;
  if (faults_.long_stalls) limits.write_stall_ns_max = 3 * kSecond;
  return limits;
}

void Simulation::StartServer() {
  plan_.epoch_seed = random_.Next();
  server_ = std::make_unique<Server>(plan_, clock_);
  for (size_t feed = 0; feed < plan_.feeds.size(); ++feed) {
    if (random_.Chance(80)) server_->SetStatus(feed, FeedStatus::kLive);
  }
  for (size_t i = random_.Below(codes_.size() + 1); i > 0; --i) DefineSymbol();
}

// --- time ---

int64_t Simulation::NextTimerNs() const {
  int64_t next = INT64_MAX;
  for (const auto& connection : connections_) {
    for (const int64_t at :
         {connection->free_at_ns_, connection->closed_at_ns_}) {
      if (at >= 0) next = std::min(next, at);
    }
  }
  return next;
}

void Simulation::RunTimers() {
  const int64_t now = MonoNs();
  for (const auto& connection : connections_) {
    if (connection->free_at_ns_ >= 0 && connection->free_at_ns_ <= now) {
      connection->free_at_ns_ = -1;
      connection->witness_.OnSent(now);
      connection->session_->OnSent();
    }
  }
  EndAnsweredPolls();
  for (size_t i = 0; i < connections_.size();) {
    Connection& connection = *connections_[i];
    if (connection.closed_at_ns_ >= 0 && connection.closed_at_ns_ <= now) {
      Drop(connection);
    } else {
      ++i;
    }
  }
}

void Simulation::RunServer() {
  constexpr int kTurnsMax = 5000;
  int turns = 0;
  bool left = false;
  while (server_->Wants() && verdict_.ok()) {
    left = server_->Turn([this] {
      for (const auto& connection : connections_) {
        connection->witness_.OnTurn(connection->blocked());
      }
      for (Poller& poller : pollers_) poller.OnTurn();
    });
    if (left) {
      for (const auto& connection : connections_) {
        connection->witness_.Hinder();
      }
    }
    RunTimers();
    const bool stuck = std::any_of(
        server_->oracle.symbols.begin(), server_->oracle.symbols.end(),
        [](const OracleSymbol& symbol) { return symbol.writer_inside; });
    if (left && stuck && turns > 3 * static_cast<int>(connections_.size())) {
      break;  // it waits for the writer
    }
    if (!verdict_.Expect(++turns < kTurnsMax, Rule::kRate,
                         "the server does not come to rest")) {
      return;
    }
  }
  if (left && clock_.reading_takes_ns > 0) return;
  for (Poller& poller : pollers_) poller.AtRest();
  for (const auto& connection : connections_) {
    if (connection->blocked()) continue;
    connection->witness_.AtRest(MonoNs(), clock_.WallNs());
    // Who is given up because it was stuck may come free while it is closed.
    verdict_.Expect(!connection->paused_ || connection->witness_.closed() ||
                        connection->closed_at_ns_ >= 0,
                    Rule::kBounds, "reading is not resumed");
  }
}

void Simulation::Advance(int64_t ns) {
  clock_.Settle();
  const int64_t target = clock_.now_ns + ns;
  if (faults_.late_turns) {
    clock_.now_ns = target;
    RunTimers();
    RunServer();
    return;
  }
  RunServer();
  while (clock_.now_ns < target && verdict_.ok()) {
    const int64_t now = MonoNs();
    const int64_t next =
        std::min(server_->fanout->NextDeadline(), NextTimerNs());
    // At once would be: a writer is stuck, the server asks again and again.
    const int64_t wait = std::max(next - now, kMillisecond);
    const int64_t exact = next > now ? next - now : wait;
    clock_.now_ns = std::min(target, clock_.now_ns + exact);
    RunTimers();
    RunServer();
    clock_.Settle();
  }
}

void Simulation::TraceMessage(const Connection& connection,
                              std::string_view message) {
  if (!verdict_.traces()) return;
  size_t number = 0;
  while (connections_[number].get() != &connection) ++number;
  verdict_.Trace("  to " + std::to_string(number) + " at " +
                 std::to_string(clock_.now_ns / kMicrosecond) + " us:");
  verdict_.Trace(message);
}

void Simulation::DuringTurn() {
  if (settling_ || !faults_.ticks_during_turns || !random_.Chance(20)) return;
  if (random_.Chance(10)) {
    DefineSymbol();
  } else {
    Tick();
  }
}

int64_t Simulation::StallNs() {
  if (settling_) return -1;
  if (faults_.long_stalls && random_.Chance(5)) {
    return random_.Between(0, 5 * kSecond);
  }
  if (faults_.stalls && random_.Chance(30)) {
    return random_.Between(0, 2 * step_ns_max_);
  }
  return -1;
}

int64_t Simulation::CloseTakesNs() {
  return random_.Between(0, 100 * kMillisecond);
}

// --- the end ---

void Simulation::Settle() {
  verdict_.Trace("settling");
  settling_ = true;
  constexpr int64_t kToTell = 8 * kSecond;
  int64_t quiet_after_ns = 0;
  for (const FeedInfo& feed : plan_.feeds) {
    if (feed.quiet_after_ns < kSecond * 60) {
      quiet_after_ns = std::max(quiet_after_ns, feed.quiet_after_ns);
    }
  }
  std::vector<int64_t> turns_quiet_ns;  // from now on
  for (OracleSymbol& symbol : server_->oracle.symbols) {
    server_->LeaveWrite(symbol);
    turns_quiet_ns.push_back(symbol.now().received_ns - clock_.WallNs() +
                             server_->oracle.QuietAfter(symbol, symbol.now()));
  }
  const bool alive = random_.Chance(50);
  const int64_t chunk = std::max(step_ns_max_, 500 * kMillisecond);
  int64_t total = 2 * kRates[rates_ - 1].period_ns + quiet_after_ns +
                  2 * plan_.limits.heartbeat_ns + kToTell;
  // None may turn quiet at the very end, when it cannot be told any more.
  std::sort(turns_quiet_ns.begin(), turns_quiet_ns.end());
  for (const int64_t at_ns : turns_quiet_ns) {
    const bool late = total - kToTell < at_ns && at_ns < total + 2 * chunk;
    if (late) total = at_ns + kToTell;
  }
  for (int64_t done = 0; done < total && verdict_.ok(); done += chunk) {
    for (size_t feed = 0; alive && feed < plan_.feeds.size(); ++feed) {
      server_->Heartbeat(feed);
    }
    // As fine as in the run: the witness knows how late turns may be.
    const int64_t piece =
        faults_.late_turns ? std::min(chunk, step_ns_max_) : chunk;
    for (int64_t part = 0; part < chunk; part += piece) Advance(piece);
  }
  Advance(std::min(step_ns_max_, 250 * kMillisecond));
}

void Simulation::CheckConvergence() {
  for (Poller& poller : pollers_) {
    poller.ExpectHoldsAll();
    poller.End(/*arrives=*/true);
  }
  server_->Turn([] {});  // they are gone
  size_t subscriptions = 0;
  for (const auto& connection : connections_) {
    connection->Deliver(SIZE_MAX);
    verdict_.Expect(!connection->blocked(), Rule::kConvergence,
                    "a connection is stuck");
    for (const std::string& code : connection->witness_.Codes()) {
      const OracleSymbol& symbol = *server_->oracle.Known(code);
      connection->client_.ExpectHolds(
          symbol, connection->witness_.FieldsOf(code),
          server_->oracle.Quiet(symbol, clock_.WallNs()));
    }
    subscriptions += connection->witness_.subscriptions();
  }
  verdict_.Expect(server_->fanout->session_count() == connections_.size(),
                  Rule::kBounds, "sessions are left over");
  verdict_.Expect(server_->counters.Get(Metric::kSubscriptions) ==
                      static_cast<int64_t>(subscriptions),
                  Rule::kBounds, "the subscriptions are miscounted");
}

}  // namespace streamhub::simulation
