// Plants one fault at a time: a rule that does not bite is no rule.

#include "tests/tidy/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace streamhub::tidy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr Exception kExceptions[] = {{"gateway/market/wake", "for the test"},
                                     {"feeds/udp/socket.cc", "for the test"}};

TEST(CodeOnly, BlanksCommentsAndLiteralsOnly) {
  EXPECT_EQ(CodeOnly("a; // b\nc"), "a;     \nc");
  EXPECT_EQ(CodeOnly("a /* b\n */ c"), "a     \n    c");
  EXPECT_EQ(CodeOnly("f(\"//x\"); y"), "f(     ); y");
  EXPECT_EQ(CodeOnly("f(\"\\\"\", z)"), "f(    , z)");
  EXPECT_EQ(CodeOnly("R\"x(a\")x\" b"), "R         b");
  EXPECT_EQ(CodeOnly("'\"' + 1'000 + \"s\""), "    + 1'000 +    ");
}

TEST(Includes, FollowTheLayers) {
  EXPECT_THAT(CheckIncludeDirection(
                  {"gateway/session/a.h",
                   "#include <string>\n#include \"gateway/market/b.h\"\n"}),
              IsEmpty());
  EXPECT_THAT(CheckIncludeDirection({"gateway/market/a.h",
                                     "\n#include \"gateway/session/b.h\"\n"}),
              ElementsAre("gateway/market/a.h:2: gateway/market may not "
                          "include gateway/session"));
  EXPECT_THAT(CheckIncludeDirection(
                  {"gateway/codec/a.cc", "#include \"gateway/access/b.h\""}),
              SizeIs(1));
  EXPECT_THAT(CheckIncludeDirection(
                  {"gateway/session/a.cc", "#include \"feeds/feed.h\""}),
              SizeIs(1));
  EXPECT_THAT(CheckIncludeDirection(
                  {"feeds/replay/a.cc", "#include \"gateway/codec/b.h\""}),
              SizeIs(1));
}

TEST(Includes, NothingIncludesTestsOrBenchButCliTheLoadTool) {
  EXPECT_THAT(CheckIncludeDirection(
                  {"gateway/cli/load.cc", "#include \"bench/load/a.h\""}),
              IsEmpty());
  EXPECT_THAT(CheckIncludeDirection(
                  {"gateway/cli/load.cc", "#include \"bench/cache.h\""}),
              SizeIs(1));
  EXPECT_THAT(CheckIncludeDirection(
                  {"gateway/server/a.cc", "#include \"bench/load/a.h\""}),
              SizeIs(1));
  EXPECT_THAT(
      CheckIncludeDirection({"bench/a.cc", "#include \"tests/support/a.h\""}),
      SizeIs(1));
}

TEST(Includes, OursAreQuotedFromTheRoot) {
  EXPECT_THAT(
      CheckIncludeDirection({"feeds/a.cc", "#include <gateway/base/a.h>"}),
      SizeIs(1));
  EXPECT_THAT(CheckIncludeDirection({"feeds/a.cc", "#include \"a.h\""}),
              SizeIs(1));
  EXPECT_THAT(CheckIncludeDirection({"feeds/a.cc", "#include \"zlib.h\""}),
              SizeIs(1));
}

TEST(Includes, AFolderWithoutALayerIsRefused) {
  EXPECT_THAT(CheckIncludeDirection({"gateway/helpers/a.cc", "int a;"}),
              SizeIs(1));
  EXPECT_THAT(CheckIncludeDirection({"gateway/basement/a.cc", "int a;"}),
              SizeIs(1));
}

