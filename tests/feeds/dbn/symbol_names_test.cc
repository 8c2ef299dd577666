#include "feeds/dbn/symbol_names.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "tests/feeds/dbn/sample.h"

namespace streamhub::dbn {
namespace {

constexpr auto kDayNs = static_cast<int64_t>(kSampleDayNs);
constexpr int64_t kDay = 86'400'000'000'000;

TEST(SymbolNamesTest, DaysAreThoseOfTheCalendar) {
  EXPECT_EQ(DayNs(20240102), kDayNs);
  EXPECT_EQ(DayNs(19700101), 0);
  EXPECT_EQ(DayNs(20240301), kDayNs + 59 * kDay);
  for (const uint32_t none : {0u, 20240230u, 20241301u, 20240100u, 19691231u,
                              22010101u, 675060101u, ~0u}) {
    EXPECT_EQ(DayNs(none), std::nullopt) << none;
  }
}

TEST(SymbolNamesTest, NamesANumberDayByDay) {
  SymbolNames names;
  Metadata metadata = SampleMetadata(3);
  metadata.mappings = {{"ALPHA",
                        {{20240102, 20240103, "1"},
                         {20240103, 20240105, "2"},
                         {20240106, 20240107, "2"}}},
                       {"BETA", {{20240103, 20240104, "1"}}}};
  names.Add(metadata);
  SymbolNames::Name name = names.Find(1, kDayNs);
  EXPECT_EQ(name.text, "ALPHA");
  EXPECT_EQ(name.from_ns, kDayNs);
  EXPECT_EQ(name.until_ns, kDayNs + kDay);
  EXPECT_EQ(names.Find(1, kDayNs + kDay - 1).text, "ALPHA");
  EXPECT_EQ(names.Find(1, kDayNs + kDay).text, "BETA");
  EXPECT_EQ(names.Find(2, kDayNs + kDay).text, "ALPHA");
  // Between two days with a name it has none, and so before and after.
  name = names.Find(2, kDayNs + 3 * kDay);
  EXPECT_EQ(name.text, "2");
  EXPECT_EQ(name.from_ns, kDayNs + 3 * kDay);
  EXPECT_EQ(name.until_ns, kDayNs + 4 * kDay);
  name = names.Find(1, kDayNs - 1);
  EXPECT_EQ(name.text, "1");
  EXPECT_EQ(name.until_ns, kDayNs);
  EXPECT_EQ(names.Find(2, kDayNs + 5 * kDay).until_ns,
            std::numeric_limits<int64_t>::max());
  EXPECT_EQ(names.Find(4'000'000'000, kDayNs).text, "4000000000");
}

TEST(SymbolNamesTest, NamesNumbersThatWereAskedFor) {
  SymbolNames names;
  Metadata metadata = SampleMetadata(3);
  metadata.stype_in = kInstrumentIds;
  metadata.stype_out = kRawSymbols;
  metadata.mappings = {{"17", {{20240102, 20240103, "ALPHA"}}}};
  names.Add(metadata);
  EXPECT_EQ(names.Find(17, kDayNs).text, "ALPHA");
  // Neither side is numbers: nothing to be learnt.
  SymbolNames none;
  metadata.stype_in = kRawSymbols;
  none.Add(metadata);
  EXPECT_EQ(none.Find(17, kDayNs).text, "17");
}

TEST(SymbolNamesTest, LeavesOutWhatNamesNothing) {
  SymbolNames names;
  Metadata metadata = SampleMetadata(3);
  metadata.mappings = {{"ALPHA",
                        {{20240103, 20240102, "1"},
                         {20240102, 20240102, "1"},
                         {20240102, 20249999, "1"},
                         {20240102, 20240103, "x1"},
                         {20240102, 20240103, "1x"},
                         {20240102, 20240103, ""},
                         {20240102, 20240103, "4294967297"}}},
                       {"", {{20240102, 20240103, "1"}}}};
  names.Add(metadata);
  EXPECT_EQ(names.Find(1, kDayNs).text, "1");
}

TEST(SymbolNamesTest, TheLastMappingInBandCounts) {
  SymbolNames names;
  names.Add(SampleMetadata(3));
  SymbolMapping mapping;
  mapping.head.instrument = 1;
  mapping.stype_in = 3;
  mapping.in = "AL.c.0";
  mapping.stype_out = kRawSymbols;
  mapping.out = "ALH4";
  names.Set(mapping);
  EXPECT_EQ(names.Find(1, kDayNs).text, "ALH4");
  EXPECT_EQ(names.Find(1, 0).text, "ALH4");
  mapping.out = "ALM4";
  names.Set(mapping);
  EXPECT_EQ(names.Find(1, kDayNs).text, "ALM4");
  // A number is no better than what was asked for.
  mapping.stype_out = kInstrumentIds;
  mapping.out = "1";
  names.Set(mapping);
  EXPECT_EQ(names.Find(1, kDayNs).text, "AL.c.0");
  mapping.in = "";
  names.Set(mapping);
  EXPECT_EQ(names.Find(1, kDayNs).text, "AL.c.0");
}

TEST(SymbolNamesTest, ADefinitionNamesWhatNothingElseDoes) {
  SymbolNames names;
  names.Add(SampleMetadata(3));
  Definition definition;
  definition.raw_symbol = "OTHER";
  for (const uint32_t instrument : {1u, 9u}) {
    definition.head.instrument = instrument;
    names.Learn(definition);
  }
  definition.raw_symbol = "LATER";
  names.Learn(definition);
  EXPECT_EQ(names.Find(1, kDayNs).text, "ALPHA");
  EXPECT_EQ(names.Find(9, kDayNs).text, "OTHER");
}

}  // namespace
}  // namespace streamhub::dbn
