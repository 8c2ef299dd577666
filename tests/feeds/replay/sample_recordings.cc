#include "tests/feeds/replay/sample_recordings.h"

#include <algorithm>

#include "feeds/fix/writer.h"
#include "feeds/iex/writer.h"
#include "gateway/base/clock.h"
#include "tests/feeds/crypto/sample_venue.h"
#include "tests/feeds/dbn/sample.h"
#include "tests/feeds/itch/sample_session.h"
#include "tests/support/capture_writer.h"
#include "tests/support/mold_writer.h"
#include "tests/support/packet_writer.h"

namespace streamhub {
namespace {

using Strings = std::vector<std::string>;

constexpr int64_t kStartNs = 1'704'206'100 * kSecond;  // 2024-01-02 14:35 UTC

const Strings& Messages() {
  static const auto& messages =
      *new Strings(MessagesOf(itch::MakeSampleSession()));
  return messages;
}

std::vector<std::string> Stocks() {
  return {"ALPHA", "BRAVO", "CEDAR", "DELTA", "EMBER", "FJORD"};
}

// Of the messages whose numbers, from 1, are not in these ranges.
std::map<std::string, int64_t> TypesBut(
    const std::vector<std::pair<uint64_t, uint64_t>>& ranges) {
  std::map<std::string, int64_t> types;
  for (size_t i = 0; i < Messages().size(); ++i) {
    const bool missing =
        std::any_of(ranges.begin(), ranges.end(), [i](const auto& range) {
          return range.first <= i + 1 && i + 1 <= range.second;
        });
    if (!missing) ++types[Messages()[i].substr(0, 1)];
  }
  return types;
}

SampleRecording Itch() {
  return {.name = "20240102.itch50",
          .bytes = itch::MakeSampleSession(),
          .format = "itch",
          .by_type = TypesBut({}),
          .symbols = Stocks()};
}

std::string Capture(const Strings& payloads) {
  packets::CaptureWriter writer;
  int64_t time_ns = kStartNs;
  for (const std::string& payload : payloads) {
    writer.Add(time_ns += kMillisecond,
               packets::MakeFrame(packets::Flow(), payload));
  }
  return writer.bytes();
}

// Three messages a packet: those of 301 to 303 and 901 to 906 are lost, one
// packet comes twice and two of them change places.
SampleRecording Mold() {
  Strings payloads;
  for (size_t i = 0; i < Messages().size(); i += 3) {
    const size_t end = std::min(Messages().size(), i + 3);
    if (i == 300 || i == 900 || i == 903) continue;
    payloads.push_back(
        MakeMold("SAMPLE", i + 1,
                 Strings(Messages().begin() + static_cast<ptrdiff_t>(i),
                         Messages().begin() + static_cast<ptrdiff_t>(end))));
  }
  payloads.insert(payloads.begin() + 50, payloads[49]);
  std::swap(payloads[20], payloads[21]);
  payloads.push_back(MakeMoldEnd("SAMPLE", Messages().size() + 1));
  return {.name = "20240102.pcap",
          .bytes = Capture(payloads),
          .format = "itch-mold",
          .by_type = TypesBut({{301, 303}, {901, 906}}),
          .symbols = Stocks(),
          .gaps = {{301, 303}, {901, 906}},
          .others = {{"duplicates", 1}, {"reordered", 1}, {"sessions", 1}}};
}

SampleRecording Soup() {
  std::string bytes = MakeSoupLogin("SAMPLE", 1);
  for (const std::string& message : Messages()) bytes += MakeSoup('S', message);
  bytes += MakeSoup('H') + MakeSoup('Z');
  return {.name = "20240102.soup",
          .bytes = bytes,
          .format = "itch-soup",
          .by_type = TypesBut({}),
          .symbols = Stocks(),
          .others = {{"logins", 1}, {"heartbeats", 1}, {"ends_of_session", 1}}};
}

// Numbers 6 to 8 are lost.
SampleRecording Iex() {
  iex::SegmentWriter writer(iex::Protocol::kTops, 77);
  Strings payloads;
  int64_t time_ns = kStartNs;
  writer.Add(iex::SystemEvent{'O', time_ns})
      .Add(iex::SystemEvent{'R', time_ns});
  payloads.push_back(writer.Cut(time_ns));
  const auto add = [&](std::string_view symbol, int64_t price) {
    time_ns += 10 * kMillisecond;
    iex::QuoteUpdate quote;
    quote.time_ns = time_ns;
    quote.symbol = iex::MakeSymbol(symbol);
    quote.bid_size = 100;
    quote.bid = price;
    quote.ask = price + 100;
    quote.ask_size = 200;
    iex::Trade trade;
    trade.time_ns = time_ns;
    trade.symbol = iex::MakeSymbol(symbol);
    trade.size = 50;
    trade.price = price;
    trade.id = price;
    writer.Add(quote).Add(trade);
    payloads.push_back(writer.Cut(time_ns));
  };
  writer.SetNext(3);
  add("ZEBRA", 101'000);
  writer.SetNext(9);
  add("YACHT", 202'000);
  add("ZEBRA", 101'500);
  return {.name = "capture.pcap",
          .bytes = Capture(payloads),
          .format = "iex",
          .by_type = {{"S", 2}, {"Q", 3}, {"T", 3}},
          .symbols = {"YACHT", "ZEBRA"},
          .gaps = {{5, 8}},
          .others = {{"segments", 4}, {"runs", 1}}};
}

SampleRecording Dbn() {
  const std::string bytes = dbn::MakeSample({.version = 3});
  std::map<std::string, int64_t> types;
  for (const std::string& record : dbn::ReadFrames(bytes).records) {
    const auto rtype = static_cast<uint8_t>(record[1]);
    ++types[rtype == 0xF0 ? "type 240" : dbn::NameOfType(rtype)];
  }
  return {.name = "day.dbn",
          .bytes = bytes,
          .format = "dbn",
          .by_type = types,
          .symbols = {"ALPHA", "DELTA"},
          .others = {{"skipped", 1}}};
}

std::string FixMessage(int seq, std::string type, fix::Fields more = {}) {
  fix::Fields body = {{35, std::move(type)},
                      {34, std::to_string(seq)},
                      {49, "VENUE"},
                      {52, "20240102-14:35:0" + std::to_string(seq % 10)},
                      {56, "US"}};
  body.insert(body.end(), more.begin(), more.end());
  std::string out;
  fix::AppendMessage(body, &out, '|');
  return out + "\n";
}

std::string FixBid(int seq, const std::string& price) {
  return FixMessage(seq, "X",
                    {{268, "1"},
                     {279, "0"},
                     {269, "0"},
                     {55, "EUR/USD"},
                     {270, price},
                     {271, "1000"}});
}

// Number 4 is garbled, so that it is missing; 3 comes twice; 6 and 7 are
// missing.
SampleRecording Fix() {
  std::string garbled = FixBid(4, "1.26");
  garbled[garbled.find("1.26") + 3] = '7';
  const std::string again = FixMessage(3, "0", {{43, "Y"}});
  return {.name = "session.log",
          .bytes = FixMessage(1, "A") + FixBid(2, "1.25") + FixMessage(3, "0") +
                   garbled + FixBid(5, "1.24") + again + FixBid(8, "1.23"),
          .format = "fix",
          .by_type = {{"A", 1}, {"0", 1}, {"X", 3}},
          .symbols = {"EUR/USD"},
          .gaps = {{4, 4}, {6, 7}},
          .others = {{"duplicates", 1}, {"messages_left_out", 1}},
          .faults = 1};
}

SampleRecording Crypto() {
  crypto::SampleVenue venue(crypto::SampleVenue::Kind::kSpot, /*seed=*/7);
  std::string bytes = venue.Update(3) + venue.Snapshot();
  std::map<std::string, int64_t> types = {{"depthUpdate", 1},
                                          {"depthSnapshot", 1}};
  for (int i = 0; i < 200; ++i) {
    bytes += venue.Update(3) + venue.Best();
    if (i % 4 == 0) bytes += venue.Trade();
  }
  types["depthUpdate"] += 200;
  types["bookTicker"] = 200;
  types["trade"] = 50;
  return {.name = "capture.ws",
          .bytes = bytes,
          .format = "crypto",
          .by_type = types,
          .symbols = {std::string(venue.symbol())}};
}

SampleRecording Csv() {
  std::string bytes = "when,what,bid,ask,price,size\n";
  for (int i = 0; i < 50; ++i) {
    const std::string time = std::to_string(1'704'206'100'000 + i * 40);
    bytes += time + ",ABC," + std::to_string(100 + i) + ".5," +
             std::to_string(101 + i) + ".25,";
    bytes += i % 5 == 0 ? std::to_string(100 + i) + ",3\n" : ",\n";
  }
  bytes += "1704206199000,ABC,x,1,,\n";
  SampleRecording sample = {.name = "rows.csv",
                            .bytes = bytes,
                            .format = "csv",
                            .by_type = {{"quote", 40}, {"quote+trade", 10}},
                            .symbols = {"ABC"},
                            .others = {{"rows_left_out", 1}},
                            .faults = 1};
  sample.options.csv_columns =
      "time=when,symbol=what,bid=bid,ask=ask,last=price,last_size=size";
  sample.options.csv_time = "unix-ms";
  return sample;
}

}  // namespace

std::vector<SampleRecording> SampleRecordings() {
  return {Itch(), Mold(), Soup(), Iex(), Dbn(), Fix(), Crypto(), Csv()};
}

}  // namespace streamhub
