// Writes a capture of the synthetic venue to standard output, for a try-out of
// a replay without a recording: make_crypto_sample KIND [MESSAGES], where KIND
// is spot, futures, coinbase or kraken.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/feeds/crypto/sample_venue.h"

int main(int argc, char** argv) {
  using streamhub::crypto::SampleVenue;
  using Kind = SampleVenue::Kind;
  const std::string_view name = argc > 1 ? argv[1] : "";
  const int messages = argc > 2 ? std::atoi(argv[2]) : 1000;
  const Kind kind = name == "futures"    ? Kind::kFutures
                    : name == "coinbase" ? Kind::kCoinbase
                    : name == "kraken"   ? Kind::kKraken
                                         : Kind::kSpot;
  if (kind == Kind::kSpot && name != "spot") {
    std::fprintf(stderr, "want spot, futures, coinbase or kraken\n");
    return 2;
  }
  SampleVenue venue(kind, /*seed=*/1);
  const bool binance = kind == Kind::kSpot || kind == Kind::kFutures;
  std::string lines = binance ? venue.Update(1) : "";
  lines += venue.Snapshot();
  for (int i = 0; i < messages; ++i) {
    lines += i % 5 == 4                            ? venue.Trade()
             : i % 5 == 3 && kind != Kind::kKraken ? venue.Best()
                                                   : venue.Update(1 + i % 3);
  }
  std::fwrite(lines.data(), 1, lines.size(), stdout);
  return std::fflush(stdout) == 0 ? 0 : 1;
}
