// What the golden tests of both recordings begin with: the recording and the
// facts beside it, which are not part of the source tree; and a handler that
// adds up what the facts state, straight from the messages and without the
// product's books. The facts were computed from the specifications by other
// programs. One thread.

#ifndef STREAMHUB_TESTS_FEEDS_IEX_GOLDEN_FACTS_H_
#define STREAMHUB_TESTS_FEEDS_IEX_GOLDEN_FACTS_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/iex/messages.h"
#include "feeds/iex/receiver.h"
#include "tests/feeds/iex/pcap_payloads.h"
#include "tests/support/golden.h"

namespace streamhub::iex {

using golden::element;
using golden::object;

inline constexpr char kIexFolder[] =
    STREAMHUB_SOURCE_DIR "/../shared/data/iex/";
inline constexpr char kTopsFile[] = "TOPS16.pcapng.gz";
inline constexpr char kDeepFile[] = "DEEP10.excerpt.pcap.gz";

// "364.9300"
inline std::string Decimal(int64_t scaled) {
  char text[40];
  std::snprintf(text, sizeof text, "%lld.%04lld",
                static_cast<long long>(scaled / 10'000),
                static_cast<long long>(scaled % 10'000));
  return text;
}

inline std::string Hex(uint8_t flags) {
  char text[8];
  std::snprintf(text, sizeof text, "%02x", flags);
  return text;
}

struct SecurityFacts {
  std::map<char, int64_t> messages;
  std::vector<Trade> trades;
  int64_t breaks = 0;
  int64_t broken_volume = 0;
  char status = ' ', halt = ' ';           // of the last H and O
  std::map<int64_t, uint32_t> bids, asks;  // of DEEP

  int64_t Volume() const {
    int64_t volume = 0;
    for (const Trade& trade : trades) volume += trade.size;
    return volume;
  }
  int64_t Notional() const {
    int64_t sum = 0;
    for (const Trade& trade : trades) sum += trade.price * trade.size;
    return sum;
  }
};

class Tally {
 public:
  void On(const RunStart&) {}
  void On(const SystemEvent& m) {
    ++types['S'];
    events.push_back(m);
  }
  void On(const SecurityDirectory& m) { Count('D', m.symbol); }
  void On(const TradingStatus& m) { Count('H', m.symbol).status = m.status; }
  void On(const OperationalHalt& m) { Count('O', m.symbol).halt = m.status; }
  void On(const ShortSaleTest& m) { Count('P', m.symbol); }
  void On(const SecurityEvent& m) { Count('E', m.symbol); }
  void On(const QuoteUpdate& m) { Count('Q', m.symbol); }
  void On(const OfficialPrice& m) { Count('X', m.symbol); }
  void On(const AuctionInformation& m) { Count('A', m.symbol); }
  void On(const PriceLevel& m) {
    SecurityFacts& facts = Count(m.side == Side::kBuy ? '8' : '5', m.symbol);
    auto& levels = m.side == Side::kBuy ? facts.bids : facts.asks;
    if (m.size == 0) {
      removed_nothing += levels.erase(m.price) == 0 ? 1 : 0;
    } else {
      levels[m.price] = m.size;
    }
  }
  void On(const Trade& m) { Count('T', m.symbol).trades.push_back(m); }
  void On(const TradeBreak& m) {
    SecurityFacts& facts = Count('B', m.symbol);
    ++facts.breaks;
    facts.broken_volume += m.size;
  }

  std::map<char, int64_t> types;
  std::map<std::string, SecurityFacts, std::less<>> securities;
  std::vector<SystemEvent> events;
  int64_t removed_nothing = 0;  // levels that were not there

 private:
  SecurityFacts& Count(char type, const Symbol& symbol) {
    ++types[type];
    SecurityFacts& facts = securities[std::string(SymbolCode(symbol))];
    ++facts.messages[type];
    return facts;
  }
};

// The parameter is the recording's name.
class GoldenIex : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kIexFolder)) {
      GTEST_SKIP() << "no recordings at " << kIexFolder;
    }
    Load(GetParam());
  }

  void Load(const std::string& name) {
    deep_ = name == kDeepFile;
    facts_ = golden::LoadFiles(
        std::string(kIexFolder) +
        (deep_ ? "golden_iex_deep.json" : "golden_iex_tops.json"))[name];
    capture_ = std::make_unique<PcapPayloads>(kIexFolder + name);
  }

  // Hands over the packets that come before the first one that was sent later.
  template <typename Handler>
  void PlayUntil(int64_t sent_ns, Receiver& receiver, Handler& handler) {
    const auto& packets = capture_->packets();
    for (; at_ < packets.size(); ++at_) {
      Segment segment;
      ASSERT_EQ(ParseSegment(packets[at_].payload, &segment),
                SegmentFault::kNone);
      if (segment.head.sent_ns > sent_ns) return;
      const absl::Status status =
          receiver.Take(packets[at_].payload,
                        packets[at_].captured_us * kMicrosecond, handler);
      ASSERT_TRUE(status.ok()) << status;
    }
  }

  bool deep_ = false;
  element facts_;
  std::unique_ptr<PcapPayloads> capture_;
  size_t at_ = 0;  // the packet that is next
};

inline std::string ShortName(const testing::TestParamInfo<const char*>& file) {
  const std::string name = file.param;
  return name.substr(0, name.find('.'));
}

}  // namespace streamhub::iex

#endif  // STREAMHUB_TESTS_FEEDS_IEX_GOLDEN_FACTS_H_
