// What it costs to wait for symbols that do not exist. This program counts the
// bytes that it holds.

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>

#include "tests/session/shard_fixture.h"

namespace {
int64_t held_bytes = 0;
}  // namespace

void* operator new(size_t size, const std::nothrow_t&) noexcept {
  void* const memory = std::malloc(size);
  if (memory == nullptr) return nullptr;
  held_bytes += static_cast<int64_t>(malloc_usable_size(memory));
  return memory;
}
void* operator new(size_t size) {
  void* const memory = operator new(size, std::nothrow);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  held_bytes -= static_cast<int64_t>(malloc_usable_size(memory));
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept { operator delete(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  operator delete(memory);
}

namespace streamhub {
namespace {

constexpr int kNames = 1000;

class AwaitedMemoryTest : public ShardFixture {
 protected:
  AwaitedMemoryTest() { Open(&client); }

  // A request about names that nobody has, with a long id and many fields.
  void Ask(const std::string& type, int from, int to) {
    std::string more =
        R"(,"id":")" + std::string(60, 'i') + R"(","fields":["trading")";
    for (int level = 2; level <= 10; ++level) {
      for (const std::string side : {"bid", "ask"}) {
        more += ",\"" + side + std::to_string(level) + '"';
      }
    }
    AskWith(type, more + ']', from, to);
  }

  void AskWith(const std::string& type, const std::string& more, int from,
               int to) {
    std::string json = R"({"type":")" + type + '"' + more + ",\"symbols\":[";
    for (int i = from; i < to; ++i) {
      json += (i == from ? "\"N" : ",\"N") + std::to_string(i) + '"';
    }
    client.session->OnMessage(json + "]}");
    Turns();
    client.messages.clear();
  }

  FakeClient client;
};

TEST_F(AwaitedMemoryTest, ARequestIsKeptOnceForAllItsNames) {
  Ask("subscribe", 0, kNames);  // buffers grow
  AskWith("subscribe", "", 0, kNames);
  const int64_t short_one = held_bytes;
  Ask("subscribe", 0, kNames);
  ASSERT_EQ(Count(Metric::kSubscriptions), kNames);
  EXPECT_LT(held_bytes - short_one, 4096);
  Ask("change", 0, kNames);
  EXPECT_LT(held_bytes - short_one, 4096);
}

TEST_F(AwaitedMemoryTest, RequestsThatNoNameWaitsUnderAreForgotten) {
  int64_t settled = 0;
  for (int round = 0; round < 50; ++round) {
    Ask(round % 2 == 0 ? "subscribe" : "change", 0, kNames);
    // Each of these takes some names from the one before.
    for (int i = 0; i < kNames; i += 100) {
      Ask("change", i, i + 50);
      Ask("unsubscribe", i + 50, i + 100);
      Ask("subscribe", i + 50, i + 100);
    }
    if (round == 1) settled = held_bytes;
  }
  EXPECT_LT(held_bytes - settled, 4096);
  EXPECT_EQ(Count(Metric::kSubscriptions), kNames);
}

}  // namespace
}  // namespace streamhub
