// What an inspection says of the golden recordings, against the facts beside
// them: messages by type, symbols, times, gaps, what came twice or was garbled.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/replay/inspection.h"
#include "feeds/session_time.h"
#include "gateway/base/clock.h"
#include "tests/feeds/replay/golden_recordings.h"
#include "tests/feeds/replay/played_run.h"

namespace streamhub {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;
using Counts = std::map<std::string, int64_t>;
using Ranges = std::vector<std::pair<uint64_t, uint64_t>>;
using Strings = std::vector<std::string>;

Counts CountsOf(const object& facts) {
  Counts counts;
  for (const auto& [name, count] : facts) {
    counts[std::string(name)] = int64_t(count);
  }
  return counts;
}

Strings NamesOf(const object& facts) {
  Strings names;
  for (const auto& [name, ignored] : facts) names.emplace_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

Ranges RangesOf(const element& list) {
  Ranges ranges;
  for (const element range : list.get_array()) {
    ranges.emplace_back(uint64_t(range.at(0)), uint64_t(range.at(1)));
  }
  return ranges;
}

// "1618677817.08014"
int64_t SecondsNs(const element& text) {
  const std::string_view all(text);
  const size_t point = all.find('.');
  std::string fraction(all.substr(point + 1));
  fraction.resize(9, '0');
  return std::stoll(std::string(all.substr(0, point))) * kSecond +
         std::stoll(fraction);
}

// "20111124-05:33:31.763"
int64_t FixNs(const element& text) {
  const std::string all{std::string_view(text)};
  const auto number = [&all](size_t at, size_t digits) {
    return std::stoi(all.substr(at, digits));
  };
  const int64_t day = SessionTime::Create("UTC")->MidnightNs(
      {number(0, 4), number(4, 2), number(6, 2)});
  return day +
         (number(9, 2) * 3600 + number(12, 2) * 60 + number(15, 2)) * kSecond +
         number(18, 3) * kMillisecond;
}

// One recording's, each checked and counted.
class Facts {
 public:
  explicit Facts(const GoldenRecording& recording)
      : name_(recording.name), trace_(__FILE__, __LINE__, recording.name) {
    const auto run = Open(recording.options(), recording.path(), /*tape=*/0);
    if (run == nullptr) return;
    found = Inspect(*run, [] { return true; });
    for (const auto& symbol : found.symbols) symbols.push_back(symbol.code);
    for (const Gap& gap : found.gaps.kept()) {
      gaps.emplace_back(gap.first, gap.last);
    }
    by_type.insert(found.findings.by_type.begin(),
                   found.findings.by_type.end());
    others.insert(found.findings.others.begin(), found.findings.others.end());
  }
  ~Facts() {
    std::printf("%-56s %3d of %3d facts\n", name_.c_str(), right_, checked_);
  }

  template <typename Got, typename Want>
  void Check(const char* what, const Got& got, const Want& want) {
    ++checked_;
    if (got == want) {
      ++right_;
    } else {
      ADD_FAILURE() << what << ": " << testing::PrintToString(got) << ", want "
                    << testing::PrintToString(want);
    }
  }
  void CheckTypes(const Counts& want) {
    int64_t sum = 0;
    for (const auto& [type, count] : want) {
      sum += count;
      Check(type.c_str(), by_type[type], count);
    }
    Check("types", by_type, want);
    Check("messages", found.messages, sum);
  }
  void CheckTimes(int64_t first_ns, int64_t last_ns) {
    Check("first time", found.first_ns.value_or(0), first_ns);
    Check("last time", found.last_ns.value_or(0), last_ns);
  }

  Inspection found;
  Strings symbols;
  Ranges gaps;
  Counts by_type;
  Counts others;

 private:
  const std::string name_;
  const testing::ScopedTrace trace_;
  int checked_ = 0;
  int right_ = 0;
};

class InspectionGoldenTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!GoldenAreThere()) {
      GTEST_SKIP() << "no recordings at " << kGoldenFolder;
    }
  }
  element Load(const std::string& name) {
    return element(parser_.load(kGoldenFolder + name))["files"];
  }

  simdjson::dom::parser parser_;
};

