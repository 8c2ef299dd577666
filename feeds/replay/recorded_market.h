// What recordings are played into: a handler of each kind, which the files of
// that kind share, and with it symbols, books and days. On the feed's thread.

#ifndef STREAMHUB_FEEDS_REPLAY_RECORDED_MARKET_H_
#define STREAMHUB_FEEDS_REPLAY_RECORDED_MARKET_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "feeds/crypto/crypto_handler.h"
#include "feeds/csv/csv_handler.h"
#include "feeds/csv/decimals.h"
#include "feeds/csv/lobster_handler.h"
#include "feeds/dbn/dbn_handler.h"
#include "feeds/fix/fix_handler.h"
#include "feeds/iex/iex_handler.h"
#include "feeds/itch/itch_handler.h"
#include "feeds/publisher.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/record_reader.h"
#include "feeds/replay/recording.h"
#include "feeds/ticklog/ticklog_handler.h"

namespace streamhub {

class RecordedMarket {
 public:
  // `publisher` outlives this.
  RecordedMarket(Publisher& publisher, csv::DecimalsFinder decimals);

  // Reads that file into its kind's handler, which outlives the reader until
  // StartAgain(). A batch of the publisher: a new day empties books. Errors of
  // ByteSource::Open().
  absl::StatusOr<std::unique_ptr<RecordReader>> Open(
      const Recording& recording);

  // Reads captures that are lines of one stream, as one. At least one, all of
  // kItchMold and of one day, or all of kIex.
  absl::StatusOr<std::unique_ptr<RecordReader>> OpenLines(
      std::span<const Recording> recordings, int64_t silent_ns);

  // The session roll has come: day fields of all symbols begin anew.
  void RollDay(int64_t event_ns);

  // Everything is played once more, in a new epoch: no books, nothing traded.
  // There are no readers.
  void StartAgain();

 private:
  std::unique_ptr<RecordReader> OpenBooks(std::unique_ptr<ByteSource> source,
                                          const Recording& recording);
  absl::StatusOr<std::unique_ptr<RecordReader>> OpenLobster(
      std::unique_ptr<ByteSource> messages, const Recording& recording);

  Publisher& publisher_;
  const csv::DecimalsFinder decimals_;
  std::optional<itch::ItchHandler> itch_;
  std::optional<csv::CsvHandler> csv_;
  std::optional<dbn::DbnHandler> dbn_;
  std::optional<fix::FixHandler> fix_;
  std::optional<iex::IexHandler> iex_;
  std::optional<crypto::CryptoHandler> crypto_;
  std::optional<ticklog::TickLogHandler> ticklog_;
  std::optional<csv::LobsterHandler> lobster_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_RECORDED_MARKET_H_
