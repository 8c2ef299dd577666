// The witness of one connection: knows what the documentation promises for it
// and holds everything that the server sends against that, at the moment it is
// sent. What of it arrives is the client's story (client.h).
//
// It keeps a cursor per subscription by the rules of docs/protocol.md, so for
// each update it knows which fields must be in it, with which values.

#ifndef STREAMHUB_TESTS_SIMULATION_WITNESS_H_
#define STREAMHUB_TESTS_SIMULATION_WITNESS_H_

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/codec/batch.h"
#include "gateway/session/fanout.h"
#include "tests/simulation/ask.h"
#include "tests/simulation/oracle.h"
#include "tests/simulation/verdict.h"
#include "tests/support/json_value.h"

namespace streamhub::simulation {

// What a client must hold of a symbol once it has applied an update.
struct Expectation {
  std::string code;
  FieldSet fields = 0;
  uint64_t version = 0;
  bool quiet = false;
  bool snapshot = false;
  std::array<int64_t, kFieldCount> value;
};

// One object on its way to a client, or the id of a server-sent event.
struct Item {
  JsonValue object;
  std::string event_id;
  std::vector<Expectation> expected;
};

// Which tokens stand for what; of all connections of a run.
struct Tokens {
  struct Meaning {
    std::string epoch, fields;
  };
  std::map<std::string, Meaning> meaning;
};

// What a run is like, as far as it says what may be expected.
struct Pace {
  int64_t lateness_ns = 0;  // turns may come so late
  bool exact = true;        // turns take no time and come when they are due
};

class Witness {
 public:
  Witness(Oracle& oracle, const SessionLimits& limits, Tokens& tokens,
          Verdict& verdict, const Pace& pace, Envelope envelope,
          int64_t mono_ns);

  // --- what the server was told ---

  // Whether it has to be done; false: it has to be refused.
  bool OnAsk(const Ask& ask);

  // Something that has to be refused, with this code and key.
  void OnNonsense(std::string id, std::string code, std::string key);

  // A turn of the server begins.
  void OnTurn(bool blocked);

  // A turn left work undone: what is due may come late, and what follows it
  // sooner.
  void Hinder();

  // A write is done: only from now on can it be expected to send.
  void OnSent(int64_t mono_ns);

  // --- what it sent ---

  // `bytes`: of the message as it went out; it is shown as text.
  std::deque<Item> OnSend(std::string_view message, size_t bytes,
                          int64_t mono_ns, bool blocked);

  // After a turn, with nothing in the way of sending.
  void AtRest(int64_t mono_ns, int64_t wall_ns);

  bool subscribed(std::string_view code) const {
    return subscriptions_.contains(std::string(code)) ||
           awaited_.contains(std::string(code));
  }
  // Known symbols that the client must hold.
  std::vector<std::string> Codes() const;
  FieldSet FieldsOf(const std::string& code) const {
    return subscriptions_.at(code).fields;
  }
  size_t subscriptions() const {
    return subscriptions_.size() + awaited_.size();
  }
  bool closed() const { return closing_told_; }
  void OnClose() { closing_ = true; }

  // At least so many bytes of answers are pending.
  size_t pending_bytes() const { return answers_.size() * 60; }

 private:
  struct Subscription {
    OracleSymbol* symbol = nullptr;
    FieldSet fields = 0;
    const Rate* rate = nullptr;
    uint64_t cursor = 0;
    int quiet_told = -1;  // -1: not told
    std::string request;  // whose initial state it still owes; empty: none
    bool described = false;
    bool owed = true;      // an update may come without a beat
    bool hindered = true;  // what is due may have been held up
    int64_t last_beat_ns = -1;
    int64_t behind_since_ns = -1;
    bool due = false;                // since the turn began, and not sent yet
    std::set<std::string> overtook;  // sent while this one was due
  };
  struct Awaited {
    std::string id;
    const Rate* rate;
    bool has_fields;
    std::vector<FieldId> fields;
  };
  struct Answer {
    enum class Kind { kAck, kDone, kPong, kError } kind = Kind::kAck;
    std::string id;
    std::string code, key;             // of an error
    std::string fields;                // of an ack with a token
    std::string epoch;                 // of an ack with a token
    const Rate* rate = nullptr;        // null: not told
    std::vector<std::string> symbols;  // known, then unknown ones
    size_t known = 0;
    size_t done = 0;
  };

  bool Expect(bool holds, Rule rule, std::string_view what);
  Answer& Owe(Answer::Kind kind, std::string id);
  bool Refuse(const Ask& ask, std::string code, std::string key);
  bool OnSubscribe(const Ask& ask);
  bool OnChange(const Ask& ask);
  bool OnUnsubscribe(const Ask& ask);
  void Add(OracleSymbol& symbol, const Ask& ask, uint64_t cursor);
  uint64_t HonouredVersion(const Ask& ask, const OracleSymbol& symbol,
                           uint64_t version) const;

  void CheckObject(const JsonValue& object, Item* item);
  void CheckHello(const JsonValue& object);
  void CheckFeeds(const JsonValue& object);
  void CheckAnswer(const JsonValue& object, Answer::Kind kind);
  void CheckAck(const JsonValue& object, const Answer& answer);
  void CheckToken(const JsonValue& object, const Answer& answer);
  void CheckDescription(const std::string& code, const JsonValue& member,
                        bool known);
  void CheckUpdate(const JsonValue& object, Item* item);
  void CheckQuote(const std::string& code, const JsonValue& quote, Item* item);
  void CheckValues(const Subscription& s, const QuoteState& state,
                   FieldSet fields, const JsonValue& quote);
  void CheckRate(Subscription& s);
  void CheckFairness(const Item& item);
  void CheckSynced(const JsonValue& object);
  void CheckEventId(std::string_view id);
  bool Behind(const Subscription& s, int64_t wall_ns) const;
  void CheckFeedsAtRest(int64_t mono_ns);

  Oracle& oracle_;
  const SessionLimits& limits_;
  Tokens& tokens_;
  Verdict& verdict_;
  const Pace& pace_;
  const Envelope envelope_;

  std::map<std::string, Subscription> subscriptions_;
  std::map<std::string, Awaited> awaited_;
  std::deque<Answer> answers_;
  std::map<std::string, bool> initials_;  // request -> its ack is complete

  std::string epoch_;
  std::vector<std::string> feeds_told_;
  bool feeds_may_repeat_ = true;
  int64_t now_ns_ = 0;
  int64_t last_sent_ns_;
  int64_t free_since_ns_ = 0;
  int64_t time_told_us_ = 0;
  bool greeted_ = false;
  bool blocked_ = false;
  bool closing_ = false;
  bool closing_told_ = false;
};

}  // namespace streamhub::simulation

#endif  // STREAMHUB_TESTS_SIMULATION_WITNESS_H_
