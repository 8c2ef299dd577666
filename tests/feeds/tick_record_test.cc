#include "feeds/tick_record.h"

#include <absl/strings/str_cat.h>
#include <flatbuffers/flatbuffers.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/tick_generated.h"

namespace streamhub {
namespace {

// Writes down what it is told, a line each.
class Notes final : public TickRecordHandler {
 public:
  void OnSymbol(uint32_t number, const SymbolInfo& info) override {
    absl::StrAppend(&text, "symbol ", number, " ", info.code, " '", info.name,
                    "' ", info.currency, " ", info.price_decimals, " ",
                    info.quantity_decimals, " ", info.pip, " of ",
                    info.layout->size(), "\n");
    layouts.push_back(info.layout);
  }
  void OnTick(uint32_t number, std::span<const FieldValue> values,
              int64_t received_ns, int64_t event_ns) override {
    absl::StrAppend(&text, "tick ", number, " ", received_ns, " ", event_ns);
    for (const FieldValue& v : values) {
      const std::string name(FieldName(v.field));
      absl::StrAppend(&text, " ", name, "=");
      if (v.value == kEmpty) {
        absl::StrAppend(&text, "empty");
      } else {
        absl::StrAppend(&text, v.value);
      }
    }
    text += '\n';
  }
  void OnEpoch(uint64_t epoch) override {
    absl::StrAppend(&text, "epoch ", epoch, "\n");
  }
  void OnStatus(FeedStatus status, int64_t time_ns) override {
    absl::StrAppend(&text, "status ", static_cast<int>(status), " ", time_ns,
                    "\n");
  }
  void OnGap(uint64_t records, int64_t from_ns, int64_t to_ns) override {
    absl::StrAppend(&text, "gap ", records, " ", from_ns, " ", to_ns, "\n");
  }

  std::string text;
  std::vector<const Layout*> layouts;
};

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
    writer.Symbol(number, info, &bytes);
  }

  // What the reader says of `bytes`: where it is, or what is wrong.
  std::string Read() {
    const auto read = reader.Read(bytes);
    return read.ok() ? absl::StrCat(*read)
                     : std::string(read.status().message());
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
  TickRecordReader reader{notes};
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
  writer.Tick(7, QuoteLayout(), {}, 6, 0, &bytes);
  writer.Epoch(std::numeric_limits<uint64_t>::max(), &bytes);
  writer.Status(FeedStatus::kEnded, 8, &bytes);
  writer.Gap(3, 9, 10, &bytes);
  EXPECT_EQ(bytes.size() % 8, 0u);
  EXPECT_EQ(Read(), absl::StrCat(bytes.size()));
  EXPECT_EQ(notes.text,
            "symbol 7 A 'Zürich \"x\"' CHF 4 12 5 of 15\n"
            "symbol 0 ESH4 'Zürich \"x\"' CHF 4 12 5 of 51\n"
            "tick 7 1700000000000000001 0 bid=-9223372036854775807 ask=empty "
            "volume=9223372036854775807\n"
            "tick 0 5 4 bid=-9223372036854775807 ask=empty bid10_size=1 "
            "volume=9223372036854775807\n"
            "tick 7 6 0\n"
            "epoch 18446744073709551615\n"
            "status 3 8\n"
            "gap 3 9 10\n");
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
  writer.Epoch(9, &bytes);
  const std::string whole = bytes;
  for (size_t size = 0; size < whole.size(); ++size) {
    Notes some;
    TickRecordReader fresh(some);
    const auto read = fresh.Read(std::string_view(whole).substr(0, size));
    ASSERT_TRUE(read.ok()) << size << ' ' << read.status();
    EXPECT_EQ(*read, size < first ? 0 : first);
  }
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

  bytes += std::string("\x04\0\0\0abcd", 8);
  EXPECT_EQ(wrong(), "not a FlatBuffer of tick.fbs" + at);
  bytes += std::string("\x05\0\0\0abcde", 9);
  EXPECT_EQ(wrong(), "a size of 5" + at);
  bytes += std::string("\xfc\xff\xff\x7f", 4);
  EXPECT_EQ(wrong(), "a size of 2147483644" + at);

  using Positions = std::vector<uint8_t>;
  using Words = std::vector<int64_t>;
  const auto tick = [&](const Positions& positions, const Words& words) {
    Raw(tick::Body::Tick, [&](auto& builder) {
      return tick::CreateTickDirect(builder, 1, 0, 0, &positions, &words);
    });
    return wrong();
  };
  EXPECT_EQ(tick({1, 2}, {1}),
            "a tick whose positions and values do not match" + at);
  EXPECT_EQ(tick({15}, {1}), "a position beyond the fields" + at);
  EXPECT_EQ(tick({3, 3}, {1, 2}), "a position twice" + at);
  EXPECT_EQ(tick({3}, {kEmpty}), "a value that means empty" + at);

  Raw(tick::Body::Status, [](auto& builder) {
    return tick::CreateStatus(builder, static_cast<tick::FeedStatus>(9), 0);
  });
  EXPECT_EQ(wrong(), "an unknown status" + at);
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
      {"A", "", 13, {"bid"}, "price_decimals above 12"},
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
  const std::vector<uint8_t> positions = {0, 1};
  const std::vector<int64_t> words = {17, 18};
  Raw(tick::Body::Tick, [&](auto& builder) {
    return tick::CreateTickDirect(builder, 1, 3, 0, &positions, &words);
  });
  Raw(static_cast<tick::Body>(99),
      [](auto& builder) { return tick::CreateEpoch(builder, 1); });
  EXPECT_EQ(Read(), absl::StrCat(bytes.size()));
  EXPECT_EQ(notes.text,
            "symbol 1 A ''  2 0 0 of 2\n"
            "tick 1 3 0 bid=18\n");
  EXPECT_EQ(reader.unknown_fields(), 1u);
  EXPECT_EQ(reader.unknown_records(), 1u);
}

}  // namespace
}  // namespace streamhub
