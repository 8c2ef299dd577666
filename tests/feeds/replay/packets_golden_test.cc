// The golden facts of the recordings that hold one day of ITCH in other
// wrappings: packets, good and bad ones, and a TCP stream. That the messages in
// them are those of the BinaryFILE beside them, byte for byte, makes all of
// its facts theirs; its own test is golden_test.cc. They are not part of the
// source tree: without them these tests are skipped.

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/itch/framing.h"
#include "feeds/mold/session_tracker.h"
#include "feeds/packets/capture_reader.h"
#include "feeds/packets/datagram.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/fill.h"
#include "feeds/replay/itch_mold_reader.h"
#include "feeds/replay/itch_reader.h"
#include "feeds/replay/itch_soup_reader.h"
#include "feeds/soup/stream_reader.h"
#include "tests/feeds/replay/market_state.h"
#include "tests/support/golden.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using golden::array;
using golden::element;
using golden::object;
using Next = RecordReader::Next;
using Strings = std::vector<std::string>;

const char kFolder[] = STREAMHUB_SOURCE_DIR "/../shared/data/itch/";
constexpr int64_t kMidnightNs = 1'293'166'800 * kSecond;  // 2010-12-24 there

std::unique_ptr<ByteSource> OpenFile(const std::string& name) {
  auto source = ByteSource::Open(kFolder + name);
  EXPECT_TRUE(source.ok()) << source.status();
  return *std::move(source);
}

// Calls each(reader) while that has something.
template <typename Reader, typename Item, typename Each>
void ReadAll(const std::string& name, Reader& reader, Item* item, Each each) {
  const auto source = OpenFile(name);
  while (true) {
    const auto next = reader.Read(item);
    if (next == Reader::Next::kNeedMore) {
      Fill(*source, 0, reader);
    } else if (next == Reader::Next::kEnd) {
      return;
    } else if (next == Reader::Next::kDamaged) {
      FAIL() << name << ": " << reader.status();
    } else {
      each();
    }
  }
}

// Those of the BinaryFILE.
Strings FramedMessages() {
  Strings messages;
  itch::FrameReader frames;
  std::span<const uint8_t> message;
  ReadAll("ritch_framed.itch50", frames, &message,
          [&] { messages.emplace_back(message.begin(), message.end()); });
  return messages;
}

std::string Text(std::span<const uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

// A capture, below the readers of ITCH.
struct Capture {
  explicit Capture(const std::string& name) {
    packets::CaptureReader reader;
    packets::Packet packet;
    ReadAll(name, reader, &packet, [&] {
      EXPECT_GT(packet.time_ns, 0);
      EXPECT_EQ(packet.bytes.size(), packet.wire_bytes);
      packets::Datagram datagram;
      const auto parsed = ParseDatagram(reader.link(), packet, &datagram);
      counts.Add(parsed);
      if (parsed != packets::Parsed::kDatagram) return;
      destinations.insert(ToText(datagram.destination.address) + ":" +
                          std::to_string(datagram.destination.port));
      mold::Packet one;
      ASSERT_EQ(mold::Parse(datagram.payload, &one), mold::Parsed::kPacket);
      sessions.insert(std::string(mold::NameOf(one.session)));
      if (one.messages > 0) ++data_packets;
      tracker.Add(one);
      Drain();
    });
    tracker.Finish();
    Drain();
  }

  void Drain() {
    std::span<const uint8_t> message;
    while (tracker.Next(&message)) {
      messages[tracker.sequence()] = Text(message);
    }
  }

  packets::ParsedCounts counts;
  std::set<std::string> destinations;
  std::set<std::string> sessions;
  int64_t data_packets = 0;
  mold::SessionTracker tracker;
  std::map<uint64_t, std::string> messages;
};

class PacketsGoldenTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kFolder)) {
      GTEST_SKIP() << "no recordings at " << kFolder;
    }
    files_ = golden::LoadFiles(std::string(kFolder) + "golden_itch.json");
  }

  // The same market, tick for tick, as after the BinaryFILE.
  void ExpectMarket(const TestMarket& market,
                    const itch::ItchHandler& handler) {
    TestMarket want;
    itch::ItchHandler want_handler(want.publisher);
    ItchReader binary(OpenFile("ritch_framed.itch50"), want_handler,
                      want.counters, kMidnightNs);
    std::vector<int64_t> times;
    EXPECT_EQ(PlayAll(binary, &times), Next::kEnd);
    EXPECT_EQ(StateOf(market), StateOf(want));
    EXPECT_EQ(handler.ignored(), want_handler.ignored());
    const element facts = files_["ex20101224.TEST_ITCH_50"];
    EXPECT_EQ(static_cast<int64_t>(handler.books().orders()),
              int64_t(facts["live_orders_at_end"]));
    for (const auto& [code, stock] : object(facts["per_symbol"])) {
      const auto id = market.market.symbols().Find(code);
      ASSERT_TRUE(id.has_value());
      EXPECT_EQ(market.Value(*id, FieldId::kVolume),
                int64_t(stock["volume_rule_T2_incl_cross"]));
    }
  }

  element files_;
};

