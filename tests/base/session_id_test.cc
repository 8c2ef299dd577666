#include "gateway/base/session_id.h"

#include <gtest/gtest.h>

#include <string>

namespace streamhub {
namespace {

TEST(SessionIdTest, TextsReadBack) {
  EXPECT_EQ(SessionText(MakeSessionId(2, 117)), "2-117");
  EXPECT_EQ(SessionText(MakeSessionId(2, 117, true)), "2-117p");
  constexpr uint64_t kNumberMax = (uint64_t{1} << 40) - 1;
  for (const uint32_t shard : {0u, 1u, 1024u, (1u << 23) - 1}) {
    for (const uint64_t number : {uint64_t{1}, uint64_t{117}, kNumberMax}) {
      for (const bool poll : {false, true}) {
        const SessionId id = MakeSessionId(shard, number, poll);
        EXPECT_EQ(ParseSession(SessionText(id)), id) << SessionText(id);
        EXPECT_EQ(IsPoll(id), poll);
        EXPECT_NE(id, 0u);
      }
    }
  }
}

TEST(SessionIdTest, NothingElseIsOne) {
  for (const char* text : {"",
                           "-",
                           "2",
                           "2-",
                           "-117",
                           "2-0",
                           "02-117",
                           "2-0117",
                           "2-117x",
                           "2-117pp",
                           "2-117P",
                           " 2-117",
                           "2-117 ",
                           "2 -117",
                           "+2-117",
                           "2-+117",
                           "2--117",
                           "8388608-1",
                           "2-1099511627776",
                           "2-117p ",
                           "99999999999999999999-1",
                           "1-99999999999999999999"}) {
    EXPECT_FALSE(ParseSession(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace streamhub
