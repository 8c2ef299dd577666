// What is published in a run about topics, and clients that hold the server to
// its word: every message once and in order, or the number of those that are
// lost. One thread.

#ifndef STREAMHUB_TESTS_SIMULATION_TOPIC_CLIENT_H_
#define STREAMHUB_TESTS_SIMULATION_TOPIC_CLIENT_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/codec/flat_reader.h"
#include "gateway/session/session.h"
#include "gateway/session/transport.h"
#include "tests/support/json_value.h"

namespace streamhub::simulation {

// One topic of one run of the gateway.
struct PublishedTopic {
  SymbolId id = 0;
  uint64_t first = 0;
  uint64_t keeps = 0;
  std::vector<std::string> data;  // from the first on

  uint64_t newest() const { return first + data.size() - 1; }
};
using Published = std::map<std::string, PublishedTopic>;
using Newest = std::map<std::string, uint64_t>;  // of each, at some time

// What a client holds of its topics, over any number of connections.
class TopicClient {
 public:
  // Something arrived that was sent when these were the newest messages.
  void Receive(const JsonValue& object, const Published& published,
               const Newest& newest);

  // NAME or NAME@SEQ of each topic that it wants.
  std::vector<std::string> Names() const;
  // The same as polls say it.
  std::vector<std::string> PollNames() const;

  // It has asked anew, on a new connection.
  void Asked();
  // A resume by the id of an event goes on from there, which may be earlier.
  void HoldsWhat(std::string_view event_id);

  // What it does not hold all of; empty: nothing.
  std::string Missing(const Published& published) const;

  std::vector<std::string> wants;
  std::string at;     // the newest token
  std::string wrong;  // the first thing that was

 private:
  void Expect(bool holds, const std::string& what) {
    if (!holds && wrong.empty()) wrong = what;
  }
  void Take(const std::string& name, const JsonValue& part,
            const PublishedTopic& topic, uint64_t newest);

  std::map<std::string, uint64_t> held_;  // the last message's number
  std::set<std::string> waited_;  // for these, and nothing of them came yet
  std::map<std::string, bool> described_;  // true: it is known to the server
};

// The connection of one: what is sent travels, and may be lost.
class TopicLine final : public Transport {
 public:
  // `takes_it`: whether the socket takes a batch at once.
  TopicLine(Envelope envelope, const Published& published,
            std::function<bool()> takes_it)
      : envelope_(envelope),
        published_(published),
        takes_it_(std::move(takes_it)) {}

  Envelope envelope() const override { return envelope_; }
  bool Send(std::string& batch) override;
  void ResumeReading() override {}
  void Close(CloseReason) override { closed = true; }

  // What was sent arrives, up to so many messages.
  void Deliver(size_t messages, TopicClient* client);

  Session* session = nullptr;
  bool blocked = false, closed = false, answered = false;
  std::string event_id;  // the newest that arrived

 private:
  struct Sent {
    std::string text;
    Newest newest;
  };
  const Envelope envelope_;
  const Published& published_;
  const std::function<bool()> takes_it_;
  FlatReader flat_;
  std::deque<Sent> wire_;
};

}  // namespace streamhub::simulation

#endif  // STREAMHUB_TESTS_SIMULATION_TOPIC_CLIENT_H_
