// The market of `streamhub serve --feed synthetic`, written down as the
// messages that its gateway would send of it: one update of one symbol each, a
// few rounds of all symbols, played again and again. What a publisher has to
// do for a message is to put in the time. One thread.

#ifndef STREAMHUB_BENCH_PEERS_MARKET_TAPE_H_
#define STREAMHUB_BENCH_PEERS_MARKET_TAPE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace streamhub::peers {

class MarketTape {
 public:
  // `symbols`: 1 to 100,000. They tick one after the other, as with
  // --even-ticks.
  MarketTape(size_t symbols, uint64_t seed);

  // The codes of the symbols as JSON writes them, by index.
  const std::vector<std::string>& names() const { return names_; }

  // The next update: `*symbol` is its index. The text says that it was received
  // and sent at `wall_us`; it lives until the next call.
  std::string_view Next(int64_t wall_us, uint32_t* symbol);

 private:
  struct Update {
    uint32_t symbol;
    std::string text;
    size_t sent_at, received_at;  // where the digits of the times begin
  };

  std::vector<std::string> names_;
  std::vector<Update> updates_;
  size_t next_ = 0;
};

}  // namespace streamhub::peers

#endif  // STREAMHUB_BENCH_PEERS_MARKET_TAPE_H_
