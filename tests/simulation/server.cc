#include "tests/simulation/server.h"

#include <utility>

#include "gateway/base/check.h"
#include "tests/support/stuck_writer.h"

namespace streamhub::simulation {

Server::Server(const Plan& plan, SimulatedClock& clock)
    : market("live", plan.symbols_max, plan.epoch_seed),
      wake(market.AddShard([this] { asleep_ = false; })),
      clock_(clock) {
  for (const FeedInfo& info : plan.feeds) {
    const FeedId id = market.AddFeed(info);
    publishers_.push_back(
        std::make_unique<Publisher>(market, id, counters, clock));
    oracle.feeds.push_back({.info = info});
  }
  oracle.BeginTurn(market, clock.WallNs());
  fanout = std::make_unique<Fanout>(market, wake, counters, clock, plan.limits);
}

bool Server::Wants() const {
  return work_left_ || !asleep_ || fanout->NextDeadline() <= clock_.MonoNs();
}

bool Server::Turn(const std::function<void()>& begins) {
  clock_.Settle();
  oracle.BeginTurn(market, clock_.WallNs());
  begins();
  work_left_ = fanout->Turn();
  asleep_ = fanout->TrySleep();
  return work_left_;
}

void Server::Define(size_t feed, SymbolInfo info) {
  const auto id = publishers_[feed]->Define(info);
  STREAMHUB_CHECK(id.ok());
  info.feed = static_cast<FeedId>(feed);
  OracleSymbol& symbol = oracle.Define(*id, std::move(info));
  const FieldValue unknown{FieldId::kTrading, PackText("unknown")};
  oracle.Tick(symbol, std::span(&unknown, 1), clock_.WallNs(), 0);
}

void Server::DefineBystanders(size_t feed, size_t count) {
  Publisher& publisher = *publishers_[feed];
  publisher.BeginBatch();
  for (; count > 0; --count) {
    SymbolInfo info;
    info.code = "bystander " + std::to_string(bystanders_++);
    info.layout = &QuoteLayout();
    const auto id = publisher.Define(std::move(info));
    STREAMHUB_CHECK(id.ok());
    publisher.Publish(*id, {{FieldId::kBid, 1}}, 0);
  }
  publisher.EndBatch();
  OracleFeed& told = oracle.feeds[feed];
  told.Hear(told.status, clock_.MonoNs());
}

void Server::Tick(OracleSymbol& symbol, std::span<const FieldValue> values,
                  int64_t event_ns) {
  Publisher& publisher = *publishers_[symbol.info.feed];
  publisher.BeginBatch();
  publisher.Publish(symbol.id, values, event_ns);
  oracle.Tick(symbol, values, clock_.WallNs(), event_ns);
  publisher.EndBatch();
  OracleFeed& feed = oracle.feeds[symbol.info.feed];
  feed.Hear(feed.status, clock_.MonoNs());
}

void Server::StartEpoch(size_t feed) {
  for (OracleSymbol& symbol : oracle.symbols) {
    if (symbol.info.feed != feed) continue;
    if (symbol.writer_inside) LeaveWrite(symbol);
    oracle.Clear(symbol);
    const FieldValue unknown{FieldId::kTrading, PackText("unknown")};
    oracle.Tick(symbol, std::span(&unknown, 1), clock_.WallNs(), 0);
  }
  publishers_[feed]->StartEpoch();
}

void Server::SetStatus(size_t feed, FeedStatus status) {
  publishers_[feed]->SetStatus(status);
  oracle.feeds[feed].Hear(status, clock_.MonoNs());
}

void Server::Heartbeat(size_t feed) {
  publishers_[feed]->Heartbeat();
  oracle.feeds[feed].Hear(oracle.feeds[feed].status, clock_.MonoNs());
}

void Server::EnterWrite(OracleSymbol& symbol) {
  if (std::exchange(symbol.writer_inside, true)) return;
  StuckWriter::Enter(market.cache(), symbol.id);
}

void Server::LeaveWrite(OracleSymbol& symbol) {
  if (!std::exchange(symbol.writer_inside, false)) return;
  StuckWriter::Leave(market.cache(), symbol.id);
}

}  // namespace streamhub::simulation
