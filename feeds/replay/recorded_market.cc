#include "feeds/replay/recorded_market.h"

#include <utility>
#include <vector>

#include "feeds/replay/crypto_reader.h"
#include "feeds/replay/csv_book_reader.h"
#include "feeds/replay/csv_reader.h"
#include "feeds/replay/dbn_reader.h"
#include "feeds/replay/fix_reader.h"
#include "feeds/replay/iex_lines_reader.h"
#include "feeds/replay/iex_reader.h"
#include "feeds/replay/itch_lines_reader.h"
#include "feeds/replay/itch_mold_reader.h"
#include "feeds/replay/itch_reader.h"
#include "feeds/replay/itch_soup_reader.h"
#include "feeds/replay/lobster_files.h"
#include "feeds/replay/lobster_reader.h"
#include "feeds/replay/ticklog_reader.h"

namespace streamhub {
namespace {

template <typename Handler, typename... Arguments>
Handler& Made(std::optional<Handler>& handler, Arguments&&... arguments) {
  if (!handler.has_value()) {
    handler.emplace(std::forward<Arguments>(arguments)...);
  }
  return *handler;
}

}  // namespace

RecordedMarket::RecordedMarket(Publisher& publisher,
                               csv::DecimalsFinder decimals)
    : publisher_(publisher), decimals_(std::move(decimals)) {}

absl::StatusOr<std::unique_ptr<RecordReader>> RecordedMarket::Open(
    const Recording& recording) {
  auto opened = ByteSource::Open(recording.path);
  if (!opened.ok()) return opened.status();
  std::unique_ptr<ByteSource> source = *std::move(opened);
  Counters& counters = publisher_.counters();
  const int64_t midnight_ns = recording.midnight_ns;
  if (recording.kind == RecordingKind::kLobster) {
    return OpenLobster(std::move(source), recording);
  }
  std::unique_ptr<RecordReader> reader;
  publisher_.BeginBatch();
  switch (recording.kind) {
    case RecordingKind::kItch:
      reader = std::make_unique<ItchReader>(
          std::move(source), Made(itch_, publisher_), counters, midnight_ns);
      break;
    case RecordingKind::kItchMold:
      reader = std::make_unique<ItchMoldReader>(
          std::move(source), Made(itch_, publisher_), counters, midnight_ns);
      break;
    case RecordingKind::kItchSoup:
      reader = std::make_unique<ItchSoupReader>(
          std::move(source), Made(itch_, publisher_), counters, midnight_ns);
      break;
    case RecordingKind::kCsv:
      reader = std::make_unique<CsvReader>(std::move(source), recording,
                                           Made(csv_, publisher_, decimals_),
                                           counters);
      break;
    case RecordingKind::kDbn:
      reader = std::make_unique<DbnReader>(std::move(source),
                                           Made(dbn_, publisher_), counters);
      break;
    case RecordingKind::kFix:
      reader = std::make_unique<FixReader>(
          std::move(source), Made(fix_, publisher_, decimals_), counters);
      break;
    case RecordingKind::kIex:
      reader = std::make_unique<IexReader>(std::move(source),
                                           Made(iex_, publisher_), counters);
      break;
    case RecordingKind::kCrypto:
      reader = std::make_unique<CryptoReader>(
          std::move(source), Made(crypto_, publisher_, decimals_), counters);
      break;
    case RecordingKind::kTickLog:
      reader = std::make_unique<TickLogReader>(
          std::move(source), Made(ticklog_, publisher_), counters);
      break;
    case RecordingKind::kTardisBook:
    case RecordingKind::kTardisSnapshot:
      reader = OpenBooks(std::move(source), recording);
      break;
    case RecordingKind::kLobster:
      break;  // as above
  }
  publisher_.EndBatch();
  return reader;
}

absl::StatusOr<std::unique_ptr<RecordReader>> RecordedMarket::OpenLines(
    std::span<const Recording> recordings, int64_t silent_ns) {
  std::vector<std::unique_ptr<ByteSource>> sources;
  for (const Recording& recording : recordings) {
    auto opened = ByteSource::Open(recording.path);
    if (!opened.ok()) return opened.status();
    sources.push_back(*std::move(opened));
  }
  std::unique_ptr<RecordReader> reader;
  publisher_.BeginBatch();
  if (recordings[0].kind == RecordingKind::kIex) {
    reader = std::make_unique<IexLinesReader>(std::move(sources),
                                              Made(iex_, publisher_),
                                              publisher_.counters(), silent_ns);
  } else {
    reader = std::make_unique<ItchLinesReader>(
        std::move(sources), Made(itch_, publisher_), publisher_.counters(),
        recordings[0].midnight_ns, silent_ns);
  }
  publisher_.EndBatch();
  return reader;
}

// Their handler is that of all CSV files: a symbol's books, quotes and trades
// have one description.
std::unique_ptr<RecordReader> RecordedMarket::OpenBooks(
    std::unique_ptr<ByteSource> source, const Recording& recording) {
  csv::CsvHandler& handler = Made(csv_, publisher_, decimals_);
  handler.ExpectBooks();
  return std::make_unique<CsvBookReader>(
      std::move(source),
      recording.kind == RecordingKind::kTardisBook ? csv::BookForm::kUpdates
                                                   : csv::BookForm::kSnapshots,
      recording.zone, handler, publisher_.counters());
}

absl::StatusOr<std::unique_ptr<RecordReader>> RecordedMarket::OpenLobster(
    std::unique_ptr<ByteSource> messages, const Recording& recording) {
  const auto files = FindLobster(recording.path);
  if (!files.has_value()) {
    return absl::InvalidArgumentError(recording.path + ": is no LOBSTER file");
  }
  auto books = ByteSource::Open(files->orderbook);
  if (!books.ok()) return books.status();
  publisher_.BeginBatch();
  auto reader = std::make_unique<LobsterReader>(
      std::move(messages), *std::move(books), recording.symbol,
      recording.midnight_ns, Made(lobster_, publisher_), publisher_.counters());
  publisher_.EndBatch();
  return reader;
}

void RecordedMarket::RollDay(int64_t event_ns) {
  const auto roll = [event_ns](auto& handler) {
    if (handler.has_value()) handler->RollDay(event_ns);
  };
  roll(itch_);
  roll(csv_);
  roll(dbn_);
  roll(fix_);
  roll(iex_);
  roll(crypto_);
  roll(lobster_);
  // A tick log has the rolls that were when it was recorded.
}

void RecordedMarket::StartAgain() {
  itch_.reset();
  dbn_.reset();
  iex_.reset();
  lobster_.reset();
  // These keep the decimals that they found.
  if (csv_.has_value()) csv_->StartAgain();
  if (fix_.has_value()) fix_->StartAgain();
  if (crypto_.has_value()) crypto_->StartAgain();
  if (ticklog_.has_value()) ticklog_->StartAgain();
}

}  // namespace streamhub
