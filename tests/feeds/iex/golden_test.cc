// The golden facts of two recordings about packets, sequences and messages.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/iex/decoder.h"
#include "feeds/iex/segment.h"
#include "tests/feeds/iex/golden_facts.h"

namespace streamhub::iex {
namespace {

constexpr int64_t kForEver = std::numeric_limits<int64_t>::max();

class GoldenMessages : public GoldenIex {
 protected:
  void PlayAll() { PlayUntil(kForEver, receiver_, tally_); }

  Counters counters_;
  Receiver receiver_{counters_};
  Tally tally_;
};

TEST_P(GoldenMessages, Packets) {
  const element pcap = facts_["pcap"];
  const auto& packets = capture_->packets();
  ASSERT_EQ(packets.size(), uint64_t(pcap["packets"]));
  EXPECT_EQ(capture_->cut_short(), int64_t(pcap["packets_captured_short"]));
  EXPECT_NEAR(static_cast<double>(packets.front().captured_us) / 1e6,
              double(pcap["first_capture_time"]), 2e-6);
  EXPECT_NEAR(static_cast<double>(packets.back().captured_us) / 1e6,
              double(pcap["last_capture_time"]), 2e-6);
}

TEST_P(GoldenMessages, HeartbeatsSessionsAndRuns) {
  PlayAll();
  const element transport = facts_["iex_tp"];
  const auto& counts = receiver_.sequence().counts();
  EXPECT_EQ(counts.heartbeats, int64_t(transport["heartbeat_packets"]));
  EXPECT_EQ(counts.segments, int64_t(facts_["pcap"]["packets"]));
  EXPECT_EQ(counts.gaps, 0);
  EXPECT_EQ(counts.duplicates, 0);
  std::vector<iex::Run> runs;
  std::set<int64_t> sessions;
  for (const element& run : transport["runs"]) {
    runs.push_back(
        {static_cast<uint32_t>(int64_t(run["session_id"])),
         int64_t(run["first_packet_index"]), int64_t(run["first_seq"]),
         int64_t(run["first_send_time_ns"]), int64_t(run["next_seq"]),
         int64_t(run["last_send_time_ns"])});
    sessions.insert(runs.back().session);
  }
  EXPECT_EQ(receiver_.sequence().runs(), runs);
  std::set<int64_t> told;
  for (const element& session : transport["session_ids"]) {
    told.insert(int64_t(session));
  }
  EXPECT_EQ(sessions, told);
}

TEST_P(GoldenMessages, CountsByType) {
  PlayAll();
  int64_t total = 0;
  std::map<char, int64_t> types;
  for (const auto& [type, count] : object(facts_["messages_by_type"])) {
    types[type[0]] = int64_t(count);
    EXPECT_EQ(receiver_.counts().by_type[static_cast<uint8_t>(type[0])],
              int64_t(count));
    total += int64_t(count);
  }
  EXPECT_EQ(tally_.types, types);
  EXPECT_EQ(total, int64_t(facts_["total_messages"]));
  EXPECT_EQ(receiver_.sequence().counts().messages, total);
  EXPECT_EQ(receiver_.counts().unknown_types, 0);
  EXPECT_EQ(
      receiver_.counts().bad_messages,
      int64_t(facts_["pcap"]["messages_not_recoverable_from_short_packet"]));
  EXPECT_EQ(tally_.securities.size(), uint64_t(facts_["symbols_seen"]));
}

TEST_P(GoldenMessages, Trades) {
  PlayAll();
  int64_t count = 0, volume = 0, breaks = 0, broken = 0, symbols = 0;
  int64_t last_prices = 0;
  std::map<std::string, int64_t> flags;
  for (const auto& [code, facts] : tally_.securities) {
    count += static_cast<int64_t>(facts.trades.size());
    volume += facts.Volume();
    breaks += facts.breaks;
    broken += facts.broken_volume;
    symbols += facts.trades.empty() ? 0 : 1;
    last_prices += facts.trades.empty() ? 0 : facts.trades.back().price;
    for (const Trade& trade : facts.trades) ++flags["0x" + Hex(trade.flags)];
  }
  const element trades = facts_["trades"];
  EXPECT_EQ(count, int64_t(trades["count"]));
  EXPECT_EQ(volume, int64_t(trades["volume"]));
  EXPECT_EQ(symbols, int64_t(trades["symbols"]));
  EXPECT_EQ(breaks, int64_t(trades["trade_breaks"]));
  EXPECT_EQ(broken, int64_t(trades["broken_volume"]));
  std::map<std::string, int64_t> want;
  for (const auto& [flag, times] :
       object(trades["sale_condition_flag_counts"])) {
    want[std::string(flag)] = int64_t(times);
  }
  EXPECT_EQ(flags, want);
  const element check = facts_["all_symbols_check"];
  EXPECT_EQ(last_prices, int64_t(check["sum_last_trade_price_e4"]));
  EXPECT_EQ(volume, int64_t(check["sum_volume"]));
}

TEST_P(GoldenMessages, FocusedSecurities) {
  PlayAll();
  for (const auto& [code, want] : object(facts_["focus"])) {
    SCOPED_TRACE(code);
    const SecurityFacts& facts = tally_.securities[std::string(code)];
    std::map<char, int64_t> messages;
    for (const auto& [type, count] : object(want["messages"])) {
      messages[type[0]] = int64_t(count);
    }
    EXPECT_EQ(facts.messages, messages);
    EXPECT_EQ(facts.trades.size(), uint64_t(want["trade_count"]));
    EXPECT_EQ(facts.Volume(), int64_t(want["trade_volume"]));
    EXPECT_EQ(facts.breaks, int64_t(want["trade_breaks"]));
    EXPECT_EQ(facts.broken_volume, int64_t(want["broken_volume"]));
    const element told = want["last_trade"];
    ASSERT_EQ(facts.trades.empty(), told.is_null());
    if (facts.trades.empty()) {
      EXPECT_TRUE(want["notional"].is_null());
      continue;
    }
    EXPECT_EQ(Decimal(facts.Notional()), std::string_view(want["notional"]));
    const Trade& last = facts.trades.back();
    EXPECT_EQ(Decimal(last.price), std::string_view(told["price"]));
    EXPECT_EQ(last.size, uint64_t(told["size"]));
    EXPECT_EQ(last.time_ns, int64_t(told["timestamp_ns"]));
    EXPECT_EQ(last.id, int64_t(told["trade_id"]));
  }
}

// Rows as the golden CSV files have them, with each message's number.
class Rows {
 public:
  template <typename T>
  void On(const T&) {}
  void On(const SystemEvent& m) {
    events.push_back({sequence, std::string(1, m.code), m.time_ns});
  }
  void On(const Trade& m) {
    trades.push_back(Begin(m) + Decimal(m.price) + "," +
                     std::to_string(m.size) + "," + Hex(m.flags) + "," +
                     std::to_string(m.id));
  }
  void On(const QuoteUpdate& m) {
    quotes.push_back(Begin(m) + std::to_string(m.bid_size) + "," +
                     Decimal(m.bid) + "," + Decimal(m.ask) + "," +
                     std::to_string(m.ask_size) + "," + Hex(m.flags));
  }

