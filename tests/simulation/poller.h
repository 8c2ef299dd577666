// A client that polls: it keeps by the rules of docs/protocol.md what arrived,
// and holds every answer, at the moment it is sent, against what it asked and
// what the oracle knows. Answers may be lost; then it asks the same again.

#ifndef STREAMHUB_TESTS_SIMULATION_POLLER_H_
#define STREAMHUB_TESTS_SIMULATION_POLLER_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/session/session.h"
#include "gateway/session/transport.h"
#include "tests/simulation/ask.h"
#include "tests/simulation/server.h"
#include "tests/simulation/verdict.h"
#include "tests/simulation/witness.h"
#include "tests/support/json_value.h"

namespace streamhub::simulation {

// The parts of a token before its `count`th dot.
std::string Before(const std::string& token, int count);

// The fifth part of a poll's token; 0: it has none.
int64_t IssuedMs(const std::string& token);

// Those of an ack; it may have none.
const JsonValue& SymbolsOf(const JsonValue& ack);

class Poller final : public Transport {
 public:
  // One request of each of its polls: what it wants, and the newest token.
  struct Part {
    Ask ask;
    std::vector<std::string> codes;
    std::string at;
  };

  Poller(std::vector<Part> parts, const SessionLimits& limits, Tokens& tokens,
         Verdict& verdict, const Pace& pace)
      : parts_(std::move(parts)),
        limits_(limits),
        tokens_(tokens),
        verdict_(verdict),
        pace_(pace) {}

  // --- Transport ---
  Envelope envelope() const override { return Envelope::kLines; }
  bool Send(std::string& batch) override;
  void ResumeReading() override {}
  void Close(CloseReason) override {}

  // --- from the simulation ---

  void Start(Server& server, const Clock& clock, uint64_t* next_id);
  // The connection is over; its answer, if there is one, arrives or is lost.
  void End(bool arrives);

  // Between two polls: other fields or another rate, and the same token.
  void Change(bool has_fields, std::vector<FieldId> fields, const Rate* rate) {
    parts_.front().ask.has_fields = has_fields;
    parts_.front().ask.fields = std::move(fields);
    parts_.front().ask.rate = rate;
  }

  // A turn of the server begins.
  void OnTurn();
  // After a turn.
  void AtRest();
  // Once nothing happens any more.
  void ExpectHoldsAll();

  bool waits() const { return session_ != nullptr && !answered_; }
  bool answered() const { return session_ != nullptr && answered_; }
  bool idle() const { return session_ == nullptr; }

 private:
  struct Held {
    std::string cursors;  // the parts of the token under which it got there
    bool told = false;
    uint64_t version = 0;
    bool quiet = false;
    int price_decimals = 0, quantity_decimals = 0;
    FieldSet fields = 0;
    std::array<int64_t, kFieldCount> value{};
  };
  struct Sent {
    FieldSet fields;
    QuoteState state;
  };

  bool Honoured(const Part& part) const;
  bool HeldBack(const Part& part, int64_t wall_ns) const;
  bool MayBeHeldBack(const Part& part) const;
  const Part* PartOf(const std::string& code) const;
  FieldSet FieldsOf(const Part& part, const OracleSymbol& symbol) const;
  uint64_t Cursor(const Part& part, const std::string& code) const;
  void CheckAck(const JsonValue& ack, const Part& part);
  void CheckQuote(const std::string& code, const JsonValue& quote);
  void CheckIssued(const Part& part, const std::string& token);
  void CheckWhole();
  void Receive(const JsonValue& object);
  void Apply(const std::string& code, const JsonValue& quote);
  bool Expect(bool holds, Rule rule, const std::string& what) {
    return verdict_.Expect(holds, rule, "poll: " + what);
  }

  std::vector<Part> parts_;
  const SessionLimits& limits_;
  Tokens& tokens_;
  Verdict& verdict_;
  const Pace& pace_;

  // What it holds.
  std::map<std::string, Held> held_;
  std::vector<std::string> feeds_;
  size_t acks_received_ = 0;

  // The poll at hand.
  Server* server_ = nullptr;
  const Clock* clock_ = nullptr;
  Session* session_ = nullptr;
  std::map<std::string, RequestSymbol> claims_;
  std::map<std::string, bool> hindered_;  // could not be read at some time
  int64_t began_ns_ = 0;
  bool answered_ = false;
  std::vector<JsonValue> objects_;
  std::map<std::string, Sent> sent_;
};

}  // namespace streamhub::simulation

#endif  // STREAMHUB_TESTS_SIMULATION_POLLER_H_