TEST_F(InspectionGoldenTest, Itch) {
  const element files = Load("itch/golden_itch.json");
  const element plain = files["ex20101224.TEST_ITCH_50"];
  const int64_t midnight_ns = 1'293'166'800 * kSecond;  // 2010-12-24
  const std::string faulty_name = "ritch_moldudp64_faults.pcap.gz";
  const element faulty = files[faulty_name];
  for (const std::string name :
       {"ex20101224.TEST_ITCH_50", "ritch_framed.itch50",
        "ritch_moldudp64_clean.pcap.gz", "ritch_soupbintcp.bin.gz",
        "ritch_moldudp64_faults.pcap.gz"}) {
    Facts facts({"itch/" + name, "2010-12-24"});
    const bool faults = name == faulty_name;
    facts.CheckTypes(CountsOf(
        faults ? faulty["messages_by_type_after_dedup_and_reorder"].get_object()
               : plain["messages_by_type"].get_object()));
    facts.Check("symbols", facts.symbols, Strings{"ALC", "BOB", "CHAR"});
    facts.CheckTimes(midnight_ns + int64_t(plain["first_timestamp_ns"]),
                     midnight_ns + int64_t(plain["last_timestamp_ns"]));
    facts.Check("errors", facts.found.findings.faults.faults(), 0);
    facts.Check("gaps", facts.gaps,
                faults ? RangesOf(faulty["missing_sequence_ranges_inclusive"])
                       : Ranges());
    facts.Check("whole", facts.found.IsWhole(), !faults);
    if (!faults) continue;
    facts.Check("lost", facts.found.gaps.messages(),
                uint64_t(faulty["missing_messages"]));
    facts.Check("packets", facts.others["packets"], int64_t(faulty["packets"]));
    facts.Check("duplicates", facts.others["duplicates"],
                int64_t(faulty["duplicated_packets"]));
  }
  const element soup = files["ritch_soupbintcp.bin.gz"]["packets"];
  Facts stream({"itch/ritch_soupbintcp.bin.gz", "2010-12-24"});
  stream.Check("sequenced", stream.others["sequenced"],
               int64_t(soup["sequenced_S"]));
  stream.Check("heartbeats", stream.others["heartbeats"],
               int64_t(soup["server_heartbeat_H"]));
  const element es = files["esh4_20231225_2200-2330z.itch50.gz"];
  Facts facts({"itch/esh4_20231225_2200-2330z.itch50.gz", "2023-12-25"});
  facts.CheckTypes(CountsOf(es["messages_by_type"].get_object()));
  facts.Check("symbols", facts.symbols, Strings{"ESH4"});
  const int64_t es_midnight_ns = 1'703'480'400 * kSecond;  // 2023-12-25
  facts.CheckTimes(es_midnight_ns + int64_t(es["first_timestamp_ns"]),
                   es_midnight_ns + int64_t(es["last_timestamp_ns"]));
}

TEST_F(InspectionGoldenTest, Iex) {
  for (const auto& [golden, name] :
       {std::pair("iex/golden_iex_tops.json", "TOPS16.pcapng.gz"),
        std::pair("iex/golden_iex_deep.json", "DEEP10.excerpt.pcap.gz")}) {
    const element file = Load(golden)[name];
    Facts facts({std::string("iex/") + name});
    facts.CheckTypes(CountsOf(file["messages_by_type"].get_object()));
    facts.Check("symbols", static_cast<int64_t>(facts.symbols.size()),
                int64_t(file["symbols_seen"]));
    facts.Check("packets", facts.others["packets"],
                int64_t(file["pcap"]["packets"]));
    facts.Check("heartbeats", facts.others["heartbeats"],
                int64_t(file["iex_tp"]["heartbeat_packets"]));
    const auto runs = file["iex_tp"]["runs"].get_array();
    facts.Check("runs", facts.others["runs"],
                static_cast<int64_t>(runs.size()));
    facts.CheckTimes(int64_t(runs.at(0)["first_send_time_ns"]),
                     int64_t(runs.at(runs.size() - 1)["last_send_time_ns"]));
    facts.Check("gaps", facts.gaps, Ranges());
    facts.Check("trades", facts.found.trades, int64_t(file["trades"]["count"]));
  }
}

TEST_F(InspectionGoldenTest, Dbn) {
  const element files = Load("dbn/golden_dbn.json");
  for (const auto& [key, file] : files.get_object()) {
    Facts facts({"dbn/" + std::string(key)});
    Counts want;
    for (const auto& [name, count] :
         CountsOf(file["records_by_rtype"].get_object())) {
      const std::string type = name.substr(name.find(' ') + 1);
      want[type.starts_with("mbp-0") ? "trades" : type] = count;
    }
    facts.CheckTypes(want);
    facts.Check("decompressed", facts.found.findings.plain_bytes,
                int64_t(file["decompressed_bytes"]));
    facts.Check("whole", facts.found.IsWhole(), true);
  }
}

TEST_F(InspectionGoldenTest, Binance) {
  const element files = Load("binance/golden_binance.json");
  for (const auto& [key, file] : files.get_object()) {
    Facts facts({"binance/" + std::string(key)});
    Counts want;
    for (const auto& [name, count] :
         CountsOf(file["lines_by_kind"].get_object())) {
      want[name.starts_with("depth@")      ? "depthUpdate"
           : name == "rest_depth_snapshot" ? "depthSnapshot"
                                           : name] = count;
    }
    facts.CheckTypes(want);
    facts.Check("symbols", facts.symbols, Strings{"BTCUSDT"});
    facts.CheckTimes(int64_t(file["first_local_ns"]),
                     int64_t(file["last_local_ns"]));
    facts.Check("whole", facts.found.IsWhole(), true);
    facts.Check("trades", facts.found.trades, int64_t(file["trades"]["count"]));
  }
}