TEST_F(PacketsGoldenTest, TheCleanCapture) {
  const Capture capture("ritch_moldudp64_clean.pcap.gz");
  const element facts = files_["ritch_moldudp64_clean.pcap.gz"];
  const auto& counts = capture.tracker.counts();
  EXPECT_EQ(capture.counts.total(), int64_t(facts["packets"]));
  EXPECT_EQ(counts.packets, int64_t(facts["packets"]));
  EXPECT_EQ(capture.data_packets, int64_t(facts["data_packets"]));
  EXPECT_EQ(counts.heartbeats, int64_t(facts["heartbeats"]));
  EXPECT_EQ(counts.ends_of_session, int64_t(facts["end_of_session"]));
  EXPECT_EQ(counts.messages, int64_t(facts["messages"]));
  EXPECT_EQ(counts.duplicates + counts.reordered + counts.late, 0);
  EXPECT_EQ(capture.tracker.gaps().gaps(), 0);
  EXPECT_EQ(capture.tracker.first_sequence(), uint64_t(facts["first_seq"]));
  EXPECT_EQ(capture.tracker.next_sequence(), uint64_t(facts["last_seq"]) + 1);
  EXPECT_EQ(capture.sessions, std::set<std::string>{"RITCH00001"});
  EXPECT_EQ(capture.destinations, std::set<std::string>{"239.1.2.3:26400"});
  Strings messages;
  for (const auto& [sequence, message] : capture.messages) {
    messages.push_back(message);
  }
  EXPECT_TRUE(messages == FramedMessages());
}

TEST_F(PacketsGoldenTest, TheFaultyCapture) {
  const Capture capture("ritch_moldudp64_faults.pcap.gz");
  const element facts = files_["ritch_moldudp64_faults.pcap.gz"];
  const auto& counts = capture.tracker.counts();
  EXPECT_EQ(counts.packets, int64_t(facts["packets"]));
  EXPECT_EQ(counts.messages, int64_t(facts["unique_messages"]));
  EXPECT_EQ(counts.duplicates, int64_t(facts["duplicated_packets"]));
  EXPECT_EQ(counts.reordered, int64_t(facts["swapped_adjacent_pairs"]));
  EXPECT_EQ(counts.late, 0);
  EXPECT_EQ(counts.sessions, 1);
  EXPECT_EQ(mold::NameOf(capture.tracker.session()),
            std::string_view(facts["session"]));
  EXPECT_EQ(capture.tracker.next_sequence(),
            uint64_t(facts["next_expected_seq_at_end"]));

  const GapList& gaps = capture.tracker.gaps();
  std::vector<Gap> ranges;
  for (const element& range :
       array(facts["missing_sequence_ranges_inclusive"])) {
    ranges.push_back(
        {"RITCH00001", uint64_t(range.at(0)), uint64_t(range.at(1))});
  }
  EXPECT_EQ(gaps.kept(), ranges);
  EXPECT_EQ(gaps.gaps(), static_cast<int64_t>(ranges.size()));
  EXPECT_EQ(gaps.messages(), uint64_t(facts["missing_messages"]));

  std::map<std::string, int64_t> types;
  for (const auto& [sequence, message] : capture.messages) {
    ++types[message.substr(0, 1)];
  }
  std::map<std::string, int64_t> want_types;
  for (const auto& [type, count] :
       object(facts["messages_by_type_after_dedup_and_reorder"])) {
    want_types[std::string(type)] = int64_t(count);
  }
  EXPECT_EQ(types, want_types);

  // Every message is the one of its number, and none is there that was lost.
  std::map<uint64_t, std::string> want;
  uint64_t sequence = 0;
  for (const std::string& message : FramedMessages()) {
    want[++sequence] = message;
  }
  for (const Gap& gap : ranges) {
    for (uint64_t i = gap.first; i <= gap.last; ++i) want.erase(i);
  }
  EXPECT_TRUE(capture.messages == want);
}

