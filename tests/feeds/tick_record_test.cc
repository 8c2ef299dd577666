#include "feeds/tick_record.h"

#include <absl/strings/str_cat.h>
#include <flatbuffers/flatbuffers.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/tick_generated.h"
#include "tests/feeds/tick_record_notes.h"

namespace streamhub {
namespace {

class TickRecordTest : public ::testing::Test {
 protected:
  void Symbol(uint32_t number, std::string_view code, const Layout& layout) {
    SymbolInfo info;
    info.code = std::string(code);
    info.name = "Zürich \"x\"";
    info.currency = "CHF";
    info.price_decimals = 4;
    info.quantity_decimals = 12;
    info.pip = 5;
    info.layout = &layout;
    writer.Symbol(number, info, "itch", &bytes);
  }

  // What the reader says of `bytes`: where it is, or what is wrong.
  std::string Read() {
    writer.Flush(&bytes);
    return Read(bytes);
  }
  std::string Read(std::string_view some) {
    reader.Begin(some);
    TickRecord record;
    for (;;) {
      switch (reader.Read(&record)) {
        case TickRecordReader::Next::kRecord:
          notes.Add(record);
          break;
        case TickRecordReader::Next::kEnd:
          return absl::StrCat(reader.offset());
        case TickRecordReader::Next::kWrong:
          return std::string(reader.status().message());
      }
    }
  }

  // A record made by hand.
  template <typename Make>
  void Raw(tick::Body type, Make make) {
    flatbuffers::FlatBufferBuilder builder;
    const auto body = make(builder);
    builder.FinishSizePrefixed(tick::CreateRecord(builder, type, body.Union()));
    std::string record(
        reinterpret_cast<const char*>(builder.GetBufferPointer()),
        builder.GetSize());
    record.resize((record.size() + 7) / 8 * 8);
    flatbuffers::WriteScalar(record.data(),
                             static_cast<uint32_t>(record.size() - 4));
    bytes += record;
  }

  TickRecordWriter writer;
  Notes notes;
  TickRecordReader reader;
  std::string bytes;
};

TEST_F(TickRecordTest, WhatIsWrittenIsRead) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  Symbol(7, "A", QuoteLayout());
  Symbol(0, "ESH4", BookLayout());
  const FieldValue values[] = {{FieldId::kBid, -kMax},
                               {FieldId::kAsk, kEmpty},
                               {FieldId::kBid10Size, 1},  // not in the layout
                               {FieldId::kVolume, kMax}};
  writer.Tick(7, QuoteLayout(), values, 1'700'000'000'000'000'001, 0, &bytes);
  writer.Tick(0, BookLayout(), values, 5, 4, &bytes);
  writer.Trade(7, {.price = -3, .taker = Taker::kSeller, .id = "é"}, 6, 5,
               &bytes);
  writer.Tick(7, QuoteLayout(), {}, kMax, kMax, &bytes);
  writer.Trade(0, {.id = "9", .cross = "opening", .cancelled = true}, 7, 0,
               &bytes);
  writer.Refresh(7, QuoteLayout(), std::span(values).first(2), -kMax, -5,
                 &bytes);
  writer.Trade(0, {.size = 2}, 7, 0, &bytes);
  writer.Epoch(std::numeric_limits<uint64_t>::max(), 3, &bytes);
  writer.Status("iex", FeedStatus::kEnded, 8, &bytes);
  writer.Gap(3, 9, 10, &bytes);
  writer.Sent({.session = 1,
               .transport = "ws",
               .encoding = "json",
               .time_ns = 2,
               .batch = 3,
               .symbol = "A",
               .bytes = "[]",
               .cut = 4},
              &bytes);
  EXPECT_EQ(bytes.size() % 8, 0u);
  EXPECT_EQ(Read(), absl::StrCat(bytes.size()));
  EXPECT_EQ(notes.text,
            "symbol 7 A 'Zürich \"x\"' CHF 4 12 5 of 15 by itch\n"
            "symbol 0 ESH4 'Zürich \"x\"' CHF 4 12 5 of 51 by itch\n"
            "tick 7 1700000000000000001 0 bid=-9223372036854775807 ask=empty "
            "volume=9223372036854775807\n"
            "tick 0 5 4 bid=-9223372036854775807 ask=empty bid10_size=1 "
            "volume=9223372036854775807\n"
            "trade 7 6 5 -3 -9223372036854775808 2 'é' '' 0\n"
            "tick 7 9223372036854775807 9223372036854775807\n"
            "trade 0 7 0 -9223372036854775808 -9223372036854775808 0 '9' "
            "'opening' 1\n"
            "state 7 -9223372036854775807 -5 bid=-9223372036854775807 "
            "ask=empty\n"
            "trade 0 7 0 -9223372036854775808 2 0 '' '' 0\n"
            "epoch 18446744073709551615 3\n"
            "status iex 3 8\n"
            "gap 3 9 10\n"
            "sent 1 ws json 2 3 A [] 4\n");
}

TEST_F(TickRecordTest, SymbolsOfOneLayoutShareIt) {
  Symbol(1, "A", QuoteLayout());
  Symbol(2, "B", QuoteLayout());
  Symbol(3, "C", BookLayout());
  Read();
  ASSERT_EQ(notes.layouts.size(), 3u);
  EXPECT_EQ(notes.layouts[0], notes.layouts[1]);
  EXPECT_NE(notes.layouts[0], notes.layouts[2]);
}

TEST_F(TickRecordTest, ARecordThatIsNotWholeYetWaits) {
  Symbol(1, "A", QuoteLayout());
  const size_t first = bytes.size();
  writer.Epoch(9, 0, &bytes);
  const std::string whole = bytes;
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(Read(std::string_view(whole).substr(0, size)),
              size < first ? "0" : absl::StrCat(first));
  }
}

