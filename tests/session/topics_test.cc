// Topics: which messages a client gets, and what it is told of those that it
// does not get.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "gateway/codec/event_id.h"
#include "tests/session/shard_fixture.h"
#include "tests/support/json_value.h"

namespace streamhub {
namespace {

// Messages in brief, with numbers counted from the first of the topic:
// `chat@3 lost=1 [2 3]`, the data in brackets; other objects by their type.
std::string Heard(const std::vector<std::string>& messages, uint64_t first) {
  std::string all;
  const auto add = [&all](const std::string& text) {
    if (!all.empty()) all += ' ';
    all += text;
  };
  for (const std::string& message : messages) {
    for (size_t at = 0; at < message.size();) {
      const size_t end = std::min(message.find('\n', at), message.size());
      std::string_view line = std::string_view(message).substr(at, end - at);
      at = end + 1;
      if (line.starts_with("data: ")) line.remove_prefix(6);
      if (line.empty() || line.front() != '{') continue;
      const auto object = JsonReader(line).Read();
      if (!object.has_value()) return "no JSON: " + std::string(line);
      const JsonValue* const topics = object->Find("topics");
      if (topics == nullptr) {
        add(std::string(object->Text("type")));
        continue;
      }
      for (const auto& [name, part] : topics->members) {
        const auto v = static_cast<uint64_t>(part.Int("v"));
        std::string text = name + "@" + std::to_string(v - (first - 1));
        if (const JsonValue* const lost = part.Find("lost"); lost != nullptr) {
          text += " lost=" + (lost->text.empty() ? "null" : lost->text);
        }
        std::string data;
        for (const JsonValue& item : part.Find("messages")->items) {
          if (!data.empty()) data += ' ';
          data += item.Text("data");
        }
        add(text + " [" + data + "]");
      }
    }
  }
  return all;
}

class TopicsTest : public ShardFixture {
 protected:
  explicit TopicsTest(SessionLimits limits = {}) : ShardFixture(limits) {}
  ~TopicsTest() override {
    for (FakeClient* client : {&client_, &other_}) {
      if (client->session != nullptr) Drop(client);
    }
  }

  SymbolId Define(const std::string& name, uint32_t keeps = 5) {
    SymbolId id = 0;
    EXPECT_EQ(
        home.market.DefineTopic(name, kNoFeed, keeps, home.clock.WallNs(), &id),
        SymbolTable::Added::kNew);
    first_ = home.market.topic(id)->first_seq();
    return id;
  }

  // The messages `from` to `to`, in one batch.
  void Publish(SymbolId topic, int from, int to) {
    for (int i = from; i <= to; ++i) {
      home.market.Append(topic, std::to_string(i), home.clock.WallNs());
    }
    home.market.Wake();
  }

  std::string Hear(FakeClient* client) {
    Turns();
    return Heard(client->TakeMessages(), first_);
  }
  std::string Hear() { return Hear(&client_); }

  std::string Ask(const std::string& json) {
    EXPECT_TRUE(client_.session->OnMessage(json));
    return Hear();
  }

  // As at the topic's `n`th message.
  std::string At(const std::string& name, uint64_t n) const {
    return name + "@" + std::to_string(first_ - 1 + n);
  }

  std::string Subscribe(const std::string& symbols,
                        const std::string& more = "") {
    return Ask(R"({"type":"subscribe","id":1,"symbols":[")" + symbols +
               R"("],"max_rate":"unlimited")" + more + "}");
  }

  FakeClient client_, other_;
  uint64_t first_ = 0;  // of the topic that was defined last
};

TEST_F(TopicsTest, ASubscriptionBeginsWithSoManyOfItsHistory) {
  const SymbolId chat = Define("chat");
  Publish(chat, 1, 7);
  Open(&client_);
  EXPECT_EQ(Subscribe("chat"), "ack chat@7 [] synced");
  EXPECT_EQ(Subscribe("chat", R"(,"history":2)"), "ack chat@7 [6 7] synced");
  EXPECT_EQ(Subscribe("chat", R"(,"history":99)"),
            "ack chat@7 [3 4 5 6 7] synced");
  Publish(chat, 8, 9);
  EXPECT_EQ(Hear(), "chat@9 [8 9]");
  EXPECT_EQ(Hear(), "");
}

