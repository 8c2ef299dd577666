// Derived symbols as operators write them: tables of the file, texts of a list,
// a flag, a variable.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/base/strings.h"
#include "gateway/server/config_loader.h"
#include "gateway/server/config_table.h"

namespace streamhub {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class DerivedConfigTest : public testing::Test {
 protected:
  DerivedConfigTest()
      : path_(testing::TempDir() + "derived_config_test_" +
              testing::UnitTest::GetInstance()->current_test_info()->name() +
              ".toml") {}
  ~DerivedConfigTest() override { std::remove(path_.c_str()); }

  absl::StatusOr<EffectiveConfig> Load(std::string_view text,
                                       ConfigInputs inputs = {}) {
    std::ofstream(path_) << text;
    inputs.file = path_;
    return LoadConfig(inputs);
  }

  // Without the file's name and the colon.
  std::string ErrorOf(std::string_view text) {
    const auto loaded = Load(text);
    const std::string error(FromAbsl(loaded.status().message()));
    EXPECT_THAT(error, StartsWith(path_ + ":"));
    return error.substr(std::min(error.size(), path_.size() + 1));
  }

  static std::string OriginOf(const EffectiveConfig& effective) {
    const ConfigKey* key = FindConfigKey("derived");
    return effective.origins[static_cast<size_t>(key - ConfigTable().data())];
  }

  const std::string path_;
};

ConfigFlag Flag(std::vector<std::string> values) {
  return {FindConfigKey("derived"), std::move(values), "--derived"};
}

constexpr char kTables[] = R"([server]
port = 1
[[derived]]
symbol = "EUR/GBP"
kind = "cross"
of = ["EUR/USD", "GBP/USD"]
operation = "multiply"
decimals = 5
rounding = "half-up"
name = "Euro in pounds"
currency = "GBP"

[[derived]]
symbol = "DESK"
kind = "basket"
weights = ["0.50", -2]
of = ["AAPL", "PLACED"]
divisor = "1.5"
)";

TEST_F(DerivedConfigTest, TablesBecomeTexts) {
  std::string text = kTables;
  text.replace(text.find("PLACED"), 6, "a b(c)");
  const auto loaded = Load(text);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(
      loaded->config.derived,
      ElementsAre(
          "EUR/GBP=cross(EUR/USD,GBP/USD) operation=multiply decimals=5 "
          "rounding=half-up name=\"Euro in pounds\" currency=GBP",
          "DESK=basket(0.5*AAPL,-2*\"a b(c)\") divisor=1.5"));
  EXPECT_EQ(loaded->config.port, 1);
  EXPECT_EQ(OriginOf(*loaded), path_ + ":3:1");
}

TEST_F(DerivedConfigTest, TablesComeToTheListOfTheSameFile) {
  const std::string table =
      "[[derived]]\nsymbol = \"B\"\nkind = \"mid\"\nof = [\"A\"]\n";
  const auto loaded = Load("[feed]\nderived = [\"C=mid(B)\"]\n" + table);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(loaded->config.derived, ElementsAre("C=mid(B)", "B=mid(A)"));
}

