// Withdrawals under everything that befalls a client: random symbols, rates,
// fields and encodings of time, slow clients, lost connections, resumes, polls,
// new epochs and restores. What must hold:
//
//   from the turn after a withdrawal on no value of a withdrawn symbol is sent,
//   on whatever way, and a symbol that is not withdrawn is never called so;
//   once all is still, every client holds the blank of what is withdrawn,
//   marked so, and of the rest what the market holds.
//
// The client keeps what it is sent by docs/protocol.md alone, and resumes from
// what it holds. Values are never the same twice, so that an old one shows.

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/base/json_text.h"
#include "gateway/session/fanout.h"
#include "gateway/session/session.h"
#include "tests/simulation/random.h"
#include "tests/support/json_value.h"
#include "tests/support/test_market.h"

namespace streamhub::simulation {
namespace {

constexpr int kSymbols = 6;
constexpr const char* kCodes[kSymbols] = {"A1", "A2", "A3", "B1", "B2", "C"};
constexpr const char* kPatterns[] = {"A1", "A*", "B2", "B*", "*", "C", "NEW*"};

class World;

// One client over any number of connections, one at a time.
class Viewer final : public Transport {
 public:
  Viewer(World& world, bool polls) : world_(world), polls_(polls) {}

  Envelope envelope() const override { return Envelope::kLines; }
  bool Send(std::string& batch) override;
  void ResumeReading() override {}
  void Close(CloseReason) override { closed_ = true; }

  void Connect();
  void Disconnect();
  void Written();
  void Check() const;

  bool connected() const { return session_ != nullptr; }
  bool polls() const { return polls_; }
  // It was answered, or given up: another connection is wanted.
  bool done() const { return done_ || closed_; }
  bool writing() const { return writing_; }

 private:
  struct Held {
    std::map<std::string, std::string> fields;
    uint64_t version = 0;
    std::string at, next_at;
    bool withdrawn = false;
    bool told = false;
  };

  void Take(const std::string& line);

  World& world_;
  const bool polls_;
  Session* session_ = nullptr;
  bool writing_ = false;  // until then what it was sent may be lost
  bool done_ = false;     // of a poll: it was answered
  bool closed_ = false;
  std::vector<std::string> under_way_;
  std::map<std::string, Held> held_;
};

class World {
 public:
  explicit World(uint64_t seed) : random(seed) {
    home.publisher.SetStatus(FeedStatus::kLive);
    for (const char* const code : kCodes) ids.push_back(home.Add(code));
    for (int i = 0; i < 6; ++i) viewers.emplace_back(*this, i >= 4);
    wake = &home.market.AddShard([] {});
    fanout = std::make_unique<Fanout>(home.market, *wake, home.counters,
                                      home.clock, SessionLimits{});
  }
  ~World() {
    for (Viewer& viewer : viewers) {
      if (viewer.connected()) viewer.Disconnect();
    }
    Turn();
  }

  void Run() {
    const int64_t steps = random.Between(50, 300);
    for (int64_t i = 0; i < steps && !testing::Test::HasFailure(); ++i) Step();
    // All is still, and everybody is there.
    for (int i = 0; i < 40; ++i) {
      for (Viewer& viewer : viewers) {
        if (viewer.writing()) viewer.Written();
        if (!viewer.connected()) viewer.Connect();
        if (viewer.done()) {
          viewer.Disconnect();
          viewer.Connect();
        }
      }
      home.clock.Advance(3 * kSecond);
      home.publisher.Heartbeat();
      Turn();
    }
    for (Viewer& viewer : viewers) {
      if (viewer.writing()) viewer.Written();
      viewer.Check();
    }
  }

  bool IsWithdrawn(const std::string& code) const {
    return now.Of(code) != nullptr;
  }

  Random random;
  TestMarket home;
  std::vector<SymbolId> ids;
  Withdrawals now;  // since the last turn began, and as is
  std::deque<Viewer> viewers;
  ShardWake* wake = nullptr;
  std::unique_ptr<Fanout> fanout;
  int64_t next_value = 1;

 private:
  void Step() {
    switch (random.Below(12)) {
      case 0:
      case 1:
        Withdraw();
        break;
      case 2: {
        Viewer& viewer = AnyViewer();
        viewer.connected() ? viewer.Disconnect() : viewer.Connect();
        break;
      }
      case 3:
        if (random.Chance(20)) {
          home.publisher.StartEpoch();
        } else if (random.Chance(20) && ids.size() < 12) {
          ids.push_back(home.Add("NEW" + std::to_string(ids.size())));
        }
        break;
      case 4:
        for (Viewer& viewer : viewers) {
          if (viewer.writing() && random.Chance(70)) viewer.Written();
          if (viewer.done()) {
            viewer.Disconnect();
            viewer.Connect();
          }
        }
        break;
      case 5:
        home.clock.Advance(random.Between(1, 2000) * kMillisecond);
        home.publisher.Heartbeat();
        break;
      default:
        home.Tick(ids[random.Below(ids.size())],
                  {{random.Chance(50) ? FieldId::kBid : FieldId::kAsk,
                    next_value++}});
        break;
    }
    if (random.Chance(70)) Turn();
  }

  void Withdraw() {
    const std::string pattern = kPatterns[random.Below(std::size(kPatterns))];
    const auto gone = std::erase_if(now.list, [&](const Withdrawal& one) {
      return one.pattern == pattern;
    });
    if (gone == 0) now.list.push_back({pattern, "", 0});
    ++now.generation;
    fanout->Withdraw(std::make_shared<Withdrawals>(now));
  }