// Wherever the bytes lie in memory.
TEST_F(TickRecordTest, RecordsNeedNotBeAligned) {
  Symbol(1, "A", QuoteLayout());
  const FieldValue bid = {FieldId::kBid, 123};
  writer.Tick(1, QuoteLayout(), {&bid, 1}, 5, 4, &bytes);
  writer.Flush(&bytes);
  for (size_t shift = 0; shift < 8; ++shift) {
    const std::string moved = std::string(shift, 'x') + bytes;
    notes.text.clear();
    EXPECT_EQ(Read(std::string_view(moved).substr(shift)),
              absl::StrCat(bytes.size()));
    EXPECT_THAT(notes.text, testing::EndsWith("tick 1 5 4 bid=123\n"));
  }
}

// A batch holds so many, and a symbol's number is any.
TEST_F(TickRecordTest, ManyAreCutIntoBatches) {
  Symbol(~0u, "A", QuoteLayout());
  const size_t before = bytes.size();
  for (int i = 0; i < 10'000; ++i) {
    const FieldValue bid = {FieldId::kBid, i};
    writer.Tick(~0u, QuoteLayout(), {&bid, 1}, i, i, &bytes);
  }
  EXPECT_GT(bytes.size(), before);
  EXPECT_GT(writer.held_bytes(), 0u);
  writer.Flush(&bytes);
  EXPECT_EQ(Read(), absl::StrCat(bytes.size()));
  EXPECT_EQ(writer.held_bytes(), 0u);
  EXPECT_EQ(std::count(notes.text.begin(), notes.text.end(), '\n'), 10'001);
  EXPECT_THAT(notes.text,
              testing::EndsWith("tick 4294967295 9999 9999 bid=9999\n"));
}

TEST_F(TickRecordTest, WhatIsWrongIsNamedWithItsPlace) {
  Symbol(1, "A", QuoteLayout());
  const std::string symbol = bytes;
  const std::string at = absl::StrCat(" at byte ", symbol.size());
  const auto wrong = [&] {
    const std::string told = Read();
    bytes = symbol;
    return told;
  };
  writer.Tick(2, QuoteLayout(), {}, 0, 0, &bytes);
  EXPECT_EQ(wrong(), "a tick of symbol 2, which was not told" + at);
  writer.Trade(3, {}, 0, 0, &bytes);
  EXPECT_EQ(wrong(), "a trade of symbol 3, which was not told" + at);

  bytes += std::string("\x04\0\0\0abcd", 8);
  EXPECT_EQ(wrong(), "not a FlatBuffer of tick.fbs" + at);
  bytes += std::string("\x05\0\0\0abcde", 9);
  EXPECT_EQ(wrong(), "a size of 5" + at);
  bytes += std::string("\xfc\xff\xff\x7f", 4);
  EXPECT_EQ(wrong(), "a size of 2147483644" + at);
  writer.Sent({.transport = "ws"}, &bytes);
  const size_t transport = bytes.rfind("ws");
  bytes[transport] = '\xFF';
  EXPECT_EQ(wrong(), "a text of what was sent is not UTF-8" + at);

  using Numbers = std::vector<uint32_t>;
  using Words = std::vector<int64_t>;
  using Octets = std::vector<uint8_t>;
  const auto ticks = [&](const Numbers& numbers, const Words& received,
                         const Octets& counts, const Octets& positions,
                         const Words& words, const Words& event = {}) {
    Raw(tick::Body::Ticks, [&](auto& builder) {
      return tick::CreateTicksDirect(builder, &numbers, &received,
                                     event.empty() ? nullptr : &event, &counts,
                                     &positions, &words);
    });
    return wrong();
  };
  const std::string mismatch = "columns of ticks that do not match" + at;
  EXPECT_EQ(ticks({1}, {0}, {2}, {1, 2}, {1}), mismatch);
  EXPECT_EQ(ticks({1}, {0}, {2}, {1}, {1, 2}), mismatch);
  EXPECT_EQ(ticks({1}, {0}, {1}, {1, 2}, {1, 2}), mismatch);
  EXPECT_EQ(ticks({1}, {}, {1}, {1}, {1}), mismatch);
  EXPECT_EQ(ticks({1, 1}, {0, 0}, {1}, {1}, {1}), mismatch);
  EXPECT_EQ(ticks({1}, {0}, {1}, {1}, {1}, {1, 2}), mismatch);
  EXPECT_EQ(ticks({1}, {0}, {65}, Octets(65, 1), Words(65, 1)),
            "a tick of more than 64 values" + at);
  EXPECT_EQ(ticks({1}, {0}, {1}, {15}, {1}),
            "a position beyond the fields" + at);
  EXPECT_EQ(ticks({1}, {0}, {2}, {3, 3}, {1, 2}), "a position twice" + at);
}

TEST_F(TickRecordTest, TradesHaveTheirPlace) {
  Symbol(1, "A", QuoteLayout());
  const std::string symbol = bytes;
  const std::string at = absl::StrCat(" at byte ", symbol.size());
  const auto trades = [&](const std::vector<uint32_t>& places, size_t ticks,
                          bool refresh, const char* id = "") {
    Raw(tick::Body::Ticks, [&](auto& builder) {
      std::vector<flatbuffers::Offset<tick::Trade>> all;
      for (const uint32_t place : places) {
        all.push_back(tick::CreateTradeDirect(builder, place, 1, 0, 0, place, 0,
                                              static_cast<tick::Taker>(77),
                                              id));
      }
      const std::vector<uint32_t> numbers(ticks, 1);
      const std::vector<int64_t> received(ticks, 1);
      return tick::CreateTicksDirect(builder, &numbers, &received, nullptr,
                                     nullptr, nullptr, nullptr, refresh, &all);
    });
    notes.text.clear();
    const std::string told = Read();
    bytes = symbol;
    return told;
  };
  EXPECT_EQ(trades({1, 0}, 2, false), "a trade out of its place" + at);
  EXPECT_EQ(trades({3}, 2, false), "a trade out of its place" + at);
  EXPECT_EQ(trades({1}, 2, true), "trades among what is no tick" + at);
  EXPECT_EQ(trades({1}, 2, false, "\xFF"), "a trade's id is not UTF-8" + at);
  trades({0, 0, 1, 2}, 2, false);
  std::string order;
  for (const std::string_view line :
       {"trade 1 0 0 0", "trade 1 0 0 0", "tick 1 1", "trade 1 0 0 1",
        "tick 1 2", "trade 1 0 0 2"}) {
    const size_t found = notes.text.find(std::string(line), order.size());
    EXPECT_NE(found, std::string::npos) << line << '\n' << notes.text;
    order = notes.text.substr(0, found + 1);
  }
}

TEST_F(TickRecordTest, ATextThatIsNotUtf8IsLeftOutAndCounted) {
  Symbol(1, "A", QuoteLayout());
  const FieldValue values[] = {{FieldId::kTrading, 0x00FF},
                               {FieldId::kBid, 0x00FF}};
  writer.Tick(1, QuoteLayout(), values, 1, 1, &bytes);
  Read();
  EXPECT_THAT(notes.text, testing::EndsWith("tick 1 1 1 bid=255\n"));
  EXPECT_EQ(reader.unknown_fields(), 1u);
}

TEST_F(TickRecordTest, SymbolsWhoseDefinitionIsLostArePassedOver) {
  reader.PassOverUnknownSymbols();
  Symbol(1, "A", QuoteLayout());
  const FieldValue bid = {FieldId::kBid, 3};
  writer.Tick(2, QuoteLayout(), {&bid, 1}, 1, 0, &bytes);
  writer.Trade(2, {}, 1, 0, &bytes);
  writer.Tick(1, QuoteLayout(), {&bid, 1}, 2, 0, &bytes);
  writer.Flush(&bytes);
  EXPECT_EQ(Read(), absl::StrCat(bytes.size()));
  EXPECT_THAT(notes.text, testing::EndsWith("by itch\ntick 1 2 0 bid=3\n"));
  EXPECT_EQ(reader.unknown_symbols(), 2u);
}

TEST_F(TickRecordTest, ADescriptionIsChecked) {
  struct Case {
    std::string_view code, name;
    uint8_t decimals;
    std::vector<std::string> fields;
    std::string_view wrong;
  };
  const Case cases[] = {
      {"A,B", "", 2, {"bid"}, "code is not a symbol's"},
      {"A", "\xFF", 2, {"bid"}, "name is not UTF-8"},
      {"A", "", 13, {"bid"}, "decimals above 12"},
      {"A", "", 2, {"bid", "bid"}, "field bid twice"},
      {"A", "", 2, {"volume"}, "field volume of another kind"},
      {"A", "", 2, std::vector<std::string>(65, "x"), "more than 64 fields"},
  };
  for (const Case& c : cases) {
    bytes.clear();
    Raw(tick::Body::Symbol, [&](auto& builder) {
      std::vector<flatbuffers::Offset<tick::Field>> fields;
      for (const std::string& name : c.fields) {
        fields.push_back(tick::CreateFieldDirect(builder, name.c_str()));
      }
      const auto code = builder.CreateString(std::string(c.code));
      const auto name = builder.CreateString(std::string(c.name));
      const auto all = builder.CreateVector(fields);
      return tick::CreateSymbol(builder, 1, code, name, 0, c.decimals, 0, 0,
                                all);
    });
    EXPECT_EQ(Read(), absl::StrCat(std::string(c.wrong), " at byte 0"));
  }
  EXPECT_EQ(notes.text, "");
}

// A log of a later version: what is unknown is passed over and counted.
TEST_F(TickRecordTest, WhatALaterVersionBringsIsPassedOver) {
  Raw(tick::Body::Symbol, [](auto& builder) {
    const std::vector<flatbuffers::Offset<tick::Field>> fields = {
        tick::CreateFieldDirect(builder, "yield"),
        tick::CreateFieldDirect(builder, "bid")};
    return tick::CreateSymbolDirect(builder, 1, "A", nullptr, nullptr, 2, 0, 0,
                                    &fields);
  });
  const std::vector<uint32_t> numbers = {1};
  const std::vector<int64_t> received = {3};
  const std::vector<uint8_t> counts = {2};
  const std::vector<uint8_t> positions = {0, 1};
  const std::vector<int64_t> words = {17, 18};
  Raw(tick::Body::Ticks, [&](auto& builder) {
    return tick::CreateTicksDirect(builder, &numbers, &received, nullptr,
                                   &counts, &positions, &words);
  });
  Raw(tick::Body::Status, [](auto& builder) {
    return tick::CreateStatus(builder, static_cast<tick::FeedStatus>(9), 0);
  });
  Raw(static_cast<tick::Body>(99),
      [](auto& builder) { return tick::CreateEpoch(builder, 1); });
  EXPECT_EQ(Read(), absl::StrCat(bytes.size()));
  EXPECT_EQ(notes.text,
            "symbol 1 A ''  2 0 0 of 2 by \n"
            "tick 1 3 0 bid=18\n");
  EXPECT_EQ(reader.unknown_fields(), 1u);
  EXPECT_EQ(reader.unknown_records(), 2u);
}

}  // namespace
}  // namespace streamhub
