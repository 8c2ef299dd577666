// Batches are bounded: where one ends the next begins.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/session/shard_fixture.h"

namespace streamhub {
namespace {

constexpr int kSymbols = 20;

class BatchTest : public ShardFixture {
 protected:
  BatchTest() : ShardFixture(Limits()) {
    for (int i = 0; i < kSymbols; ++i) {
      const std::string code = CodeOf(i);
      ids.push_back(Add(code));
      names += (i == 0 ? "\"" : ",\"") + code + '"';
    }
    Open(&client);
  }

  static SessionLimits Limits() {
    SessionLimits limits;
    limits.batch_bytes_max = 500;
    return limits;
  }

  static std::string CodeOf(int i) { return std::string(1, 'A' + i); }

  std::string SubscribeAll() const {
    return R"({"type":"subscribe","id":1,"fields":["bid"],)"
           R"("max_rate":"unlimited","symbols":[)" +
           names + "]}";
  }

  void TickAll(int64_t cents) {
    for (const SymbolId id : ids) home.Tick(id, {{FieldId::kBid, cents}});
    Turns();
  }

  // The codes of the symbols in the update of the one message that was sent.
  std::string SymbolsSent() {
    const auto messages = client.TakeMessages();
    EXPECT_EQ(messages.size(), 1u);
    std::string symbols;
    for (const std::string& message : messages) {
      EXPECT_LT(message.size(), 700u);  // the limit and one quote more
      const std::string brief = Brief(message);
      for (size_t at = 0; (at = brief.find('{', at)) != brief.npos; ++at) {
        symbols += brief[at - 1];
      }
    }
    return symbols;
  }

  // One symbol after the other, and after the last the first.
  static void ExpectInTurn(const std::string& symbols) {
    for (size_t i = 1; i < symbols.size(); ++i) {
      ASSERT_EQ((symbols[i] - symbols[i - 1] + kSymbols) % kSymbols, 1)
          << symbols;
    }
  }

  std::vector<SymbolId> ids;
  std::string names;
  FakeClient client;
};

TEST_F(BatchTest, AnAckOfManySymbolsComesInPartsBeforeAnyValue) {
  client.session->OnMessage(SubscribeAll());
  Turns();
  std::string described, valued;
  size_t parts = 0, synced = 0;
  const auto messages = client.TakeMessages();
  for (size_t i = 0; i < messages.size(); ++i) {
    EXPECT_LT(messages[i].size(), 800u);
    std::string brief = Brief(messages[i]) + '\n';
    for (size_t end; (end = brief.find('\n')) != brief.npos;) {
      const std::string line = brief.substr(0, end);
      brief.erase(0, end + 1);
      if (line.starts_with("ack id=1 max_rate=unlimited ")) {
        ++parts;
        EXPECT_EQ(valued, "");
        std::string list = line.substr(sizeof("ack id=1 max_rate=unlimited"));
        const bool more = list.ends_with(" more=true");
        if (more) list.erase(list.size() - sizeof("more=true"));
        std::erase(list, ' ');
        described += list;
        EXPECT_EQ(more, described.size() < kSymbols) << line;
      } else if (line.starts_with("update ")) {
        for (size_t at = 0; (at = line.find('{', at)) != line.npos; ++at) {
          valued += line[at - 1];
        }
      } else {
        EXPECT_EQ(line, "synced id=1");
        EXPECT_EQ(i, messages.size() - 1);
        EXPECT_EQ(valued.size(), size_t{kSymbols});
        ++synced;
      }
    }
  }
  EXPECT_EQ(described, "ABCDEFGHIJKLMNOPQRST");
  EXPECT_EQ(valued, "ABCDEFGHIJKLMNOPQRST");
  EXPECT_GT(parts, 2u);
  EXPECT_EQ(synced, 1u);
}

TEST_F(BatchTest, AnEventIdComesWhenTheStateIsComplete) {
  FakeClient events(Envelope::kSse);
  Open(&events);
  events.session->OnMessage(SubscribeAll());
  Turns();
  const auto messages = events.TakeMessages();
  ASSERT_GT(messages.size(), 2u);
  for (size_t i = 0; i < messages.size(); ++i) {
    EXPECT_EQ(messages[i].find("\nid: ") != std::string::npos,
              i == messages.size() - 1)
        << messages[i];
  }
}

TEST_F(BatchTest, AFastClientGetsOneBatchAfterTheOther) {
  Say(&client, SubscribeAll());
  TickAll(150);
  std::string symbols;
  const auto messages = client.TakeMessages();
  EXPECT_GT(messages.size(), 2u);
  for (const std::string& message : messages) {
    client.messages = {message};
    symbols += SymbolsSent();
  }
  EXPECT_EQ(symbols.size(), size_t{kSymbols});
  ExpectInTurn(symbols);
}

TEST_F(BatchTest, WhatTicksAllTheTimeDoesNotKeepOthersWaiting) {
  Say(&client, SubscribeAll());
  client.slow = true;
  // Every symbol ticks between any two batches: each batch goes on where the
  // one before it ended, so that all are served equally often.
  std::string served;
  TickAll(100);
  for (int round = 1; served.size() < 5 * kSymbols; ++round) {
    const std::string batch = SymbolsSent();
    ASSERT_GT(batch.size(), 1u);
    ASSERT_LT(batch.size(), size_t{kSymbols});
    served += batch;
    TickAll(100 + round);
    Written(&client);
  }
  ExpectInTurn(served);
}

TEST_F(BatchTest, NoSymbolIsTwiceInAnUpdate) {
  Say(&client, SubscribeAll());
  client.slow = true;
  for (int round = 0; round < 10; ++round) {
    TickAll(100 + round);
    if (round == 0) {
      SymbolsSent();
      continue;
    }
    Written(&client);
    std::string batch = SymbolsSent();
    std::sort(batch.begin(), batch.end());
    EXPECT_EQ(std::unique(batch.begin(), batch.end()), batch.end());
  }
}

}  // namespace
}  // namespace streamhub
