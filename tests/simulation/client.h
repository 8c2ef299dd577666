// The model of a client: it knows only what arrived and keeps it by the rules
// of docs/protocol.md, over as many connections as it takes.

#ifndef STREAMHUB_TESTS_SIMULATION_CLIENT_H_
#define STREAMHUB_TESTS_SIMULATION_CLIENT_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/ask.h"
#include "tests/simulation/oracle.h"
#include "tests/simulation/verdict.h"
#include "tests/simulation/witness.h"

namespace streamhub::simulation {

class Client {
 public:
  // What it wants of a symbol.
  struct Want {
    bool has_fields = false;
    std::vector<FieldId> fields;
    const Rate* rate = &kRates[0];
  };

  Client(Verdict& verdict, bool event_source)
      : event_source_(event_source), verdict_(verdict) {}

  // Something arrived.
  void Receive(const Item& item);

  // What it says on a new connection, to hold again what it wants: an
  // EventSource the query of its address, anybody else what it holds.
  std::vector<Ask> Resume(uint64_t* next_id);

  // What it holds of the symbol and under which token; false if nothing that
  // it may speak of.
  bool Claim(const std::string& code, uint64_t* version,
             std::string* token) const;

  // It asked for this; the answer that ends it is to come.
  void NoteUnsubscribe(const Ask& ask);

  // The connection is gone, and all answers that were to come on it.
  void Disconnected();

  // Whether it holds of the symbol exactly these fields of this state.
  void ExpectHolds(const OracleSymbol& symbol, FieldSet fields, bool quiet);

  const bool event_source_;
  std::map<std::string, Want> wants;
  std::string last_event_id;  // of an EventSource

 private:
  struct Held {
    FieldSet fields = 0;
    std::array<int64_t, kFieldCount> value;
    uint64_t version = 0;
    std::string token;  // under which the version came
    int quiet = -1;
    bool unknown = true;  // not described
    int price_decimals = 0, quantity_decimals = 0;
    std::string next_token;  // of the ack that rules what comes next
  };

  void OnAck(const JsonValue& ack);
  void OnUpdate(const JsonValue& update, const Item& item);
  void Apply(const JsonValue& quote, const Expectation& expected);
  void ExpectNoMoreThanHeld();
  bool Expect(bool holds, Rule rule, const std::string& what) {
    return verdict_.Expect(holds, rule, "client: " + what);
  }

  Verdict& verdict_;
  std::map<std::string, Held> held_;
  std::map<std::string, std::vector<std::string>> unsubscribing_;  // by id
};

}  // namespace streamhub::simulation

#endif  // STREAMHUB_TESTS_SIMULATION_CLIENT_H_