  Viewer& AnyViewer() { return viewers[random.Below(viewers.size())]; }

  void Turn() {
    for (int i = 0; fanout->Turn() && i < 1000; ++i) {
    }
  }
};

bool Viewer::Send(std::string& batch) {
  std::string_view rest = std::string_view(batch).substr(kBatchHeadroom);
  while (!rest.empty()) {
    const std::string line(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const auto object = JsonReader(line).Read();
    if (!object.has_value()) {
      ADD_FAILURE() << "no JSON: " << line;
      continue;
    }
    under_way_.push_back(line);
    const JsonValue* const quotes = object->Find("quotes");
    if (quotes == nullptr) continue;
    // The rule: as it is now.
    for (const auto& [code, quote] : quotes->members) {
      const bool withdrawn = world_.IsWithdrawn(code);
      EXPECT_EQ(quote.Text("withdrawn") == "true", withdrawn) << line;
      if (!withdrawn) continue;
      EXPECT_EQ(quote.Text("snapshot"), "true") << line;
      for (const auto& [name, value] : quote.members) {
        if (!FindField(name).has_value()) continue;
        EXPECT_EQ(value.kind, JsonValue::Kind::kNull) << line;
      }
    }
  }
  done_ = polls_;
  writing_ = polls_ || world_.random.Chance(30);
  if (!writing_) Written();
  return !writing_;
}

// All that was under way has come.
void Viewer::Written() {
  for (const std::string& line : std::exchange(under_way_, {})) Take(line);
  if (std::exchange(writing_, false)) session_->OnSent();
}

void Viewer::Take(const std::string& line) {
  const JsonValue object = JsonReader(line).Read().value_or(JsonValue{});
  if (const JsonValue* const symbols = object.Find("symbols")) {
    for (const auto& [code, member] : symbols->members) {
      if (object.Find("at") == nullptr) continue;
      Held& held = held_[code];
      held.told = true;
      held.next_at = object.Text("at");
    }
  }
  const JsonValue* const quotes = object.Find("quotes");
  if (quotes == nullptr) return;
  for (const auto& [code, quote] : quotes->members) {
    Held& held = held_[code];
    if (quote.Text("snapshot") == "true") {
      held.fields.clear();
      held.withdrawn = false;
    }
    if (quote.Find("withdrawn") != nullptr) held.withdrawn = true;
    held.version = static_cast<uint64_t>(quote.Int("v"));
    held.at = held.next_at;
    for (const auto& [name, value] : quote.members) {
      if (!FindField(name).has_value()) continue;
      held.fields[name] =
          value.kind == JsonValue::Kind::kNull ? "null" : value.text;
    }
  }
}

void Viewer::Connect() {
  session_ = world_.fanout->Open(this);
  constexpr const char* kRates[] = {"unlimited", "10", "1", "0.1"};
  // A request for each token under which it holds something.
  std::map<std::string, std::string> names;
  std::vector<std::string> codes(std::begin(kCodes), std::end(kCodes));
  codes.emplace_back("NEW6");
  for (const std::string& code : codes) {
    const Held& held = held_[code];
    std::string& list = names[held.at];
    if (!list.empty()) list += ',';
    list += code;
    if (held.version > 0 && !held.at.empty()) {
      list += '@' + std::to_string(held.version);
    }
  }
  std::vector<ParsedRequest> requests;
  for (const auto& [at, list] : names) {
    std::string query = "symbols=" + list;
    if (!at.empty()) query += "&at=" + at;
    query += std::string("&max_rate=") +
             (polls_ ? "unlimited" : kRates[world_.random.Below(4)]);
    requests.push_back(ParseQuery(query));
  }
  if (polls_) {
    session_->OnPoll(requests);
  } else {
    session_->OnRequests(requests);
  }
}

void Viewer::Disconnect() {
  // Some of what was under way arrives, whole messages of it. A poll's answer
  // is one.
  size_t come = world_.random.Below(under_way_.size() + 1);
  if (polls_) come = done_ || world_.random.Chance(50) ? under_way_.size() : 0;
  for (size_t i = 0; i < come; ++i) Take(under_way_[i]);
  under_way_.clear();
  writing_ = done_ = closed_ = false;
  std::exchange(session_, nullptr)->OnClosed();
}

void Viewer::Check() const {
  for (const SymbolId id : world_.ids) {
    const SymbolInfo& info = world_.home.market.symbols().Get(id);
    if (info.code.starts_with("NEW") && info.code != "NEW6") continue;
    const auto found = held_.find(info.code);
    ASSERT_NE(found, held_.end()) << info.code;
    const Held& held = found->second;
    const bool withdrawn = world_.IsWithdrawn(info.code);
    EXPECT_EQ(held.withdrawn, withdrawn)
        << info.code << (polls_ ? " poll" : "");
    ASSERT_EQ(held.fields.size(), static_cast<size_t>(info.layout->size()))
        << info.code;
    for (const FieldId field : {FieldId::kBid, FieldId::kAsk}) {
      const int64_t value = world_.home.Value(id, field);
      std::string wanted = "null";
      if (!withdrawn && value != kEmpty) {
        wanted.clear();
        AppendDecimal(value, info.price_decimals, &wanted);
      }
      EXPECT_EQ(held.fields.at(std::string(FieldName(field))), wanted)
          << info.code << (polls_ ? " poll" : "");
    }
  }
}

TEST(WithdrawalsTest, NoWithdrawnValueReachesAClientAndAllComeBack) {
  for (int seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World(static_cast<uint64_t>(seed)).Run();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace streamhub::simulation
