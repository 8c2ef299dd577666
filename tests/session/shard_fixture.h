// A market, a shard's fan-out, and clients that write down what they are sent:
// what the tests of sessions start from. One thread, time by hand.

#ifndef STREAMHUB_TESTS_SESSION_SHARD_FIXTURE_H_
#define STREAMHUB_TESTS_SESSION_SHARD_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/session/fanout.h"
#include "gateway/session/session.h"
#include "gateway/session/transport.h"
#include "tests/session/brief.h"
#include "tests/support/test_market.h"

namespace streamhub {

// A client and its connection, which takes everything until it is slow.
class FakeClient final : public Transport {
 public:
  explicit FakeClient(Envelope envelope = Envelope::kLines)
      : envelope_(envelope) {}

  Envelope envelope() const override { return envelope_; }
  TransportKind kind() const override { return as; }
  bool Send(std::string& batch) override {
    EXPECT_FALSE(sending) << "sent while a write was outstanding";
    EXPECT_FALSE(closed.has_value()) << "sent after the close";
    messages.push_back(batch.substr(kBatchHeadroom));
    if (on_send) on_send();
    sending = slow;
    return !slow;
  }
  void ResumeReading() override { ++resumed; }
  void Close(CloseReason reason) override {
    EXPECT_FALSE(closed.has_value()) << "closed twice";
    closed = reason;
  }

  // What was sent since it was last taken.
  std::vector<std::string> TakeMessages() {
    return std::exchange(messages, {});
  }

  // The same in brief, with a line `--` between messages.
  std::string Take() {
    std::string all;
    for (const std::string& message : TakeMessages()) {
      if (const auto token = LastText(message, "at"); !token.empty())
        at = token;
      if (!all.empty()) all += "\n--\n";
      all += Brief(message);
    }
    return all;
  }

  TransportKind as = TransportKind::kOther;
  Session* session = nullptr;
  std::vector<std::string> messages;
  std::string at;        // the newest token among what was taken in brief
  bool slow = false;     // the next write stays outstanding
  bool sending = false;  // a write is outstanding
  int resumed = 0;
  std::optional<CloseReason> closed;
  std::function<void()> on_send;

 private:
  const Envelope envelope_;
};

// Four fields, so that a snapshot fits in a line.
inline const Layout& SmallLayout() {
  static constexpr FieldId kFields[] = {FieldId::kTrading, FieldId::kBid,
                                        FieldId::kAsk, FieldId::kLast};
  static const Layout layout{kFields};
  return layout;
}

class ShardFixture : public ::testing::Test {
 protected:
  explicit ShardFixture(SessionLimits limits = {},
                        FeedInfo feed = TestMarket::Info())
      : home(1000, std::move(feed)),
        wake(home.market.AddShard([this] { ++rings; })),
        fanout(home.market, wake, home.counters, home.clock, limits) {
    home.publisher.SetStatus(FeedStatus::kLive);
  }

  // A symbol that requests find. Its version is 1, it has had one tick, and it
  // is empty but for `trading`.
  SymbolId Add(std::string_view code, const Layout& layout = SmallLayout()) {
    const SymbolId id = home.Add(code, layout);
    Turns();
    return id;
  }

  // A tick of the bid, in cents, and what the shard does about it.
  void Bid(SymbolId id, int64_t cents) {
    home.Tick(id, {{FieldId::kBid, cents}});
    Turns();
  }

  void Ask(SymbolId id, int64_t cents) {
    home.Tick(id, {{FieldId::kAsk, cents}});
    Turns();
  }

  // A session that has said hello already.
  void Open(FakeClient* client) {
    client->session = fanout.Open(client);
    ASSERT_NE(client->session, nullptr);
    Turns();
    client->messages.clear();
  }

  // The client asks; what the shard sent until it had nothing left to do.
  std::string Say(FakeClient* client, std::string_view json) {
    EXPECT_TRUE(client->session->OnMessage(json));
    Turns();
    return client->Take();
  }

  // The outstanding write is over.
  void Written(FakeClient* client) {
    ASSERT_TRUE(client->sending);
    client->sending = false;
    client->session->OnSent();
    Turns();
  }

  // The connection is gone.
  void Drop(FakeClient* client) {
    client->session->OnClosed();
    client->session = nullptr;
    Turns();
  }

  // Turns until nothing is left to do now.
  void Turns() {
    for (int i = 0; fanout.Turn(); ++i) {
      if (i > 1000) FAIL() << "the shard finds no rest";
    }
  }

  // Time goes on, with turns at every deadline and a feed that is heard of.
  void Pass(int64_t ns) { PassWith(ns, /*alive=*/true); }

  // The same, but the feed hangs.
  void PassInSilence(int64_t ns) { PassWith(ns, /*alive=*/false); }

  int64_t Count(Metric metric) const { return home.counters.Get(metric); }

  TestMarket home;
  int rings = 0;  // of the shard's bell
  ShardWake& wake;
  Fanout fanout;

 private:
  void PassWith(int64_t ns, bool alive) {
    const int64_t end = home.clock.MonoNs() + ns;
    while (!HasFatalFailure()) {
      if (alive) home.publisher.Heartbeat();
      Turns();
      const int64_t now = home.clock.MonoNs();
      if (now >= end) return;
      const int64_t next = std::min(end, fanout.NextDeadline());
      ASSERT_GT(next, now);
      home.clock.Advance(next - now);
    }
  }
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SESSION_SHARD_FIXTURE_H_