TEST_F(DerivedConfigTest, FlagsAndVariablesReplaceThem) {
  const std::string table =
      "[[derived]]\nsymbol = \"B\"\nkind = \"mid\"\nof = [\"A\"]\n";
  auto loaded =
      Load(table, {.environment = {{"STREAMHUB_DERIVED",
                                    "X=cross(A,B);Y=mid(X) decimals=3"}}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(loaded->config.derived,
              ElementsAre("X=cross(A,B)", "Y=mid(X) decimals=3"));
  EXPECT_EQ(OriginOf(*loaded), "STREAMHUB_DERIVED");
  // A semicolon between quotes is one of a name.
  loaded = Load(
      table, {.environment = {{"STREAMHUB_DERIVED",
                               R"(X=mid(A) name="a;\";b";;Y=mid(B) name=c)"}}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(loaded->config.derived,
              ElementsAre(R"(X=mid(A) name="a;\";b")", "Y=mid(B) name=c"));
  loaded = Load(table, {.flags = {Flag({"Z=mid(A)"})}});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(loaded->config.derived, ElementsAre("Z=mid(A)"));
}

TEST_F(DerivedConfigTest, WhatIsPrintedReadsBack) {
  std::string text = kTables;
  text.replace(text.find("PLACED"), 6, "a\\\"\\\\b");
  const auto first = Load(text);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = Load(PrintConfig(*first));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->config.derived, first->config.derived);
}

TEST_F(DerivedConfigTest, TheExampleOfTheGeneratedFileIsGood) {
  std::string text = GenerateConfig();
  const size_t begin = text.find("# [[derived]]");
  ASSERT_NE(begin, text.npos);
  for (size_t at = begin; at != text.npos;
       at = text.find("\n#", at) == text.npos ? text.npos
                                              : text.find("\n#", at) + 1) {
    text.erase(at, 1);
  }
  const auto loaded = Load(text);
  ASSERT_TRUE(loaded.ok()) << loaded.status() << text.substr(begin);
  EXPECT_EQ(loaded->config.derived.size(), 2u);
}

TEST_F(DerivedConfigTest, FaultsOfATableAreToldWithTheirPlace) {
  constexpr char kOne[] = "[[derived]]\nsymbol = \"B\"\nkind = \"mid\"\n";
  const std::string one = kOne;
  EXPECT_EQ(ErrorOf(one + "of = [\"A\"]\ncolour = 1\n"),
            "5:1: derived.colour: unknown key");
  EXPECT_EQ(ErrorOf(one + "of = \"A\"\n"),
            "4:6: derived.of: expected a list of symbols, found a string, 'A'");
  EXPECT_EQ(ErrorOf(one + "of = [\"A\", 5]\n"),
            "4:12: derived.of: expected a symbol, found an integer, 5");
  EXPECT_EQ(ErrorOf(one + "of = [\"A\"]\ndecimals = 13\n"),
            "5:12: derived.decimals: expected an integer from 0 to 12, found "
            "an integer, 13");
  EXPECT_EQ(ErrorOf(one + "of = [\"A\"]\nrounding = \"near\"\n"),
            "5:12: derived.rounding: expected half-even, half-up, down or up, "
            "found a string, 'near'");
  EXPECT_EQ(ErrorOf("[[derived]]\nkind = \"sum\"\n"),
            "2:8: derived.kind: expected mid, spread, cross or basket, found a "
            "string, 'sum'");
  EXPECT_EQ(ErrorOf("[[derived]]\nsymbol = 5\n"),
            "2:10: derived.symbol: expected a text, found an integer, 5");
  EXPECT_THAT(ErrorOf(one + "of = [\"A\"]\nweights = [0.5]\n"),
              StartsWith("5:12: derived.weights: expected an integer, or a "
                         "number in quotes, such as \"0.25\", so that it is "
                         "exact"));
  EXPECT_EQ(ErrorOf(one + "of = [\"A\"]\nweights = [1, 2]\n"),
            "5:11: derived.weights: expected a weight for each symbol, 1, "
            "found 2");
  EXPECT_THAT(ErrorOf("[feed]\nfeed = \"none\"\n\n" + one),
              HasSubstr("4:1: derived: the key of is missing"));
  EXPECT_THAT(ErrorOf(one + "of = [\"A\", \"C\"]\n"),
              HasSubstr("1:1: derived: B: a mid is of 1 symbol, not of 2"));
  EXPECT_THAT(ErrorOf(one + "of = [\"A,C\"]\n"),
              HasSubstr("no symbol can be called \"A,C\""));
  EXPECT_THAT(ErrorOf("[derived]\nsymbol = \"B\"\n"),
              HasSubstr("derived: expected [[derived]], a table for each"));
  EXPECT_EQ(ErrorOf("derived = [\"B=mid(A)\"]\n"),
            "1:1: the key derived belongs below [feed]");
}

TEST_F(DerivedConfigTest, CirclesAndTwiceTheSameAreToldWithTheirTable) {
  const auto table = [](std::string symbol, std::string of) {
    return "[[derived]]\nsymbol = \"" + symbol +
           "\"\nkind = \"mid\"\nof = [\"" + of + "\"]\n";
  };
  EXPECT_EQ(ErrorOf(table("B", "A") + table("B", "C")),
            "5:1: derived: B is there twice");
  EXPECT_THAT(ErrorOf(table("X", "A") + table("B", "C") + table("C", "B")),
              testing::MatchesRegex("(5|9):1: derived: in a circle: .*"));
}

TEST_F(DerivedConfigTest, FaultsOfATextAreToldWithItsOrigin) {
  const auto error = [](const ConfigInputs& inputs) {
    return std::string(FromAbsl(LoadConfig(inputs).status().message()));
  };
  EXPECT_EQ(error({.flags = {Flag({"A=mid(B)", "C=mad(B)"})}}),
            "--derived: derived \"C=mad(B)\": at byte 3: expected a kind: mid, "
            "spread, cross or basket, found \"mad\"");
  EXPECT_THAT(error({.environment = {{"STREAMHUB_DERIVED", "A=mid(A)"}}}),
              StartsWith("STREAMHUB_DERIVED: derived \"A=mid(A)\": in a "
                         "circle: A needs A"));
  EXPECT_THAT(ErrorOf("[feed]\nderived = [\"A\"]\n"),
              StartsWith("2:1: derived \"A\": at byte 2: expected '='"));
  EXPECT_THAT(ErrorOf("[feed]\nderived = \"A=mid(B)\"\n"),
              StartsWith("2:11: feed.derived: expected"));
}

}  // namespace
}  // namespace streamhub