  struct Event {
    int64_t sequence;
    std::string code;
    int64_t time_ns;
    friend bool operator==(const Event&, const Event&) = default;
  };

  int64_t sequence = 0;
  std::vector<std::string> trades, quotes;
  std::vector<Event> events;

 private:
  template <typename T>
  std::string Begin(const T& m) const {
    return std::to_string(sequence) + "," + std::to_string(m.time_ns) + "," +
           std::string(SymbolCode(m.symbol)) + ",";
  }
};

Rows RowsOf(const PcapPayloads& capture) {
  Rows rows;
  for (const Packet& packet : capture.packets()) {
    Segment segment;
    EXPECT_EQ(ParseSegment(packet.payload, &segment), SegmentFault::kNone);
    rows.sequence = segment.head.first_sequence;
    std::span<const uint8_t> message;
    for (; NextMessage(&segment.blocks, &message); ++rows.sequence) {
      EXPECT_EQ(Decode(message, rows), Decoded::kHandled);
    }
  }
  return rows;
}

TEST_P(GoldenMessages, SystemEvents) {
  std::vector<Rows::Event> want;
  for (const element& event : facts_["system_events"]) {
    want.push_back({int64_t(event["seq"]),
                    std::string(std::string_view(event["code"])),
                    int64_t(event["timestamp_ns"])});
  }
  EXPECT_EQ(RowsOf(*capture_).events, want);
}

INSTANTIATE_TEST_SUITE_P(Recordings, GoldenMessages,
                         testing::Values(kTopsFile, kDeepFile), ShortName);

class GoldenTops : public GoldenIex {
 protected:
  // Every line of the file but its head is the row of that number.
  void ExpectRows(const std::string& name,
                  const std::vector<std::string>& rows) {
    const std::vector<uint8_t> bytes = PlainBytes(kIexFolder + name);
    std::string_view text(reinterpret_cast<const char*>(bytes.data()),
                          bytes.size());
    size_t lines = 0;
    for (; !text.empty(); ++lines) {
      const size_t end = std::min(text.find('\n'), text.size() - 1);
      std::string_view line = text.substr(0, end);
      if (line.ends_with('\r')) line.remove_suffix(1);
      text.remove_prefix(end + 1);
      if (lines == 0) continue;
      ASSERT_LE(lines, rows.size());
      golden::Note(name, "row " + std::to_string(lines),
                   rows[lines - 1] == line);
      ASSERT_EQ(rows[lines - 1], line) << "in line " << lines + 1;
    }
    EXPECT_EQ(lines, rows.size() + 1);
  }
};

TEST_P(GoldenTops, EveryTradeReport) {
  const Rows rows = RowsOf(*capture_);
  EXPECT_EQ(rows.trades.size(), 6'390u);
  ExpectRows("golden_TOPS16.trades.csv.gz", rows.trades);
}

TEST_P(GoldenTops, EveryQuoteUpdate) {
  const Rows rows = RowsOf(*capture_);
  EXPECT_EQ(rows.quotes.size(), 27'217u);
  ExpectRows("golden_TOPS16.quotes.csv.gz", rows.quotes);
}

INSTANTIATE_TEST_SUITE_P(Recordings, GoldenTops, testing::Values(kTopsFile),
                         ShortName);

}  // namespace
}  // namespace streamhub::iex
