// What a client holds of its symbols: applies the messages of docs/protocol.md
// and tells, for each symbol, the truth about it: a price is live only while
// the connection, the server's clock and the symbol's feed say so. Pure; one
// thread.

#ifndef STREAMHUB_GATEWAY_CLI_QUOTE_BOARD_H_
#define STREAMHUB_GATEWAY_CLI_QUOTE_BOARD_H_

#include <absl/status/status.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamhub {

class QuoteBoard {
 public:
  // Fields by name, each value as the JSON text that came: prices stay exact.
  using Fields = std::map<std::string, std::string, std::less<>>;

  struct Quote {
    std::string symbol;
    bool described = false;  // an ack told of it
    bool unknown = false;    // to the server, so far
    bool current = false;    // this connection has brought its state up to date
    uint64_t version = 0;    // 0: no update came yet
    std::string epoch;       // of which that is
    int64_t ticks = 0;
    int64_t received_us = 0;  // when the gateway received the last tick
    int64_t event_us = 0;     // the venue's time of it; 0: not known
    bool quiet = false;
    bool withdrawn = false;  // an operator has taken it back
    std::string feed;
    Fields fields;
    // Of a topic `version` is the number of the last message, `received_us`
    // its time.
    bool topic = false;
  };

  // Messages of a topic that came.
  struct Part {
    struct Message {
      uint64_t seq = 0;
      int64_t time_us = 0;
      std::string data;  // as JSON
    };
    size_t quote;      // index into quotes()
    std::string lost;  // before them: a number, or null; empty: none
    std::vector<Message> messages;
  };

  // What one message said about one symbol.
  struct Update {
    size_t quote;  // index into quotes()
    bool snapshot = false;
    std::vector<std::pair<std::string, std::string>> fields;
  };

  // What a message asks of the connection.
  struct Message {
    std::vector<Update> updates;
    std::vector<Part> parts;
    bool refused = false;  // an `error` answered our request
    bool closing = false;
    bool retry = true;     // of closing: whether to come back
    int64_t after_ms = 0;  // of closing: not before
    std::string reason;    // of refused and closing, with the key at fault
  };

  explicit QuoteBoard(const std::vector<std::string>& symbols);

  // Applies a message: JSON objects, one per line. `mono_ns`: now.
  // InvalidArgument if it is not what the protocol says; the state may have
  // taken part of it, and the connection is to be given up.
  absl::Status Apply(std::string_view text, int64_t mono_ns, Message* message);

  // The connection is gone: no symbol is live until the next one has brought
  // it up to date.
  void Disconnect();
  bool connected() const { return connected_; }

  const std::vector<Quote>& quotes() const { return quotes_; }

  // "live", "quiet", "stale", "down", "ended"; "withdrawn": by an operator;
  // "disconnected"; "unknown": to the server; "waiting": for a first update.
  // Stale is also what is connected and has not been heard of for 2.5
  // heartbeats.
  std::string StateOf(const Quote& quote, int64_t mono_ns) const;

  // The age of the last tick by the server's clock; negative: not known.
  int64_t AgeUs(const Quote& quote, int64_t mono_ns) const;

  // The clock of the server in the newest message, 0 if it told none yet, and
  // when that came (monotonic).
  int64_t server_us() const { return server_us_; }
  int64_t heard_ns() const { return heard_ns_; }

  // "synthetic live simulated" of each feed, by commas.
  std::string FeedsText() const;

  // The symbols as a request names them, NAME@VERSION where something is held,
  // and the token under which it is; empty: nothing is held.
  std::vector<std::string> Names() const;

  // The same as a poll names them, once there was an answer.
  std::vector<std::string> PollNames() const;
  const std::string& token() const { return token_; }

 private:
  struct Feed {
    std::string status, source;
    int64_t delay_s = 0;
  };
  struct Reader;

  std::vector<Quote> quotes_;
  std::map<std::string, size_t, std::less<>> index_;
  std::map<std::string, Feed, std::less<>> feeds_;
  std::string token_;
  std::string epoch_;
  bool connected_ = false;
  int64_t heartbeat_ms_ = 2000;
  int64_t server_us_ = 0;  // the newest clock of the server
  int64_t heard_ns_ = 0;   // when it came
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_QUOTE_BOARD_H_
