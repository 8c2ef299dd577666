// The recordings that are not part of the source tree, and how each is to be
// read: without them their tests are skipped.

#ifndef STREAMHUB_TESTS_FEEDS_REPLAY_GOLDEN_RECORDINGS_H_
#define STREAMHUB_TESTS_FEEDS_REPLAY_GOLDEN_RECORDINGS_H_

#include <filesystem>
#include <string>
#include <vector>

#include "feeds/replay/replay_options.h"

namespace streamhub {

inline constexpr char kGoldenFolder[] = STREAMHUB_SOURCE_DIR "/../shared/data/";

struct GoldenRecording {
  std::string name;  // from that folder
  std::string date = "";
  std::string symbol = "";

  std::string path() const { return kGoldenFolder + name; }
  ReplayOptions options() const {
    ReplayOptions options;
    options.date = date;
    if (!symbol.empty()) options.symbol = {symbol};
    return options;
  }
};

inline bool GoldenAreThere() { return std::filesystem::exists(kGoldenFolder); }

inline std::vector<GoldenRecording> GoldenRecordings() {
  std::vector<GoldenRecording> all = {
      {"itch/ex20101224.TEST_ITCH_50", "2010-12-24"},
      {"itch/ritch_framed.itch50", "2010-12-24"},
      {"itch/ritch_moldudp64_clean.pcap.gz", "2010-12-24"},
      {"itch/ritch_moldudp64_faults.pcap.gz", "2010-12-24"},
      {"itch/ritch_soupbintcp.bin.gz", "2010-12-24"},
      {"itch/esh4_20231225_2200-2330z.itch50.gz", "2023-12-25"},
      {"iex/TOPS16.pcapng.gz"},
      {"iex/DEEP10.excerpt.pcap.gz"},
      {"dbn/esh4-glbx-mdp3-20231225T2200-2330.mbo.dbn.zst"},
      {"binance/spot_btcusdt_20240808.gz"},
      {"binance/usdm_btcusdt_20240808.gz"},
      {"ws/coinbase_20210417.ws.gz"},
      {"ws/kraken_20210417.ws.gz"},
      {"fix/jse_indices.fix50sp2.gz"},
      {"fix/eurusd_20140505.fix44.log.gz"},
      {"fix/luxor_example.fix44.log"},
      {"csv/fxcm_eurusd_20140505_tick_quote.csv.gz", "", "EUR/USD"},
      {"csv/truefx_usdjpy_2013-01.csv", "", "USD/JPY"},
      {"csv/tardis_huobi-dm-swap_quotes_BTC-USD.csv"},
      {"csv/tardis_bitmex_trades_XBTUSD.csv"},
  };
  const std::string small = std::string(kGoldenFolder) + "dbn/small";
  for (const auto& entry : std::filesystem::directory_iterator(small)) {
    all.push_back({"dbn/small/" + entry.path().filename().string()});
  }
  return all;
}

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_FEEDS_REPLAY_GOLDEN_RECORDINGS_H_
