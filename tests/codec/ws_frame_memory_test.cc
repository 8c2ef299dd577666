// Where WsFrameReader keeps what it reads.

#include <gtest/gtest.h>

#include <span>
#include <string>

#include "gateway/codec/ws_frame.h"
#include "tests/codec/ws_frame_reading.h"

namespace streamhub::ws_frame_test {
namespace {

TEST(WsFrameReader, HandsOutAWholeMessageWhereItLies) {
  std::string wire = Frame(kFin | kText, Pattern(5000)) +
                     Frame(kFin | kPing, "p") + Frame(kFin | kText, "second");
  WsFrameReader reader({});
  std::span<char> input(wire);
  WsEvent event;
  for (const std::string& expected :
       {"text " + Pattern(5000), std::string("ping p"),
        std::string("text second")}) {
    ASSERT_EQ(reader.Next(&input, &event), WsFrameReader::Result::kEvent);
    EXPECT_EQ(Describe(event), expected);
    EXPECT_GE(event.payload.data(), wire.data());
    EXPECT_LE(event.payload.data() + event.payload.size(),
              wire.data() + wire.size());
    EXPECT_EQ(reader.buffered_bytes(), 0u);
  }
  EXPECT_EQ(reader.Next(&input, &event), WsFrameReader::Result::kNeedMore);
}

TEST(WsFrameReader, KeepsNoBigBufferAndAllocatesOnlyForWhatCame) {
  const Options options = {.max_message_bytes = 1 << 20};
  std::string wire = Frame(kFin | kText, Pattern(1 << 20));
  WsFrameReader reader(options);
  WsEvent event;
  std::span<char> input = std::span(wire).first(1000);
  ASSERT_EQ(reader.Next(&input, &event), WsFrameReader::Result::kNeedMore);
  EXPECT_LE(reader.buffered_bytes(), 2000u) << "a megabyte is only announced";
  input = std::span(wire).subspan(1000);
  ASSERT_EQ(reader.Next(&input, &event), WsFrameReader::Result::kEvent);
  EXPECT_EQ(event.payload, Pattern(1 << 20));
  ASSERT_EQ(reader.Next(&input, &event), WsFrameReader::Result::kNeedMore);
  EXPECT_LE(reader.buffered_bytes(), 1024u);
}

}  // namespace
}  // namespace streamhub::ws_frame_test
