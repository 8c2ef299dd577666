#include "bench/load/child.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <string>

#include "gateway/base/clock.h"

namespace streamhub::load {
namespace {

TEST(ChildTest, SpeaksWithItsParent) {
  SharedArray<std::atomic<int64_t>> words(2);
  words[0].store(20);
  auto child = Child::Fork([&words](int channel) {
    std::array<char, 100> told;
    const ssize_t got = recv(channel, told.data(), told.size(), 0);
    if (got < 0) return 1;
    words[1].store(words[0].load() + 1);
    std::string text(told.data(), static_cast<size_t>(got));
    text += std::string(1'000'000, '!');
    return WriteAll(channel, text.data(), text.size()) ? 0 : 1;
  });
  ASSERT_TRUE(child.ok());
  EXPECT_NE((*child)->pid(), getpid());
  ASSERT_TRUE(WriteAll((*child)->channel(), "hello", 5));
  const auto rest = (*child)->Rest(60 * kSecond);
  ASSERT_TRUE(rest.ok());
  EXPECT_EQ(rest->size(), 1'000'005u);
  EXPECT_EQ(rest->substr(0, 6), "hello!");
  EXPECT_EQ(words[1].load(), 21);
}

TEST(ChildTest, EndsWhenItIsHungUpOn) {
  pid_t pid = 0;
  {
    auto child = Child::Fork([](int channel) {
      char byte;
      return recv(channel, &byte, 1, 0) == 0 ? 0 : 1;
    });
    ASSERT_TRUE(child.ok());
    pid = (*child)->pid();
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_TRUE(kill(pid, 0) != 0 && errno == ESRCH);
}

TEST(ChildTest, OneThatWasKilledIsNotAlive) {
  auto child = Child::Fork([](int channel) {
    char byte;
    return recv(channel, &byte, 1, 0) == 0 ? 0 : 1;
  });
  ASSERT_TRUE(child.ok());
  EXPECT_TRUE((*child)->Alive());
  kill((*child)->pid(), SIGKILL);
  EXPECT_TRUE((*child)->Rest(60 * kSecond).ok()) << "it has hung up";
  siginfo_t ended;
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>((*child)->pid()), &ended,
                   WEXITED | WNOWAIT),
            0);
  EXPECT_FALSE((*child)->Alive());
}

TEST(ChildTest, OneThatIsGoneSaysNothing) {
  auto child = Child::Fork([](int) { return 3; });
  ASSERT_TRUE(child.ok());
  const auto rest = (*child)->Rest(60 * kSecond);
  ASSERT_TRUE(rest.ok());
  EXPECT_EQ(*rest, "");
}

}  // namespace
}  // namespace streamhub::load