TEST_F(TopicsTest, AnAckDescribesIt) {
  Define("chat");
  SymbolId tape = 0;
  home.market.DefineTopic("tape/A", home.feed, 100, home.clock.WallNs(), &tape);
  Turns();
  Open(&client_);
  ASSERT_TRUE(client_.session->OnMessage(
      R"({"type":"subscribe","symbols":["chat","tape/A"]})"));
  Turns();
  EXPECT_NE(client_.messages.front().find(
                R"("symbols":{"chat":{"topic":true,"keeps":5},)"
                R"("tape/A":{"topic":true,"keeps":100,"feed":"test"}})"),
            std::string::npos)
      << client_.messages.front();
}

TEST_F(TopicsTest, WhatIsPublishedAfterTheRequestIsForTheClient) {
  const SymbolId chat = Define("chat");
  Turns();
  Open(&client_);
  ASSERT_TRUE(
      client_.session->OnMessage(R"({"type":"subscribe","symbols":["chat"]})"));
  Publish(chat, 1, 1);
  EXPECT_EQ(Hear(), "ack chat@1 [1] synced");
}

TEST_F(TopicsTest, ACursorBringsWhatCameSinceAndCountsWhatIsGone) {
  const SymbolId chat = Define("chat");
  Publish(chat, 1, 7);
  Turns();
  Open(&client_);
  EXPECT_EQ(Subscribe(At("chat", 5)), "ack chat@7 [6 7] synced");
  EXPECT_EQ(Subscribe(At("chat", 7)), "ack synced") << "nothing new";
  EXPECT_EQ(Subscribe(At("chat", 1)), "ack chat@7 lost=1 [3 4 5 6 7] synced");
  EXPECT_EQ(Count(Metric::kTopicMessagesLost), 1);
  EXPECT_EQ(Subscribe(At("chat", 5), R"(,"history":99)"),
            "ack chat@7 [6 7] synced")
      << "a cursor goes before history";
}

TEST_F(TopicsTest, OfAnotherRunItIsNotKnownWhatWasLost) {
  const SymbolId chat = Define("chat");
  Publish(chat, 1, 2);
  Turns();
  Open(&client_);
  EXPECT_EQ(Subscribe("chat@17"), "ack chat@2 lost=null [1 2] synced");
  EXPECT_EQ(Subscribe(At("chat", 3)), "ack chat@2 lost=null [1 2] synced")
      << "from the future";
  Publish(chat, 3, 3);
  EXPECT_EQ(Hear(), "chat@3 [3]") << "told once";
}

TEST_F(TopicsTest, ASlowClientGetsAllThatIsKeptAndIsToldOfTheRest) {
  const SymbolId chat = Define("chat");
  Turns();
  Open(&client_);
  EXPECT_EQ(Subscribe("chat"), "ack chat@0 [] synced");
  client_.slow = true;
  Publish(chat, 1, 1);
  EXPECT_EQ(Hear(), "chat@1 [1]");
  Publish(chat, 2, 4);
  EXPECT_EQ(Hear(), "") << "a write is outstanding";
  Publish(chat, 5, 9);
  client_.slow = false;
  Written(&client_);
  EXPECT_EQ(Hear(), "chat@9 lost=3 [5 6 7 8 9]");
}

TEST_F(TopicsTest, ARateHoldsMessagesBackAndDropsNone) {
  const SymbolId chat = Define("chat");
  Turns();
  Open(&client_);
  Ask(R"({"type":"subscribe","symbols":["chat"],"max_rate":1})");
  Pass(3 * kSecond);
  client_.TakeMessages();
  Publish(chat, 1, 1);
  EXPECT_EQ(Hear(), "chat@1 [1]") << "the first beat comes at once";
  Publish(chat, 2, 2);
  EXPECT_EQ(Hear(), "");
  Publish(chat, 3, 3);
  Pass(kSecond);
  EXPECT_EQ(Hear(), "chat@3 [2 3]");
}

