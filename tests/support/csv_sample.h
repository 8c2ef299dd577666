// Writes CSV files as LOBSTER and Tardis would, of a market that never was, and
// says what their books and trades come to, by maps instead of the product's
// books. Always the same bytes for a seed.

#ifndef STREAMHUB_TESTS_SUPPORT_CSV_SAMPLE_H_
#define STREAMHUB_TESTS_SUPPORT_CSV_SAMPLE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace streamhub::csv {

// The best first: price, size.
using SampleLevels = std::vector<std::pair<int64_t, int64_t>>;

struct LobsterSample {
  std::string messages;
  std::string orderbook;

  // Behind each row, all levels of the book.
  std::vector<SampleLevels> bids;
  std::vector<SampleLevels> asks;
  std::vector<int64_t> times_ns;  // since midnight
  int64_t trades = 0;
  int64_t volume = 0;
  int64_t last_price = 0;
  int64_t last_size = 0;
};

// Types 1 to 5, from 09:30 on; `levels` of each side in the orderbook.
LobsterSample MakeLobsterSample(uint32_t seed, int rows, int levels);

struct TardisSample {
  static constexpr int kPriceDecimals = 1;
  static constexpr int kSizeDecimals = 3;

  std::string updates;    // incremental_book_L2
  std::string snapshots;  // book_snapshot_5, a row for each message of those

  // Behind each message, all levels of the book, scaled by the above.
  std::vector<SampleLevels> bids;
  std::vector<SampleLevels> asks;
  std::vector<int64_t> times_ns;
  std::vector<int> rows;  // of updates, of each message
};

// Of the symbol XBTUSD. Message 0 is a snapshot, and there is a second one
// halfway, behind updates.
TardisSample MakeTardisSample(uint32_t seed, int messages);

}  // namespace streamhub::csv

#endif  // STREAMHUB_TESTS_SUPPORT_CSV_SAMPLE_H_