TEST_F(PacketsGoldenTest, TheMarketAfterTheCleanCapture) {
  TestMarket market;
  itch::ItchHandler handler(market.publisher);
  ItchMoldReader reader(OpenFile("ritch_moldudp64_clean.pcap.gz"), handler,
                        market.counters, kMidnightNs);
  std::vector<int64_t> times;
  EXPECT_EQ(PlayAll(reader, &times), Next::kEnd);
  EXPECT_EQ(reader.status(), absl::OkStatus());
  EXPECT_EQ(times.size(), 12'012u);
  ExpectMarket(market, handler);
}

TEST_F(PacketsGoldenTest, TheReaderTellsOfEveryGap) {
  TestMarket market;
  itch::ItchHandler handler(market.publisher);
  ItchMoldReader reader(OpenFile("ritch_moldudp64_faults.pcap.gz"), handler,
                        market.counters, kMidnightNs);
  std::vector<int64_t> times;
  EXPECT_EQ(PlayAll(reader, &times), Next::kEnd);
  EXPECT_EQ(times.size(), 11'769u);
  EXPECT_EQ(reader.tracker().gaps().messages(), 243u);
  const auto gaps = std::to_string(reader.tracker().gaps().gaps());
  EXPECT_EQ(std::string(reader.status().message()),
            std::string(kFolder) +
                "ritch_moldudp64_faults.pcap.gz: 243 messages are lost in " +
                gaps + " gaps; the first is 55 to 55 of session RITCH00001");
  EXPECT_EQ(reader.left_out() + reader.not_mold() + reader.other_streams(), 0);
}

TEST_F(PacketsGoldenTest, TheStream) {
  const element facts = files_["ritch_soupbintcp.bin.gz"];
  soup::StreamReader stream;
  soup::Packet packet;
  Strings messages;
  uint64_t sequence = uint64_t(facts["first_sequence"]);
  ReadAll("ritch_soupbintcp.bin.gz", stream, &packet, [&] {
    if (packet.type != soup::Type::kSequenced) return;
    EXPECT_EQ(packet.sequence, sequence++);
    messages.push_back(Text(packet.payload));
  });
  const element counts = facts["packets"];
  EXPECT_EQ(stream.count(soup::Type::kLoginAccepted),
            int64_t(counts["login_accepted_A"]));
  EXPECT_EQ(stream.count(soup::Type::kSequenced),
            int64_t(counts["sequenced_S"]));
  EXPECT_EQ(stream.count(soup::Type::kHeartbeat),
            int64_t(counts["server_heartbeat_H"]));
  EXPECT_EQ(stream.count(soup::Type::kEndOfSession),
            int64_t(counts["end_of_session_Z"]));
  EXPECT_EQ(stream.count(soup::Type::kUnknown), 0);
  EXPECT_EQ(stream.session(), std::string_view(facts["session"]));
  EXPECT_EQ(stream.next_sequence(), uint64_t(facts["next_sequence_at_end"]));
  EXPECT_EQ(stream.repeated() + stream.gaps().gaps(), 0);
  EXPECT_TRUE(messages == FramedMessages());

  TestMarket market;
  itch::ItchHandler handler(market.publisher);
  ItchSoupReader reader(OpenFile("ritch_soupbintcp.bin.gz"), handler,
                        market.counters, kMidnightNs);
  std::vector<int64_t> times;
  EXPECT_EQ(PlayAll(reader, &times), Next::kEnd);
  EXPECT_EQ(reader.status(), absl::OkStatus());
  EXPECT_EQ(times.size(), messages.size());
  ExpectMarket(market, handler);
}

}  // namespace
}  // namespace streamhub
