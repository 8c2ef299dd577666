// FlatWriter and FlatReader: what one writes the other says in the very bytes
// of JsonWriter; bytes that are none of ours are refused with their place.

#include <flatbuffers/flatbuffer_builder.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/codec/flat_reader.h"
#include "gateway/codec/flat_writer.h"
#include "gateway/codec/json_writer.h"
#include "schemas/client_generated.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class FlatTest : public ::testing::Test {
 protected:
  FlatTest() {
    json.Begin(Envelope::kLines);
    flat.Begin(Envelope::kFlat);
  }

  // Lets both write the same.
  template <typename Write>
  void Both(Write write) {
    write(json);
    write(flat);
  }

  void Hello() {
    Both([&](MessageWriter& w) {
      w.Hello(0xAB, MakeSessionId(2, 117), 2 * kSecond, feeds, 7000);
    });
  }
  void Ack(SymbolId symbol) {
    Both([&](MessageWriter& w) {
      w.BeginAck("7", "ab.0.0", 0.5);
      w.AckSymbol(symbol);
      w.EndAck(false);
    });
  }

  // An update of one quote with all its fields.
  void Update(SymbolId symbol, const QuoteView& view, bool snapshot,
              QuietNote quiet) {
    const FieldMask all = home.market.symbols().Get(symbol).layout->all();
    Both([&](MessageWriter& w) {
      std::string frame;
      w.EncodeQuote(symbol, view, all, snapshot, quiet, &frame);
      w.BeginUpdate(0xAB, 8000);
      w.Quote(frame);
      w.Quote(frame);
      w.EndUpdate();
    });
  }

  // What was written, by either way.
  std::string Json() { return json.out().substr(kBatchHeadroom); }
  std::string Flat() { return flat.out().substr(kBatchHeadroom); }
  std::string Translated() {
    std::string lines;
    const absl::Status status = reader.ToJson(Flat(), &lines);
    return status.ok() ? lines : "[" + std::string(status.message()) + "]";
  }

  TestMarket home;
  JsonWriter json{home.market};
  FlatWriter flat{home.market};
  FlatReader reader;
  std::vector<FeedStatus> feeds{FeedStatus::kStale};
};

