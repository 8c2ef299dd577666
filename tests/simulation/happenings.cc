// What happens in a run, step by step.

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <variant>

#include "gateway/codec/event_id.h"
#include "tests/simulation/simulation.h"

namespace streamhub::simulation {
namespace {

constexpr size_t kClientsMax = 6;

// Few fields, and in another order than the dictionary.
const Layout& OddLayout() {
  static const Layout layout{std::to_array<FieldId>(
      {FieldId::kLast, FieldId::kAsk, FieldId::kTrading, FieldId::kVolume,
       FieldId::kTradeTime, FieldId::kBid})};
  return layout;
}

}  // namespace

void Simulation::Step() {
  for (size_t feed = 0; feed < plan_.feeds.size(); ++feed) {
    if (!faults_.feed_trouble || random_.Chance(60)) server_->Heartbeat(feed);
  }
  if (polls_) StepPollers();
  const size_t what = random_.Below(100);
  Connection* const connection = AnyConnection();
  if (what < 50) {
    Tick();
  } else if (what < 53) {
    DefineSymbol();
  } else if (what < 60) {
    if (clients_.size() < kClientsMax) {
      clients_.emplace_back(verdict_, random_.Chance(25));
    }
    for (Client& client : clients_) {
      if (ConnectionOf(client) == nullptr && random_.Chance(50)) {
        Connect(client);
      }
    }
  } else if (what < 80) {
    if (connection != nullptr) Converse(*connection);
  } else if (what < 83) {
    if (connection != nullptr && faults_.drops) Drop(*connection);
  } else if (what < 84) {
    if (faults_.restarts) Restart();
  } else if (what < 86) {
    if (faults_.epochs) {
      verdict_.Trace("epoch");
      server_->StartEpoch(random_.Below(plan_.feeds.size()));
    }
  } else if (what < 90) {
    if (faults_.feed_trouble) FeedTrouble();
  } else if (what < 94) {
    if (faults_.stuck_writers) ToggleWriter();
  } else {
    for (const auto& any : connections_) any->Deliver(random_.Below(4));
  }
  // Now and then more happens before the server's next turn.
  if (random_.Chance(20)) return;
  Advance(random_.Chance(50) ? 0 : random_.Between(0, step_ns_max_));
}

// --- feeds ---

void Simulation::Tick() {
  auto& symbols = server_->oracle.symbols;
  if (symbols.empty()) return;
  for (size_t i = 1 + random_.Below(3); i > 0; --i) {
    OracleSymbol& symbol = symbols[random_.Below(symbols.size())];
    if (symbol.writer_inside) continue;
    std::vector<FieldValue> values;
    DrawValues(symbol, &values);
    const int64_t event_ns =
        random_.Chance(50) ? 0 : clock_.WallNs() / 1000 * 1000;
    server_->Tick(symbol, values, event_ns);
    verdict_.Trace("tick " + symbol.info.code + " to version " +
                   std::to_string(symbol.now().version));
  }
}

// Of few values, so that many a tick changes nothing.
void Simulation::DrawValues(const OracleSymbol& symbol,
                            std::vector<FieldValue>* values) {
  constexpr int64_t kNumbers[] = {kEmpty,
                                  0,
                                  -150,
                                  18995,
                                  18996,
                                  7,
                                  std::numeric_limits<int64_t>::max(),
                                  kEmpty,
                                  1,
                                  kEmpty + 1};
  constexpr std::string_view kTexts[] = {"open",  "halted",   "a\"\\b",
                                         "\x01z", "\xC3\xA9", ""};
  const Layout& layout = *symbol.info.layout;
  for (size_t i = random_.Below(5); i > 0; --i) {
    // Also fields that the symbol does not have; each once.
    const auto field =
        random_.Chance(80)
            ? layout.field(static_cast<int>(random_.Below(layout.size())))
            : static_cast<FieldId>(random_.Below(kFieldCount));
    if (std::any_of(values->begin(), values->end(),
                    [&](const FieldValue& v) { return v.field == field; })) {
      continue;
    }
    int64_t value = kNumbers[random_.Below(std::size(kNumbers))];
    if (KindOf(field) == FieldKind::kText && value != kEmpty) {
      value = PackText(kTexts[random_.Below(std::size(kTexts))]);
    }
    if (KindOf(field) == FieldKind::kTime && value != kEmpty) {
      value = clock_.WallNs() / 1000 * 1000;
    }
    values->push_back({field, value});
  }
}

void Simulation::DefineSymbol() {
  const size_t index = server_->oracle.symbols.size();
  if (index >= codes_.size()) return;
  if (bystanders_.Chance(15)) {
    server_->DefineBystanders(bystanders_.Below(plan_.feeds.size()),
                              bystanders_.Below(80));
  }
  SymbolInfo info;
  info.code = codes_[index];
  if (random_.Chance(50)) info.name = "Name \"of\" it";
  if (random_.Chance(50)) info.currency = "USD";
  info.price_decimals = static_cast<int>(random_.Below(kDecimalsMax + 1));
  info.quantity_decimals = static_cast<int>(random_.Below(3));
  const Layout* const layouts[] = {&QuoteLayout(), &BookLayout(), &OddLayout()};
  info.layout = layouts[random_.Below(3)];
  verdict_.Trace("define " + info.code);
  server_->Define(random_.Below(plan_.feeds.size()), std::move(info));
}

void Simulation::FeedTrouble() {
  constexpr FeedStatus kStatuses[] = {FeedStatus::kDown, FeedStatus::kLive,
                                      FeedStatus::kLive, FeedStatus::kStale,
                                      FeedStatus::kEnded};
  server_->SetStatus(random_.Below(plan_.feeds.size()),
                     kStatuses[random_.Below(std::size(kStatuses))]);
}

void Simulation::ToggleWriter() {
  auto& symbols = server_->oracle.symbols;
  if (symbols.empty()) return;
  OracleSymbol& symbol = symbols[random_.Below(symbols.size())];
  if (symbol.writer_inside) {
    server_->LeaveWrite(symbol);
  } else {
    server_->EnterWrite(symbol);
  }
}

void Simulation::Restart() {
  verdict_.Trace("restart");
  if (random_.Chance(50)) {
    for (const auto& connection : connections_) connection->witness_.OnClose();
    server_->fanout->CloseAll(CloseReason::kServerStopping);
    RunServer();
  }
  while (!connections_.empty()) Drop(*connections_.front());
  for (Poller& poller : pollers_) poller.End(random_.Chance(50));
  StartServer();
}

// --- clients ---

Connection* Simulation::ConnectionOf(const Client& client) {
  for (const auto& connection : connections_) {
    if (&connection->client_ == &client) return connection.get();
  }
  return nullptr;
}

Connection* Simulation::AnyConnection() {
  if (connections_.empty()) return nullptr;
  return connections_[random_.Below(connections_.size())].get();
}

std::string Simulation::AnyCode() {
  return codes_[random_.Below(codes_.size())];
}

Client::Want Simulation::AnyWant() {
  Client::Want want;
  want.rate = &kRates[random_.Below(random_.Chance(40) ? 1 : rates_)];
  if (random_.Chance(25)) return want;
  want.has_fields = true;
  switch (random_.Below(4)) {
    case 0:
      want.fields = {FieldId::kBid, FieldId::kAsk};
      break;
    case 1:
      want.fields = {FieldId::kLast};
      break;
    case 2:
      want.fields = {FieldId::kAsk10Size, FieldId::kVolume};
      break;
    default:
      for (size_t i = 1 + random_.Below(6); i > 0; --i) {
        want.fields.push_back(static_cast<FieldId>(random_.Below(kFieldCount)));
      }
  }
  return want;
}

std::vector<std::string> Simulation::SomeOf(std::vector<std::string> all) {
  std::vector<std::string> some;
  for (size_t i = 1 + random_.Below(4); i > 0 && !all.empty(); --i) {
    const size_t which = random_.Below(all.size());
    some.push_back(std::move(all[which]));
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(which));
  }
  return some;
}

