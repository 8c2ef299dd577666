#include <algorithm>
#include <array>
#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "bench/instructions/operation.h"
#include "feeds/itch/decoder.h"
#include "feeds/itch/framing.h"
#include "feeds/itch/itch_handler.h"
#include "feeds/itch/writer.h"
#include "feeds/publisher.h"
#include "gateway/base/check.h"
#include "gateway/market/market.h"

namespace streamhub {
namespace {

constexpr int kMessages = 10'000;
constexpr uint16_t kStocks = 50;

// Orders that come, are executed, replaced and go.
std::vector<uint8_t> Session() {
  struct Live {
    uint64_t ref;
    uint16_t stock;
  };
  std::mt19937_64 random(1);
  std::vector<Live> live;
  std::string out;
  uint64_t refs = 0;
  for (uint64_t i = 0; i < kMessages; ++i) {
    itch::Head head{static_cast<uint16_t>(random() % kStocks), 0, i};
    const auto price = static_cast<uint32_t>(100'0000 + random() % 40 * 100);
    const size_t at = live.empty() ? 0 : random() % live.size();
    const uint64_t dice = random() % 100;
    if (live.size() < 1'000 || dice < 45) {
      itch::AddOrder add{head,
                         ++refs,
                         itch::Side::kBuy,
                         100,
                         itch::MakeStock("S" + std::to_string(head.locate)),
                         price,
                         {}};
      if (random() % 2 == 0) {
        add.side = itch::Side::kSell;
        add.price += 4000;
      }
      live.push_back({refs, head.locate});
      Append(add, &out);
      continue;
    }
    head.locate = live[at].stock;
    if (dice < 55) {
      Append(itch::OrderReplace{head, live[at].ref, ++refs, 200, price}, &out);
      live[at].ref = refs;
      continue;
    }
    if (dice < 65) {
      Append(itch::OrderExecuted{head, live[at].ref, 100, i}, &out);
    } else {
      Append(itch::OrderDelete{head, live[at].ref}, &out);
    }
    live[at] = live.back();
    live.pop_back();
  }
  return {out.begin(), out.end()};
}

// Cuts and decodes all of it.
template <typename Handler>
int64_t Feed(std::span<const uint8_t> left, Handler& handler) {
  itch::FrameReader frames;
  for (int64_t messages = 0;;) {
    std::span<const uint8_t> message;
    switch (frames.Read(&message)) {
      case itch::FrameReader::Next::kMessage:
        itch::Decode(message, handler);
        ++messages;
        break;
      case itch::FrameReader::Next::kNeedMore: {
        const std::span<uint8_t> room = frames.Room();
        const size_t count = std::min(room.size(), left.size());
        if (count == 0) frames.Finish();
        std::copy_n(left.begin(), count, room.begin());
        frames.Filled(count);
        left = left.subspan(count);
        break;
      }
      default:
        STREAMHUB_CHECK(messages == kMessages);
        return messages;
    }
  }
}

struct DecodeOnly {
  template <typename T>
  void On(const T& message) {
    LookAt(message.head.time_ns);
  }
};

int64_t Decode() {
  const std::vector<uint8_t> session = Session();
  return CountedWarm([&] {
    DecodeOnly handler;
    return Feed(session, handler);
  });
}

// With order books, ten levels of them and the cache.
int64_t DecodeAndPublish() {
  const std::vector<uint8_t> session = Session();
  Market market("live", kStocks, 1);
  FeedInfo info;
  info.name = "replay";
  Counters counters;
  Publisher publisher(market, market.AddFeed(info), counters, SystemClock());
  market.AddShard([] {});
  return CountedWarm([&] {
    itch::ItchHandler handler(publisher);
    return Feed(session, handler);
  });
}

constexpr auto kOperations = std::to_array<Operation>({
    {"itch_decode", "a message, cut and decoded", Decode},
    {"itch_publish", "and its book's ten levels into the cache",
     DecodeAndPublish},
});

}  // namespace

std::span<const Operation> FeedOperations() { return kOperations; }

}  // namespace streamhub