TEST_F(TopicsTest, ANewEpochOfTheMarketIsNoneOfATopics) {
  const SymbolId a = Add("A");
  const SymbolId chat = Define("chat");
  Publish(chat, 1, 2);
  Turns();
  Open(&client_);
  EXPECT_EQ(Subscribe(R"(A","chat)", R"(,"history":5)"),
            "ack update chat@2 [1 2] synced");
  home.publisher.StartEpoch();
  EXPECT_EQ(Hear(), "update");
  Bid(a, 5);
  Publish(chat, 3, 3);
  EXPECT_EQ(Hear(), "update chat@3 [3]");
}

TEST_F(TopicsTest, WhoWaitsForATopicGetsItFromItsFirstMessage) {
  Open(&client_);
  EXPECT_EQ(Subscribe("chat"), "ack synced");
  const SymbolId chat = Define("chat");
  Publish(chat, 1, 2);
  EXPECT_EQ(Hear(), "ack chat@2 [1 2]");
}

TEST_F(TopicsTest, WhoHeldOneOfAnEarlierRunIsToldWhenItAppears) {
  Open(&client_);
  EXPECT_EQ(Subscribe("chat@17"), "ack synced");
  EXPECT_EQ(Ask(R"({"type":"change","symbols":["chat"],"max_rate":100})"),
            "ack synced");
  const SymbolId chat = Define("chat");
  Publish(chat, 1, 2);
  EXPECT_EQ(Hear(), "ack chat@2 lost=null [1 2]");
}

TEST_F(TopicsTest, ChangeAndUnsubscribe) {
  const SymbolId chat = Define("chat");
  Turns();
  Open(&client_);
  EXPECT_EQ(Subscribe("chat"), "ack chat@0 [] synced");
  EXPECT_EQ(Ask(R"({"type":"change","symbols":["chat"],"fields":["bid"]})"),
            "ack synced")
      << "a topic has no fields";
  Publish(chat, 1, 1);
  EXPECT_EQ(Hear(), "chat@1 [1]");
  EXPECT_EQ(Ask(R"({"type":"unsubscribe","symbols":["chat"]})"), "ack");
  Publish(chat, 2, 2);
  EXPECT_EQ(Hear(), "");
}

TEST_F(TopicsTest, ItIsNeverQuiet) {
  const SymbolId chat = Define("chat");
  Publish(chat, 1, 1);
  Turns();
  Open(&client_);
  EXPECT_EQ(Subscribe("chat"), "ack chat@1 [] synced");
  Pass(3600 * kSecond);
  for (const std::string& message : client_.TakeMessages()) {
    EXPECT_NE(message.find("heartbeat"), message.npos) << message;
  }
}

TEST_F(TopicsTest, AnEventIdTellsWhatIsHeld) {
  const SymbolId a = Add("A");
  const SymbolId chat = Define("chat");
  Publish(chat, 1, 3);
  Turns();
  FakeClient stream(Envelope::kSse);
  Open(&stream);
  Request request = std::get<Request>(ParseQuery("symbols=A,chat&history=1"));
  stream.session->OnRequest(request);
  Turns();
  std::string all;
  for (const std::string& message : stream.messages) all += message;
  EXPECT_EQ(Heard(stream.TakeMessages(), first_),
            "ack update chat@3 [3] synced");
  const size_t id = all.find("id: ");
  ASSERT_NE(id, all.npos);
  const std::string last = all.substr(id + 4, all.find('\n', id) - id - 4);
  EXPECT_TRUE(last.ends_with("," + At("chat", 3))) << last;
  Drop(&stream);

  Bid(a, 7);
  Publish(chat, 4, 5);
  ApplyEventId(last, &request);
  FakeClient again(Envelope::kSse);
  Open(&again);
  again.session->OnRequest(request);
  EXPECT_EQ(Hear(&again), "ack update chat@5 [4 5] synced");
  Drop(&again);
}