void Simulation::Connect(Client& client) {
  if (client.event_source_ && client.wants.empty()) {
    const Client::Want want = AnyWant();
    for (const std::string& code : SomeOf(codes_)) client.wants[code] = want;
  }
  const auto envelope = client.event_source_ ? Envelope::kSse
                        : random_.Chance(30) ? Envelope::kFlat
                                             : Envelope::kLines;
  auto fresh = std::make_unique<Connection>(
      *this, client,
      Witness(server_->oracle, plan_.limits, tokens_, verdict_, pace_, envelope,
              MonoNs()),
      envelope);
  Connection& connection = *fresh;
  connection.session_ = server_->fanout->Open(&connection);
  connections_.push_back(std::move(fresh));
  verdict_.Trace("connect " + std::to_string(connections_.size() - 1));
  for (Ask& ask : client.Resume(&next_id_)) {
    if (!client.event_source_) {
      const bool forged = faults_.forged_cursors && random_.Chance(50);
      if (forged) Forge(&ask);
      if (connection.paused_ || !Send(connection, ask)) {
        for (const auto& symbol : ask.symbols) client.wants.erase(symbol.name);
      }
      if (forged) CatchUp();
      continue;
    }
    auto parsed = ParseQuery(ask.Query());
    auto* const request = std::get_if<streamhub::Request>(&parsed);
    if (!verdict_.Expect(request != nullptr, Rule::kAnswers, "a bad query")) {
      return;
    }
    verdict_.Trace("query " + ask.Query() + " after " + client.last_event_id);
    ApplyEventId(client.last_event_id, request);
    ask.at = request->at;
    ask.symbols = request->symbols;
    connection.witness_.OnAsk(ask);
    connection.session_->OnRequest(*request);
  }
}

