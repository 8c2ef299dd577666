// Topics over real sockets: every door brings every message once, in order, and
// resumes where it was.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using Kind = StreamClient::Kind;

class TopicsTest : public ::testing::TestWithParam<Kind> {
 protected:
  SymbolId Define(const std::string& name) {
    SymbolId id = 0;
    gateway_.puppet->Do([&](Publisher& publisher) {
      publisher.market().DefineTopic(name, kNoFeed, 1000,
                                     publisher.clock().WallNs(), &id);
    });
    return id;
  }

  // The numbers `from` to `to`, in one batch.
  void Publish(SymbolId topic, int from, int to) {
    gateway_.puppet->Do([&](Publisher& publisher) {
      for (int i = from; i <= to; ++i) {
        publisher.market().Append(topic, std::to_string(i),
                                  publisher.clock().WallNs());
      }
      publisher.market().Wake();
    });
  }

  // Reads messages of the topic until it has the number `last`.
  void ReadTo(StreamClient& client, int last) {
    while (newest_ < last) {
      const auto object = client.Next();
      ASSERT_TRUE(object.has_value()) << "after " << newest_;
      const JsonValue* const topics = object->Find("topics");
      if (topics == nullptr) continue;
      const JsonValue* const part = topics->Find("chat");
      ASSERT_NE(part, nullptr);
      EXPECT_EQ(part->Find("lost"), nullptr);
      for (const JsonValue& message : part->Find("messages")->items) {
        ASSERT_EQ(message.Int("data"), ++newest_);
        cursor_ = message.Int("seq");
      }
      EXPECT_EQ(part->Int("v"), cursor_);
    }
  }

  StreamClient Open(const std::string& symbols) {
    StreamClient client(GetParam(), gateway_.port(),
                        "?history=10000&max_rate=unlimited&symbols=" + symbols);
    EXPECT_TRUE(client.open());
    return client;
  }

  TestGateway gateway_;
  int newest_ = 0;
  int64_t cursor_ = 0;
};

TEST_P(TopicsTest, EveryMessageComesOnceAndAResumeGoesOn) {
  const SymbolId chat = Define("chat");
  Publish(chat, 1, 20);
  {
    StreamClient client = Open("chat");
    ReadTo(client, 20);
    Publish(chat, 21, 21);
    ReadTo(client, 21);
    Publish(chat, 22, 300);
    ReadTo(client, 300);
  }
  Publish(chat, 301, 340);
  StreamClient again = Open("chat@" + std::to_string(cursor_));
  ReadTo(again, 340);
  Publish(chat, 341, 341);
  ReadTo(again, 341);
}

INSTANTIATE_TEST_SUITE_P(Doors, TopicsTest,
                         ::testing::ValuesIn(StreamClient::kKinds),
                         [](const auto& param) {
                           return std::string(
                               StreamClient::NameOf(param.param));
                         });

}  // namespace
}  // namespace streamhub