TEST(Boost, StaysInTheRim) {
  const std::string text = "#include <boost/asio.hpp>\n";
  EXPECT_THAT(CheckBoost({"gateway/session/a.h", text}, kExceptions),
              SizeIs(1));
  EXPECT_THAT(CheckBoost({"gateway/cli/a.cc", text}, kExceptions), SizeIs(1));
  EXPECT_THAT(CheckBoost({"feeds/udp/decode.cc", text}, kExceptions),
              SizeIs(1));
  EXPECT_THAT(CheckBoost({"feeds/udp/socket.cc", text}, kExceptions),
              IsEmpty());
  EXPECT_THAT(CheckBoost({"gateway/transport/a.h", text}, kExceptions),
              IsEmpty());
  EXPECT_THAT(CheckBoost({"tests/integration/a.cc", text}, kExceptions),
              IsEmpty());
}

TEST(SharedMemory, OnlyWhereListed) {
  for (const char* text :
       {"#include <atomic>\n", "#include <condition_variable>",
        "#include <absl/synchronization/mutex.h>", "std::atomic<int> a;",
        "std::mutex m;", "std::lock_guard lock(m);", "std::thread t;",
        "std::this_thread::yield();", "auto f = std::async(g);"}) {
    SCOPED_TRACE(text);
    EXPECT_THAT(CheckSharedMemory({"gateway/session/a.cc", text}, kExceptions),
                SizeIs(1));
    EXPECT_THAT(CheckSharedMemory({"gateway/market/wake.h", text}, kExceptions),
                IsEmpty());
    EXPECT_THAT(CheckSharedMemory({"tests/stress/a.cc", text}, kExceptions),
                IsEmpty());
  }
  EXPECT_THAT(CheckSharedMemory({"gateway/session/a.cc",
                                 "// not a std::mutex\nint thread;\n"},
                                kExceptions),
              IsEmpty());
}

TEST(HeaderGuard, IsThePath) {
  const std::string good =
      "// A page.\n#ifndef STREAMHUB_FEEDS_A_H_\n"
      "#define STREAMHUB_FEEDS_A_H_\n#endif  // STREAMHUB_FEEDS_A_H_\n";
  EXPECT_THAT(CheckHeaderGuard({"feeds/a.h", good}), IsEmpty());
  EXPECT_THAT(CheckHeaderGuard({"feeds/b.h", good}), SizeIs(1));
  EXPECT_THAT(CheckHeaderGuard({"feeds/a.h", "#pragma once\n"}), SizeIs(1));
  EXPECT_THAT(CheckHeaderPage({"feeds/a.h", good}), IsEmpty());
  EXPECT_THAT(CheckHeaderPage({"feeds/a.h", "#ifndef A\n"}), SizeIs(1));
}

TEST(UsingNamespace, NotInHeaders) {
  const std::string text = "// A page.\nusing  namespace std;\n";
  EXPECT_THAT(CheckUsingNamespace({"feeds/a.h", text}),
              ElementsAre(StartsWith("feeds/a.h:2:")));
  EXPECT_THAT(CheckUsingNamespace({"feeds/a.cc", text}), IsEmpty());
}

TEST(Columns, CountCodePoints) {
  EXPECT_THAT(CheckColumns({"feeds/a.cc", std::string(80, 'x')}), IsEmpty());
  EXPECT_THAT(CheckColumns({"feeds/a.cc", std::string(81, 'x')}), SizeIs(1));
  EXPECT_THAT(CheckColumns({"feeds/a.cc", std::string(79, 'x') + "µ"}),
              IsEmpty());
  EXPECT_THAT(CheckColumns({"feeds/a.cc",
                            "// https://a.example/" + std::string(80, 'x')}),
              IsEmpty());
}

TEST(Length, IsFourHundredLines) {
  const std::string lines(400, '\n');
  EXPECT_THAT(CheckLength({"feeds/a.cc", lines}, kExceptions), IsEmpty());
  EXPECT_THAT(CheckLength({"feeds/a.cc", lines + "\n"}, kExceptions),
              SizeIs(1));
  EXPECT_THAT(CheckLength({"web/src/a.ts", lines + "\n"}, kExceptions),
              SizeIs(1));
  EXPECT_THAT(CheckLength({"feeds/udp/socket.cc", lines + "\n"}, kExceptions),
              IsEmpty());
}