TEST_F(InspectionGoldenTest, CoinbaseAndKraken) {
  const element files = Load("ws/golden_ws.json");
  const element coinbase = files["coinbase_20210417.ws.gz"];
  Facts facts({"ws/coinbase_20210417.ws.gz"});
  facts.CheckTypes(CountsOf(coinbase["messages_by_type"].get_object()));
  facts.Check("symbols", facts.symbols,
              NamesOf(coinbase["per_product"].get_object()));
  facts.CheckTimes(SecondsNs(coinbase["first_local_s"]),
                   SecondsNs(coinbase["last_local_s"]));
  facts.Check("whole", facts.found.IsWhole(), true);

  const element kraken = files["kraken_20210417.ws.gz"];
  Facts other({"ws/kraken_20210417.ws.gz"});
  Counts want;
  for (const auto& [name, count] : CountsOf(kraken["messages"].get_object())) {
    std::string type = name;
    if (type.starts_with("book_")) type[4] = ' ';
    want[type] = count;
  }
  other.CheckTypes(want);
  other.Check("symbols", other.symbols,
              NamesOf(kraken["per_pair"].get_object()));
  other.CheckTimes(SecondsNs(kraken["first_local_s"]),
                   SecondsNs(kraken["last_local_s"]));
  other.Check("whole", other.found.IsWhole(), true);
}

TEST_F(InspectionGoldenTest, Fix) {
  const element files = Load("fix/golden_fix.json");
  const element jse = files["jse_indices.fix50sp2.gz"];
  Facts facts({"fix/jse_indices.fix50sp2.gz"});
  facts.CheckTypes(CountsOf(jse["messages_by_type"].get_object()));
  facts.Check("symbols", static_cast<int64_t>(facts.symbols.size()),
              int64_t(jse["symbols"]));
  facts.CheckTimes(FixNs(jse["sending_time_first"]),
                   FixNs(jse["sending_time_last"]));
  facts.Check("whole", facts.found.IsWhole(), true);

  const element euro = files["eurusd_20140505.fix44.log.gz"];
  Facts log({"fix/eurusd_20140505.fix44.log.gz"});
  log.CheckTypes(
      CountsOf(euro["valid_messages_excluding_possdup"].get_object()));
  log.Check("symbols", log.symbols,
            Strings{std::string(std::string_view(euro["symbol"]))});
  log.CheckTimes(FixNs(euro["first_sending_time"]),
                 FixNs(euro["last_sending_time"]));
  log.Check("gaps", log.gaps, RangesOf(euro["sequence_gaps_inclusive"]));
  log.Check("duplicates", log.others["duplicates"],
            int64_t(euro["possdup_duplicates"]));
  log.Check("garbled", log.found.findings.faults.faults(),
            int64_t(euro["garbled_messages_bad_checksum"]));

  Facts luxor({"fix/luxor_example.fix44.log"});
  luxor.Check(
      "bad", luxor.found.findings.faults.faults(),
      int64_t(files["luxor_example.fix44.log"]["bad_checksums_or_lengths"]));
  luxor.Check("messages", luxor.found.messages, 0);
}

TEST_F(InspectionGoldenTest, Csv) {
  const element files = Load("csv/golden_csv.json");
  const auto rows = [&files](std::string_view name) {
    return int64_t(files[name]["rows"]);
  };
  const std::string fxcm_name = "fxcm_eurusd_20140505_tick_quote.csv.gz";
  Facts fxcm({"csv/" + fxcm_name, "", "EUR/USD"});
  fxcm.CheckTypes({{"quote", rows(fxcm_name)}});
  const int64_t midnight_ns = 1'399'266'000 * kSecond;
  const element facts = files[fxcm_name];
  fxcm.CheckTimes(midnight_ns + int64_t(facts["first"]["ms"]) * kMillisecond,
                  midnight_ns + int64_t(facts["last"]["ms"]) * kMillisecond);
  const std::string truefx_name = "truefx_usdjpy_2013-01.csv";
  Facts truefx({"csv/" + truefx_name, "", "USD/JPY"});
  truefx.CheckTypes({{"quote", rows(truefx_name)}});
  truefx.CheckTimes(1'357'077'600'295 * kMillisecond,
                    1'357'079'713'494 * kMillisecond);
  const std::string quotes_name = "tardis_huobi-dm-swap_quotes_BTC-USD.csv";
  Facts quotes({"csv/" + quotes_name});
  quotes.CheckTypes({{"quote", rows(quotes_name)}});
  quotes.Check("symbols", quotes.symbols, Strings{"BTC-USD"});
  const std::string trades_name = "tardis_bitmex_trades_XBTUSD.csv";
  Facts trades({"csv/" + trades_name});
  trades.CheckTypes({{"trade", rows(trades_name)}});
  trades.Check("symbols", trades.symbols, Strings{"XBTUSD"});
  trades.Check("trades", trades.found.trades, rows(trades_name));
}

}  // namespace
}  // namespace streamhub