TEST_F(FlatTest, EveryMessageSaysWhatJsonSays) {
  const SymbolId a = home.Add("A"), b = home.Add("B\"\\", BookLayout());
  Hello();
  Both([&](MessageWriter& w) {
    w.Feed(feeds, 9000);
    w.BeginAck("\"x\"", "ab.0.0", kInfinity);
    w.AckSymbol(a);
    w.AckSymbol(b);
    w.AckUnknown("NEW");
    w.EndAck(true);
    w.BeginAck("9", "", 0);
    w.EndAck(false);
    w.Synced("7");
    w.Synced("");
    w.Published("8", 1'700'000'000'000'000);
    w.Published("", 1);
    w.Pong("10", 5000);
    w.Error({"3", "bad_symbol", "why", "A,B"});
    w.Error({"", "bad_json", "why", ""});
    w.Heartbeat(6000);
    w.Closing(4001, "server stopping", 1000);
    w.Closing(4005, "limit", -1);
  });
  EXPECT_EQ(Translated(), Json());
}

TEST_F(FlatTest, EveryKindOfValueIsExact) {
  const SymbolId a = home.Add("A", BookLayout());
  home.Tick(a,
            {{FieldId::kTrading, PackText("auction8")},
             {FieldId::kBid, -123456789012345678},
             {FieldId::kAsk, 5},
             {FieldId::kBidSize, 0},
             {FieldId::kQuoteTime, 1'700'000'000'123'456'789},
             {FieldId::kVolume, std::numeric_limits<int64_t>::max()},
             {FieldId::kAsk10Size, 42}},
            1'600'000'000'000'000'000);
  Hello();
  Ack(a);
  Update(a, home.Read(a), true, QuietNote::kNotQuiet);
  Update(a, home.Read(a), false, QuietNote::kQuiet);
  Update(a, home.Read(a), false, QuietNote::kNone);
  EXPECT_EQ(Translated(), Json());
  EXPECT_NE(Json().find("\"bid\":-1234567890123456.78,"), std::string::npos);
  EXPECT_NE(Json().find("\"last\":null,"), std::string::npos);
}

TEST_F(FlatTest, MessagesOfTopicsSayWhatJsonSays) {
  const SymbolId a = home.Add("A");
  SymbolId chat = 0, tape = 0;
  home.market.DefineTopic("chat \"x\"", kNoFeed, 7, 5 * kMicrosecond, &chat);
  home.market.DefineTopic("tape/A", home.feed, 9, 6 * kMicrosecond, &tape);
  home.market.Append(chat, R"({"a":["\u000a",null]})", 8 * kMicrosecond);
  home.market.Append(chat, "17", 9 * kMicrosecond);
  TopicMessages two, none;
  home.market.topic(chat)->ReadSince(4, 1000, &two);
  home.market.topic(tape)->ReadSince(5, 1000, &none);
  two.lost = 3;
  Hello();
  Both([&](MessageWriter& w) {
    w.BeginAck("7", "ab.0.0", 0.5);
    w.AckSymbol(a);
    w.AckSymbol(chat);
    w.AckSymbol(tape);
    w.EndAck(false);
    w.BeginMessages(8000);
    w.Messages(chat, two, true);
    w.Messages(tape, none, true);
    w.Messages(tape, none, false);
    w.EndMessages();
  });
  Update(a, home.Read(a), true, QuietNote::kNone);
  Both([&](MessageWriter& w) {
    w.BeginMessages(9000);
    w.EndMessages();
    w.Synced("7");
  });
  EXPECT_EQ(Translated(), Json());
  EXPECT_NE(Json().find(R"("chat \"x\"":{"v":6,"lost":3,"messages":[)"
                        R"({"seq":5,"time":8,"data":{"a":["\u000a",null]}},)"
                        R"({"seq":6,"time":9,"data":17}]},)"
                        R"("tape/A":{"v":5,"messages":[]},)"
                        R"("tape/A":{"v":5,"lost":null,"messages":[]}}})"),
            std::string::npos)
      << Json();
}

TEST_F(FlatTest, MessagesThatAreNoneAreRefused) {
  SymbolId chat = 0;
  home.market.DefineTopic("chat", kNoFeed, 7, 5 * kMicrosecond, &chat);
  TopicMessages none;
  flat.BeginMessages(8000);
  flat.Messages(chat, none, true);
  flat.EndMessages();
  EXPECT_EQ(Translated(),
            "[messages of topic 0, which was not told at byte 48]");
  flat.Begin(Envelope::kFlat);
  flat.Messages(chat, none, true);
  EXPECT_EQ(Translated(), "[a topic outside of messages at byte 0]");
  flat.Begin(Envelope::kFlat);
  Hello();
  Ack(chat);
  home.market.Append(chat, "1\n2", 0);
  home.market.topic(chat)->ReadSince(4, 1000, &none);
  const size_t told = flat.size();
  flat.BeginMessages(8000);
  const size_t begun = flat.size();
  EXPECT_GT(begun, told);
  flat.Messages(chat, none, true);
  EXPECT_EQ(Translated(), "[a message whose data is no line of JSON at byte " +
                              std::to_string(begun) + "]");
}

TEST_F(FlatTest, WhoOnlyCountsNeedsNoFields) {
  const SymbolId a = home.Add("A");
  home.Tick(a, {{FieldId::kBid, 5}}, 1'600'000'000'000'000'000);
  Hello();
  Ack(a);
  Update(a, home.Read(a), true, QuietNote::kNotQuiet);
  std::string whole, heads;
  ASSERT_TRUE(reader.ToJson(Flat(), &whole).ok());
  ASSERT_TRUE(reader.ToJson(Flat(), &heads, FlatReader::Quotes::kHeads).ok());
  // What is left out begins behind `quiet` and ends with its quote.
  constexpr std::string_view kQuiet = "\"quiet\":false";
  for (size_t at = 0; (at = whole.find(kQuiet, at)) != whole.npos;) {
    at += kQuiet.size();
    whole.erase(at, whole.find('}', at) - at);
  }
  EXPECT_EQ(heads, whole);
  EXPECT_EQ(heads.find("bid"), heads.npos);
}

TEST_F(FlatTest, EachFrameIsAlignedAndVerifies) {
  const SymbolId a = home.Add("A");
  Hello();
  Ack(a);
  Update(a, home.Read(a), true, QuietNote::kQuiet);
  const std::string message = Flat();
  size_t at = 0, frames = 0;
  while (at < message.size()) {
    const size_t size = FlatFrameSize(std::string_view(message).substr(at));
    ASSERT_NE(size, 0u);
    EXPECT_EQ(size % 8, 0u);
    flatbuffers::Verifier verifier(
        reinterpret_cast<const uint8_t*>(message.data()) + at, size);
    EXPECT_TRUE(wire::VerifySizePrefixedMessageBuffer(verifier));
    at += size;
    ++frames;
  }
  EXPECT_EQ(frames, 5u);
  EXPECT_EQ(flat.size(), message.size());
}

TEST_F(FlatTest, AnOpenAckCounts) {
  const SymbolId a = home.Add("A");
  flat.BeginAck("7", "", 1);
  const size_t before = flat.size();
  flat.AckSymbol(a);
  EXPECT_GT(flat.size(), before) << "a batch could not be bounded";
  flat.EndAck(false);
  EXPECT_EQ(flat.size(), Flat().size());
}

TEST_F(FlatTest, WhatIsCutOffIsNamedWithItsPlace) {
  Hello();
  const std::string whole = Flat();
  for (size_t size = 1; size < whole.size(); ++size) {
    std::string lines;
    const absl::Status status = reader.ToJson(whole.substr(0, size), &lines);
    EXPECT_EQ(status.message(), "message cut off at byte 0");
  }
  EXPECT_EQ(FlatFrameSize(whole), whole.size());
  EXPECT_EQ(FlatFrameSize("\x04\0\0"), 0u);
}

TEST_F(FlatTest, WhatIsNotTrueIsNamedWithItsPlace) {
  const SymbolId a = home.Add("A");
  const auto wrong = [this] {
    const std::string told = Translated();
    flat.Begin(Envelope::kFlat);
    return told;
  };
  flat.Hello(1, MakeSessionId(1, 1), kSecond, feeds, 0);
  const size_t hello = Flat().size();
  std::string frame;
  flat.EncodeQuote(a, home.Read(a), 1, true, QuietNote::kNone, &frame);
  flat.Quote(frame);
  EXPECT_EQ(wrong(), "[a quote outside of an update at byte " +
                         std::to_string(hello) + "]");
  flat.Hello(1, MakeSessionId(1, 1), kSecond, feeds, 0);
  flat.BeginUpdate(1, 0);
  flat.Quote(frame);
  EXPECT_TRUE(wrong().starts_with("[a quote of symbol 0, which was not told"));

  flat.out() += std::string("\x08\0\0\0garbage!", 12);
  EXPECT_EQ(wrong(), "[not a FlatBuffer of client.fbs at byte 0]");

  flat.out() += std::string(4, '\0');
  EXPECT_EQ(wrong(), "[not a FlatBuffer of client.fbs at byte 0]");

  flatbuffers::FlatBufferBuilder builder;
  const auto text = builder.CreateString("\xFF");
  builder.FinishSizePrefixed(wire::CreateMessage(
      builder, wire::Body::Error,
      wire::CreateError(builder, 0, text, text, text).Union()));
  flat.out().append(reinterpret_cast<const char*>(builder.GetBufferPointer()),
                    builder.GetSize());
  EXPECT_EQ(wrong(), "[text that is not UTF-8 at byte 0]");
}

// One of several requests of a poll may be new: then there is a hello, and only
// the symbols of that one are described.
TEST_F(FlatTest, WhatWasToldHoldsForTheEpoch) {
  const SymbolId a = home.Add("A");
  Hello();
  Ack(a);
  Hello();
  Update(a, home.Read(a), false, QuietNote::kNone);
  EXPECT_EQ(Translated(), Json());

  flat.Begin(Envelope::kFlat);
  flat.Hello(0xAC, MakeSessionId(1, 1), kSecond, feeds, 0);
  std::string frame;
  flat.EncodeQuote(a, home.Read(a), 1, true, QuietNote::kNone, &frame);
  flat.BeginUpdate(0xAC, 0);
  flat.Quote(frame);
  EXPECT_TRUE(
      Translated().starts_with("[a quote of symbol 0, which was not told"));
}

TEST_F(FlatTest, TimesThatNanosecondsCannotHoldAreRefused) {
  for (const int64_t ms : {std::numeric_limits<int64_t>::min(),
                           std::numeric_limits<int64_t>::max()}) {
    flatbuffers::FlatBufferBuilder builder;
    const auto feed = wire::CreateFeed(builder, 0, wire::FeedStatus::Live,
                                       wire::FeedSource::Replay, 0, ms, 0);
    builder.FinishSizePrefixed(wire::CreateMessage(
        builder, wire::Body::FeedChange,
        wire::CreateFeedChange(builder, 0, builder.CreateVector(&feed, 1))
            .Union()));
    flat.Begin(Envelope::kFlat);
    flat.out().append(reinterpret_cast<const char*>(builder.GetBufferPointer()),
                      builder.GetSize());
    EXPECT_EQ(Translated(), "[feeds: a time out of range at byte 0]");
  }
}

TEST_F(FlatTest, WhatALaterVersionBringsIsPassedOver) {
  flatbuffers::FlatBufferBuilder builder;
  builder.FinishSizePrefixed(
      wire::CreateMessage(builder, static_cast<wire::Body>(200),
                          wire::CreateHeartbeat(builder, 5).Union()));
  flat.out().append(reinterpret_cast<const char*>(builder.GetBufferPointer()),
                    builder.GetSize());
  flat.Heartbeat(6000);
  EXPECT_EQ(Translated(), R"({"type":"heartbeat","time":6})");
}

}  // namespace
}  // namespace streamhub
