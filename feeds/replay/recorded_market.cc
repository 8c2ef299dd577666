#include "feeds/replay/recorded_market.h"

#include <utility>

#include "feeds/replay/byte_source.h"
#include "feeds/replay/crypto_reader.h"
#include "feeds/replay/csv_reader.h"
#include "feeds/replay/dbn_reader.h"
#include "feeds/replay/fix_reader.h"
#include "feeds/replay/iex_reader.h"
#include "feeds/replay/itch_mold_reader.h"
#include "feeds/replay/itch_reader.h"
#include "feeds/replay/itch_soup_reader.h"

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
  }
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
}

void RecordedMarket::StartAgain() {
  itch_.reset();
  dbn_.reset();
  iex_.reset();
  // These keep the decimals that they found.
  if (csv_.has_value()) csv_->StartAgain();
  if (fix_.has_value()) fix_->StartAgain();
  if (crypto_.has_value()) crypto_->StartAgain();
}

}  // namespace streamhub