TEST(Skips, NeedAReason) {
  const std::string skip =
      "GTEST_"
      "SKIP()";
  EXPECT_THAT(CheckSkips({"tests/a_test.cc", "{\n" + skip + ";\n}"}),
              ElementsAre(StartsWith("tests/a_test.cc:2:")));
  EXPECT_THAT(CheckSkips({"tests/a_test.cc", skip + "\n    << \"why\";"}),
              IsEmpty());
  EXPECT_THAT(CheckSkips({"tests/a_test.cc",
                          "TEST(A, DIS"
                          "ABLED_B) {"}),
              SizeIs(1));
  EXPECT_THAT(CheckSkips({"web/test/a.test.ts",
                          "it"
                          ".only('a', () => {"}),
              SizeIs(1));
}

TEST(Sleeps, AreListed) {
  const std::string text = "std::this_thread::sleep_for(1ms);";
  EXPECT_THAT(CheckSleeps({"tests/a_test.cc", text}, kExceptions), SizeIs(1));
  EXPECT_THAT(CheckSleeps({"tests/a_test.cc", "sleep(1);"}, kExceptions),
              SizeIs(1));
  EXPECT_THAT(CheckSleeps({"feeds/udp/socket.cc", text}, kExceptions),
              IsEmpty());
}

TEST(Leftovers, AreFoundInAnyFile) {
  EXPECT_THAT(CheckLeftovers({"docs/a.md",
                              "done\nTO"
                              "DO: the rest\n"}),
              ElementsAre(StartsWith("docs/a.md:2:")));
  EXPECT_THAT(CheckLeftovers({"feeds/a.cc",
                              "// FIX"
                              "ME\n"}),
              SizeIs(1));
  EXPECT_THAT(CheckLeftovers({"feeds/a.cc", "// autodone\n"}), IsEmpty());
}

TEST(MachinePaths, AreFoundInAnyFile) {
  EXPECT_THAT(CheckMachinePaths({"docs/a.md",
                                 "see /ho"
                                 "me/ann/main"}),
              SizeIs(1));
  EXPECT_THAT(CheckMachinePaths({"deploy/a.sh",
                                 "x=/ro"
                                 "ot/.cache"}),
              SizeIs(1));
  EXPECT_THAT(CheckMachinePaths({"feeds/a.cc",
                                 "\"/wo"
                                 "rk/main\""}),
              SizeIs(1));
  EXPECT_THAT(CheckMachinePaths({"docs/a.md",
                                 "https://a.example/ho"
                                 "me/b"}),
              IsEmpty());
  EXPECT_THAT(CheckMachinePaths({"docs/a.md", "--web-root /usr/share/web"}),
              IsEmpty());
}

TEST(HeaderSet, NamesEveryHeader) {
  const SourceFile cmake{"feeds/CMakeLists.txt",
                         "streamhub_library(feeds\n  HEADERS a.h udp/b.h\n"
                         "  SOURCES c.h a.cc\n  DEPS d.h)\n"};
  EXPECT_THAT(CheckHeaderSet({"feeds/a.h", ""}, cmake), IsEmpty());
  EXPECT_THAT(CheckHeaderSet({"feeds/udp/b.h", ""}, cmake), IsEmpty());
  EXPECT_THAT(CheckHeaderSet({"feeds/c.h", ""}, cmake), SizeIs(1));
  EXPECT_THAT(CheckHeaderSet({"feeds/d.h", ""}, cmake), SizeIs(1));
}

TEST(LockFile, IsOfThePublicRegistry) {
  EXPECT_THAT(CheckLockFile(
                  {"web/package-lock.json",
                   "\"resolved\": \"https://registry.npmjs.org/a/-/a-1.tgz\""}),
              IsEmpty());
  EXPECT_THAT(CheckLockFile({"web/package-lock.json",
                             "\"resolved\": \"http://mirror/a-1.tgz\""}),
              SizeIs(1));
}

}  // namespace
}  // namespace streamhub::tidy