void Simulation::Converse(Connection& connection) {
  if (connection.paused_ || connection.client_.event_source_ ||
      connection.closed_at_ns_ >= 0) {
    return;
  }
  switch (random_.Below(8)) {
    case 0:
    case 1:
    case 2:
      return Subscribe(connection);
    case 3:
    case 4:
      return Change(connection);
    case 5:
      return Unsubscribe(connection);
    case 6:
      if (faults_.nonsense) Nonsense(connection);
      return;
    default:
      if (faults_.floods) Flood(connection);
  }
}

void Simulation::Subscribe(Connection& connection) {
  Client& client = connection.client_;
  const Client::Want want = AnyWant();
  Ask ask;
  ask.id = std::to_string(next_id_++);
  ask.has_fields = want.has_fields;
  ask.fields = want.fields;
  ask.rate = want.rate;
  for (const std::string& code : SomeOf(codes_)) {
    RequestSymbol symbol{code, 0};
    std::string token;
    // Sometimes it says what it holds, though it never went away. With
    // messages under way it cannot know what it will hold.
    if (connection.wire_.empty() && random_.Chance(50) &&
        client.Claim(code, &symbol.version, &token)) {
      if (ask.at.empty()) ask.at = token;
    }
    if (token != ask.at) symbol.version = 0;
    ask.symbols.push_back(std::move(symbol));
  }
  const bool forged = faults_.forged_cursors && random_.Chance(50);
  if (forged) Forge(&ask);
  if (!Send(connection, ask)) return;
  for (const auto& symbol : ask.symbols) client.wants[symbol.name] = want;
  if (forged) CatchUp();
}

// Claims what is not so, but never a version that there was and that it does
// not hold: who lies like that deserves what it gets.
void Simulation::Forge(Ask* ask) {
  if (ask->at.empty()) return;
  const size_t how = random_.Below(4);
  if (how == 0) ask->at += '0';
  if (how == 1) ask->at.pop_back();
  for (RequestSymbol& symbol : ask->symbols) {
    const OracleSymbol* const known = server_->oracle.Known(symbol.name);
    if (how == 2 && known != nullptr) {
      symbol.version = known->now().version + 1 + random_.Below(3);
      if (random_.Chance(20)) symbol.version = UINT64_MAX;
    }
    if (how == 3 && symbol.version > 0) {
      symbol.version -= random_.Below(static_cast<size_t>(symbol.version));
    }
  }
}

// The market may get to where a claim is before the server's next turn.
void Simulation::CatchUp() {
  for (size_t i = random_.Below(8); i > 0; --i) Tick();
}