class SmallBatchesTest : public TopicsTest {
 protected:
  SmallBatchesTest() : TopicsTest({.batch_bytes_max = 400}) {}
};

TEST_F(SmallBatchesTest, WhatDoesNotFitComesNextAndOthersComeBetween) {
  const SymbolId chat = Define("chat", 100);
  const SymbolId desk = Define("desk", 100);
  Publish(chat, 1, 30);
  Publish(desk, 1, 3);
  Turns();
  Open(&client_);
  ASSERT_TRUE(client_.session->OnMessage(
      R"({"type":"subscribe","symbols":["chat","desk"],"history":100})"));
  Turns();
  // Both began in the same microsecond.
  int next = 1;
  size_t desk_came_in = 0, synced_in = 0, count = 0;
  for (const std::string& message : client_.TakeMessages()) {
    ++count;
    EXPECT_LT(message.size(), 600u);
    const std::string heard = Heard({message}, first_);
    if (heard.find("desk@3 [1 2 3]") != heard.npos) desk_came_in = count;
    if (heard.find("synced") != heard.npos) synced_in = count;
    const size_t open = heard.find("chat@");
    if (open == heard.npos) continue;
    const std::string expected = "[" + std::to_string(next);
    EXPECT_NE(heard.find(expected), heard.npos) << heard;
    const size_t begin = heard.find('[', open);
    const std::string data =
        heard.substr(begin, heard.find(']', begin) - begin);
    for (const char c : data) next += c == ' ';
    ++next;
  }
  EXPECT_EQ(next, 31);
  EXPECT_GT(desk_came_in, 0u);
  EXPECT_LT(desk_came_in, count) << "it does not wait for all of the other";
  EXPECT_EQ(synced_in, count);
}

class TopicPollTest : public TopicsTest {
 protected:
  explicit TopicPollTest(SessionLimits limits = {}) : TopicsTest(limits) {}

  // The answer of a poll, empty while it waits.
  std::string Poll(const std::string& query) {
    if (client_.session != nullptr) Drop(&client_);
    client_.closed.reset();
    client_.session = fanout.Open(&client_);
    std::string whole = query;
    if (!at_.empty()) whole += "&at=" + at_;
    client_.session->OnPoll(std::vector<ParsedRequest>{ParseQuery(whole)});
    return Answer();
  }

  std::string Answer() {
    Turns();
    for (const std::string& message : client_.messages) {
      if (const auto at = LastText(message, "at"); !at.empty()) at_ = at;
    }
    return Hear();
  }

  std::string at_;
};

TEST_F(TopicPollTest, IsAnsweredWithWhatCameSince) {
  const SymbolId chat = Define("chat");
  Publish(chat, 1, 3);
  Turns();
  EXPECT_EQ(Poll("symbols=chat&history=2&max_rate=unlimited"),
            "hello ack chat@3 [2 3] synced");
}

TEST_F(TopicPollTest, WaitsForTheNextMessage) {
  const SymbolId chat = Define("chat");
  Turns();
  Poll("symbols=chat&max_rate=unlimited");
  const std::string held = "symbols=" + At("chat", 0) + "&max_rate=unlimited";
  EXPECT_EQ(Poll(held), "");
  Publish(chat, 1, 2);
  EXPECT_EQ(Answer(), "ack chat@2 [1 2] synced");
  Publish(chat, 3, 9);
  EXPECT_EQ(Poll("symbols=" + At("chat", 2) + "&max_rate=unlimited"),
            "ack chat@9 lost=2 [5 6 7 8 9] synced");
}

TEST_F(TopicPollTest, ATopicThatAppearsAnswers) {
  Poll("symbols=chat&max_rate=unlimited");
  EXPECT_EQ(Poll("symbols=chat@0&max_rate=unlimited"), "");
  Publish(Define("chat"), 1, 2);
  EXPECT_EQ(Answer(), "ack chat@2 [1 2] synced");
}

TEST_F(TopicPollTest, ATopicThatAppearedBetweenTwoPollsIsToldFromItsFirst) {
  Poll("symbols=chat&max_rate=unlimited");
  Publish(Define("chat", 2), 1, 3);
  EXPECT_EQ(Poll("symbols=chat@0&max_rate=unlimited"),
            "ack chat@3 lost=1 [2 3] synced");
}

