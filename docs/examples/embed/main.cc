// A gateway in a program of one's own, with a feed of one's own: one symbol,
// whose ask moves every second. Says where it listens, and ends when its
// standard input does.

#include <cstdio>
#include <memory>
#include <string>

#include "feeds/feed.h"
#include "gateway/server/gateway.h"

using namespace streamhub;

// Runs on its own thread. Prices are integers, here in cents.
class LemonFeed final : public Feed {
 public:
  absl::Status Run(Publisher& publisher, FeedControl& control) override {
    const auto lemon = publisher.Define({.code = "LEMON",
                                         .name = "Lemons, a crate",
                                         .currency = "EUR",
                                         .price_decimals = 2,
                                         .layout = &QuoteLayout()});
    if (!lemon.ok()) return lemon.status();
    publisher.SetStatus(FeedStatus::kLive);
    const Clock& clock = publisher.clock();
    int64_t tick = 0;
    do {
      publisher.BeginBatch();
      publisher.Publish(
          *lemon, {{FieldId::kBid, 1995}, {FieldId::kAsk, 1997 + tick++ % 10}},
          clock.WallNs());
      publisher.EndBatch();
    } while (control.WaitUntil(clock.MonoNs() + kSecond));
    return absl::OkStatus();  // told to stop
  }
};

int main() {
  Config config;                        // what `streamhub gen-config` prints
  config.port = config.admin_port = 0;  // free ones
  config.feed = "lemons";               // what clients are told of the feed
  config.web_root = WEB_ROOT;
  const auto gateway =
      Gateway::Start(config, {}, std::make_unique<LemonFeed>());
  if (!gateway.ok()) {
    std::fprintf(stderr, "%s\n", gateway.status().ToString().c_str());
    return 1;
  }
  std::printf("listening on %s\n", (*gateway)->Urls().front().c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
}