void Simulation::Change(Connection& connection) {
  Client& client = connection.client_;
  std::vector<std::string> codes;
  for (const auto& [code, want] : client.wants) codes.push_back(code);
  if (random_.Chance(10)) codes.push_back("no such symbol");
  if (codes.empty()) return;
  const Client::Want want = AnyWant();
  Ask ask;
  ask.type = Request::Type::kChange;
  ask.id = std::to_string(next_id_++);
  if (random_.Chance(60)) {
    ask.has_fields = want.has_fields;
    ask.fields = want.fields;
  }
  if (random_.Chance(60) && !want.rate->asked.empty()) ask.rate = want.rate;
  for (const std::string& code : SomeOf(codes))
    ask.symbols.push_back({code, 0});
  if (!Send(connection, ask)) return;
  for (const auto& symbol : ask.symbols) {
    Client::Want& changed = client.wants.at(symbol.name);
    if (ask.rate != nullptr) changed.rate = ask.rate;
    if (!ask.has_fields) continue;
    changed.has_fields = true;
    changed.fields = ask.fields;
  }
}

void Simulation::Unsubscribe(Connection& connection) {
  Client& client = connection.client_;
  std::vector<std::string> codes;
  for (const auto& [code, want] : client.wants) codes.push_back(code);
  if (random_.Chance(20)) codes.push_back(AnyCode() + '?');
  if (codes.empty()) return;
  Ask ask;
  ask.type = Request::Type::kUnsubscribe;
  ask.id = std::to_string(next_id_++);
  for (const std::string& code : SomeOf(codes))
    ask.symbols.push_back({code, 0});
  if (!Send(connection, ask)) return;
  client.NoteUnsubscribe(ask);
  for (const auto& symbol : ask.symbols) client.wants.erase(symbol.name);
}

void Simulation::Nonsense(Connection& connection) {
  const std::string id = std::to_string(next_id_++);
  std::string code, key, json;
  switch (random_.Below(4)) {
    case 0:
      code = "unknown_type";
      key = "buy";
      json = R"({"type":"buy","id":)" + id + '}';
      break;
    case 1:
      code = "unknown_field";
      key = "bidd";
      json = R"({"type":"subscribe","fields":["bid","bidd"],"symbols":["M1"],)"
             R"("id":)" +
             id + '}';
      break;
    case 2:
      code = "bad_rate";
      key = "max_rate";
      json = R"({"type":"subscribe","symbols":["M1"],"max_rate":0.001,"id":)" +
             id + '}';
      break;
    default:
      code = "bad_symbol";
      key = "a,b";
      json = R"({"type":"unsubscribe","symbols":["M1","a,b"],"id":)" + id + '}';
  }
  connection.witness_.OnNonsense(id, code, key);
  Tell(connection, json);
}

void Simulation::Flood(Connection& connection) {
  Ask ping;
  ping.type = Request::Type::kPing;
  for (size_t i = random_.Below(300); i > 0 && !connection.paused_; --i) {
    ping.id = std::to_string(next_id_++);
    Send(connection, ping);
  }
}

bool Simulation::Send(Connection& connection, const Ask& ask) {
  const bool done = connection.witness_.OnAsk(ask);
  Tell(connection, ask.Json());
  return done;
}

void Simulation::Tell(Connection& connection, std::string_view json) {
  verdict_.Trace(json);
  connection.paused_ = !connection.session_->OnMessage(json);
  verdict_.Expect(connection.paused_ || connection.witness_.pending_bytes() <=
                                            plan_.limits.replies_bytes_max,
                  Rule::kBounds, "answers pile up, and it reads on");
}

void Simulation::Drop(Connection& connection) {
  size_t number = 0;
  while (connections_[number].get() != &connection) ++number;
  verdict_.Trace("drop " + std::to_string(number));
  connection.session_->OnClosed();
  if (faults_.lost_messages) connection.Deliver(random_.Below(3));
  if (!faults_.lost_messages) connection.Deliver(SIZE_MAX);
  connection.Lose(random_.Below(4));
  connections_.erase(connections_.begin() +
                     static_cast<std::ptrdiff_t>(number));
}

}  // namespace streamhub::simulation
