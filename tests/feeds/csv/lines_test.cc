// Lines and fields: from bytes in any pieces to the texts of a row.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "feeds/csv/fields.h"
#include "feeds/csv/line_reader.h"

namespace streamhub::csv {
namespace {

using testing::ElementsAre;

const std::string kTooLong = "<too long>";

std::vector<std::string> Lines(std::string_view bytes, size_t piece,
                               size_t line_bytes_max = kLineBytesMax) {
  LineReader reader(line_bytes_max);
  std::vector<std::string> all;
  while (true) {
    std::string_view line;
    switch (reader.Read(&line)) {
      case LineReader::Next::kLine:
        all.emplace_back(line);
        break;
      case LineReader::Next::kTooLong:
        all.push_back(kTooLong);
        break;
      case LineReader::Next::kEnd:
        EXPECT_EQ(reader.number(), static_cast<int64_t>(all.size()));
        return all;
      case LineReader::Next::kNeedMore: {
        const auto room = reader.Room();
        EXPECT_FALSE(room.empty());
        const size_t count = std::min({piece, bytes.size(), room.size()});
        if (count == 0) reader.Finish();
        std::copy_n(bytes.begin(), count, room.begin());
        reader.Filled(count);
        bytes.remove_prefix(count);
        break;
      }
    }
  }
}

std::vector<std::string> Lines(std::string_view bytes) {
  auto whole = Lines(bytes, std::max<size_t>(bytes.size(), 1));
  EXPECT_EQ(Lines(bytes, 1), whole);
  EXPECT_EQ(Lines(bytes, 7), whole);
  return whole;
}

TEST(LineReaderTest, FindsLinesHoweverTheyEnd) {
  EXPECT_THAT(Lines(""), ElementsAre());
  EXPECT_THAT(Lines("a"), ElementsAre("a"));
  EXPECT_THAT(Lines("a\n"), ElementsAre("a"));
  EXPECT_THAT(Lines("a\nb"), ElementsAre("a", "b"));
  EXPECT_THAT(Lines("a\r\nb\r\n"), ElementsAre("a", "b"));
  EXPECT_THAT(Lines("\n\na\n"), ElementsAre("", "", "a"));
  EXPECT_THAT(Lines("a\rb\n"), ElementsAre("a\rb"));
}

TEST(LineReaderTest, DropsAByteOrderMarkAtTheStartOnly) {
  EXPECT_THAT(Lines("\xEF\xBB\xBF"
                    "a\n\xEF\xBB\xBF"
                    "b"),
              ElementsAre("a",
                          "\xEF\xBB\xBF"
                          "b"));
  EXPECT_THAT(Lines("\xEF\xBB\xBF"), ElementsAre(""));
}

TEST(LineReaderTest, PassesOverLinesThatAreTooLong) {
  const std::string most(kLineBytesMax, 'x');
  EXPECT_THAT(Lines(most + "\nb"), ElementsAre(most, "b"));
  EXPECT_THAT(Lines("a\n" + most + "x\nb\n"), ElementsAre("a", kTooLong, "b"));
  EXPECT_THAT(Lines(most + "x"), ElementsAre(kTooLong));
  // A file without any line's end, many times what is kept.
  EXPECT_THAT(Lines(std::string(1'000'000, 'x') + "\nb"),
              ElementsAre(kTooLong, "b"));
  EXPECT_THAT(Lines(std::string(1'000'000, '\0')), ElementsAre(kTooLong));
}

TEST(LineReaderTest, TheLimitIsTheReaders) {
  EXPECT_THAT(Lines("12345\n123456\n1", 1, 5),
              ElementsAre("12345", kTooLong, "1"));
  // Many times the buffer that it begins with.
  const std::string most(1'000'000, 'x');
  for (const size_t piece : {1'000u, 999'983u, 3'000'000u}) {
    EXPECT_THAT(
        Lines("a\n" + most + "\n" + most + "x\nb\n" + most, piece, most.size()),
        ElementsAre("a", most, kTooLong, "b", most));
  }
}

std::vector<std::string> Fields(std::string_view line) {
  FieldSplitter splitter;
  const char* const wrong = splitter.Split(line);
  if (wrong != nullptr) return {std::string("! ") + wrong};
  return {splitter.fields().begin(), splitter.fields().end()};
}

TEST(FieldSplitterTest, SplitsAtCommas) {
  EXPECT_THAT(Fields("a,b,c"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Fields("a,,"), ElementsAre("a", "", ""));
  EXPECT_THAT(Fields(""), ElementsAre(""));
  EXPECT_THAT(Fields(" a ,\tb c,d "), ElementsAre("a", "b c", "d"));
}

TEST(FieldSplitterTest, TakesQuotesAway) {
  EXPECT_THAT(Fields("\"a\",\"b,c\",\"\""), ElementsAre("a", "b,c", ""));
  EXPECT_THAT(Fields(" \"a \" , b"), ElementsAre("a ", "b"));
  EXPECT_THAT(Fields("\"a\"\"b\",\"\"\"\",\"c\"\"\",\"\"\"d\""),
              ElementsAre("a\"b", "\"", "c\"", "\"d"));
  // In a field that does not begin with one it is a character like any other.
  EXPECT_THAT(Fields("a\"b,c"), ElementsAre("a\"b", "c"));
}

TEST(FieldSplitterTest, RefusesQuotesThatDoNotFit) {
  EXPECT_THAT(Fields("\"a,b"), ElementsAre("! has a quote that is not closed"));
  EXPECT_THAT(Fields("\""), ElementsAre("! has a quote that is not closed"));
  EXPECT_THAT(Fields("\"a\"\""),
              ElementsAre("! has a quote that is not closed"));
  EXPECT_THAT(Fields("\"a\"b,c"),
              ElementsAre("! has text behind a quoted field"));
}

TEST(FieldSplitterTest, HasALimit) {
  EXPECT_EQ(Fields(std::string(kFieldsMax - 1, ',')).size(), kFieldsMax);
  EXPECT_THAT(Fields(std::string(kFieldsMax, ',')),
              ElementsAre("! has more than 256 columns"));
}

}  // namespace
}  // namespace streamhub::csv