TEST_F(TopicPollTest, OneOfAnotherRunIsDescribedAnew) {
  Poll("symbols=chat@17&max_rate=unlimited");
  Publish(Define("chat"), 1, 2);
  EXPECT_EQ(Poll("symbols=chat@17&max_rate=unlimited"),
            "ack chat@2 lost=null [1 2] synced")
      << "it was unknown so far";
}

TEST_F(TopicPollTest, WhatItHoldsOfATopicThatThisShardDoesNotKnowYetCounts) {
  Poll("symbols=chat@0&max_rate=unlimited");
  Drop(&client_);  // no turn comes between the topic and the poll
  Publish(Define("chat"), 1, 3);
  EXPECT_EQ(Poll("symbols=" + At("chat", 2) + "&max_rate=unlimited"),
            "ack chat@3 [3] synced");
}

class SmallPollTest : public TopicPollTest {
 protected:
  SmallPollTest() : TopicPollTest({.batch_bytes_max = 2000}) {}
};

TEST_F(SmallPollTest, AnAnswerIsBoundedAndTheNextGoesOn) {
  const SymbolId chat = Define("chat", 100);
  Publish(chat, 1, 99);
  Turns();
  int polls = 0;
  uint64_t held = 0;
  std::string names = "chat";
  for (; held != 99 && polls < 20; ++polls) {
    const std::string heard =
        Poll("symbols=" + names + "&history=100&max_rate=unlimited");
    const std::string from = "[" + std::to_string(held + 1);
    ASSERT_NE(heard.find(from), heard.npos) << heard;
    const uint64_t now = std::stoull(heard.substr(heard.find('@') + 1));
    EXPECT_EQ(heard.find("synced") != heard.npos, now == 99)
        << "with the last part: " << heard;
    held = now;
    names = At("chat", held);
  }
  EXPECT_EQ(held, 99u);
  EXPECT_GT(polls, 2);
}

TEST_F(SmallPollTest, ARateDoesNotHoldUpWhatHadNoRoom) {
  const SymbolId chat = Define("chat", 100);
  Publish(chat, 1, 99);
  Turns();
  std::string heard = Poll("symbols=chat&history=100&max_rate=1");
  ASSERT_EQ(heard.find("synced"), heard.npos) << heard;
  for (int polls = 0; heard.find("synced") == heard.npos; ++polls) {
    ASSERT_LT(polls, 20);
    const uint64_t held = std::stoull(heard.substr(heard.find('@') + 1));
    heard = Poll("symbols=" + At("chat", held) + "&max_rate=1");
    ASSERT_NE(heard, "") << "it waits for its beat";
  }
  Publish(chat, 100, 100);
  EXPECT_EQ(Poll("symbols=" + At("chat", 99) + "&max_rate=1"), "");
}

TEST_F(SmallPollTest, ATopicThatHasMuchToTellDoesNotKeepAnotherBack) {
  const SymbolId loud = Define("loud", 200);
  const SymbolId next_loud = Define("next", 200);  // takes what the first left
  const SymbolId soft = Define("soft");
  Turns();
  Poll("symbols=loud,next,soft&max_rate=unlimited");
  Publish(soft, 1, 1);
  uint64_t held = 0;
  bool heard_soft = false;
  for (int polls = 0; polls < 50 && !heard_soft; ++polls) {
    const int next = polls * 100 + 1;
    Publish(loud, next, next + 99);
    Publish(next_loud, next, next + 99);
    const std::string heard =
        Poll("symbols=" + At("loud", held) + "," + At("next", 0) + "," +
             At("soft", 0) + "&max_rate=unlimited");
    heard_soft = heard.find("soft@1") != heard.npos;
    if (const size_t at = heard.find("loud@"); at != heard.npos) {
      held = std::stoull(heard.substr(at + 5));
    }
  }
  EXPECT_TRUE(heard_soft);
}

}  // namespace
}  // namespace streamhub
