// How many lines one core takes from memory of the WebSocket captures of
// Binance, Coinbase and Kraken, and of CSV files: decoded; and with books,
// trades and the cache, as a feed thread does it. Of an invented market;
// "recorded" of the recording beside the source tree, if there is one.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "bench/support/from_memory.h"
#include "bench/support/recorded_bytes.h"
#include "feeds/crypto/capture_line.h"
#include "feeds/crypto/crypto_handler.h"
#include "feeds/crypto/decoder.h"
#include "feeds/crypto/kraken_checksum.h"
#include "feeds/csv/book_rows.h"
#include "feeds/csv/csv_handler.h"
#include "feeds/csv/fields.h"
#include "feeds/csv/format.h"
#include "feeds/csv/line_reader.h"
#include "feeds/csv/lobster.h"
#include "feeds/csv/lobster_handler.h"
#include "feeds/csv/row_reader.h"
#include "feeds/level_book.h"
#include "gateway/base/check.h"

namespace streamhub {
namespace {

using csv::LineReader;

constexpr int kLines = 100'000;

template <typename Each>
int64_t ForEachLine(std::string_view bytes, Each each) {
  LineReader lines(crypto::kCaptureLineBytesMax);
  std::string_view line;
  return Pump(bytes, lines, &line, [&](LineReader::Next next) {
    if (next == LineReader::Next::kLine) each(line);
  });
}

// --- captures of crypto venues ---

// A price and a size of three decimals, around 100, with or without a level.
struct Change {
  bool bid;
  int64_t price;  // 0.01
  int64_t size;   // 0.001

  std::string Price() const {
    return std::to_string(price / 100) + "." +
           std::to_string(100 + price % 100).substr(1);
  }
  std::string Size() const {
    return std::to_string(size / 1000) + "." +
           std::to_string(1000 + size % 1000).substr(1);
  }
};

Change Invent(std::mt19937_64& random) {
  const bool bid = random() % 2 == 0;
  const auto away = static_cast<int64_t>(1 + random() % 200);
  return {bid, bid ? 10'000 - away : 10'000 + away,
          random() % 4 == 0 ? 0 : static_cast<int64_t>(1 + random() % 90'000)};
}

// Updates of four levels, every tenth line a trade.
std::string InventBinance() {
  std::mt19937_64 random(1);
  std::string out;
  uint64_t update = 11;
  uint64_t trade = 0;
  for (int i = 0; i < kLines; ++i) {
    const std::string ms = std::to_string(1'700'000'000'000 + i);
    const std::string time = ms + "000000 ";
    if (i % 10 == 9) {
      Change change = Invent(random);
      change.size += 1;
      out += time +
             "{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":" +
             ms + ",\"s\":\"BTCUSDT\",\"t\":" + std::to_string(++trade) +
             ",\"p\":\"" + change.Price() + "\",\"q\":\"" + change.Size() +
             "\",\"T\":" + ms + ",\"m\":true}}\n";
      continue;
    }
    std::string bids;
    std::string asks;
    for (int k = 0; k < 4; ++k) {
      const Change change = Invent(random);
      std::string& side = change.bid ? bids : asks;
      if (!side.empty()) side += ',';
      side += "[\"" + change.Price() + "\",\"" + change.Size() + "\"]";
    }
    out += time +
           "{\"stream\":\"btcusdt@depth@100ms\",\"data\":{\"e\":"
           "\"depthUpdate\",\"E\":" +
           ms + ",\"s\":\"BTCUSDT\",\"U\":" + std::to_string(update) +
           ",\"u\":" + std::to_string(update + 3) + ",\"b\":[" + bids +
           "],\"a\":[" + asks + "]}}\n";
    // A snapshot does not say of what it is: it comes behind an update.
    if (i == 0) {
      out += time +
             "{\"lastUpdateId\":12,\"bids\":[[\"99.00\",\"1.000\"]],"
             "\"asks\":[[\"101.00\",\"1.000\"]]}\n";
    }
    update += 4;
  }
  return out;
}

std::string InventCoinbase() {
  std::mt19937_64 random(1);
  std::string out =
      "1700000000.000000: {\"type\":\"snapshot\",\"product_id\":\"BTC-USD\","
      "\"asks\":[[\"101.00\",\"1.000\"]],\"bids\":[[\"99.00\",\"1.000\"]]}\n";
  const std::string end = "\"]],\"time\":\"2023-11-14T22:13:20.123456Z\"}\n";
  for (int i = 0; i < kLines; ++i) {
    const Change change = Invent(random);
    out +=
        "1700000000.000001: {\"type\":\"l2update\",\"product_id\":\"BTC-USD\","
        "\"changes\":[[\"" +
        std::string(change.bid ? "buy" : "sell") + "\",\"" + change.Price() +
        "\",\"" + change.Size() + end;
  }
  return out;
}

// One level a line, with the checksum of the book behind it.
std::string InventKraken() {
  constexpr size_t kDepth = 25;
  std::mt19937_64 random(1);
  LevelBook book;
  const std::string stamp = "\",\"1700000000.000001\"]";
  const auto entry = [&](const Change& change) {
    return "[\"" + change.Price() + "\",\"" + change.Size() + stamp;
  };
  std::string lists[2];
  for (const bool bid : {true, false}) {
    for (int64_t i = 1; i <= static_cast<int64_t>(kDepth); ++i) {
      const Change change = {bid, 10'000 + (bid ? -i : i), 500 + i};
      (bid ? book.bids : book.asks).Set({change.price, change.size, 2, 3});
      std::string& list = lists[bid ? 1 : 0];
      list += (list.empty() ? "" : ",") + entry(change);
    }
  }
  const std::string end = ",\"book-25\",\"XBT/USD\"]\n";
  std::string out = "1700000000.000000: [1,{\"as\":[" + lists[0] +
                    "],\"bs\":[" + lists[1] + "]}" + end;
  for (int i = 0; i < kLines; ++i) {
    const bool bid = random() % 2 == 0;
    // One that is there, so that the depth stays what it is.
    const auto away = static_cast<int64_t>(1 + random() % kDepth);
    const Change change = {bid, 10'000 + (bid ? -away : away),
                           static_cast<int64_t>(1 + random() % 90'000)};
    (bid ? book.bids : book.asks).Set({change.price, change.size, 2, 3});
    out += "1700000000.000001: [1,{\"" + std::string(bid ? "b" : "a") + "\":[" +
           entry(change) + "],\"c\":\"" +
           std::to_string(crypto::KrakenChecksum(book, 2, 3)) + "\"}" + end;
  }
  return out;
}

template <typename Each>
int64_t FeedCrypto(const std::string& bytes, Each each) {
  crypto::Decoder decoder;
  crypto::Message message;
  return ForEachLine(bytes, [&](std::string_view line) {
    crypto::CaptureLine split;
    if (crypto::SplitLine(line, &split) == nullptr &&
        decoder.Decode(split.json, &message)) {
      each(message);
    }
  });
}

void CryptoDecode(benchmark::State& state, const std::string& bytes) {
  int64_t lines = 0;
  for (auto _ : state) {
    lines = FeedCrypto(bytes, [](const crypto::Message& message) {
      benchmark::DoNotOptimize(&message);
    });
  }
  FinishRounds(state, lines, bytes.size());
}

void CryptoPublish(benchmark::State& state, const std::string& bytes) {
  FedMarket fed;
  int64_t lines = 0;
  for (auto _ : state) {
    crypto::CryptoHandler handler(fed.publisher,
                                  *csv::DecimalsFinder::Create(""));
    FeedCrypto(bytes.substr(0, 1 << 16), [&](const crypto::Message& message) {
      handler.Survey(message);
    });
    fed.publisher.BeginBatch();
    lines = FeedCrypto(
        bytes, [&](const crypto::Message& message) { handler.On(message); });
    fed.publisher.EndBatch();
    STREAMHUB_CHECK(handler.tally().losses == 0);
  }
  FinishRounds(state, lines, bytes.size());
}

// --- CSV ---

constexpr char kQuotesHeader[] =
    "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,"
    "bid_amount\n";
constexpr char kBookHeader[] =
    "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n";

std::string InventQuotes() {
  std::mt19937_64 random(1);
  std::string out = kQuotesHeader;
  for (int i = 0; i < kLines; ++i) {
    const std::string us = std::to_string(1'700'000'000'000'000 + i);
    const Change bid = Invent(random);
    const Change ask = {false, bid.price + 1, bid.size + 7};
    out += "venue,S" + std::to_string(random() % 10) + "," + us + "," + us +
           "," + ask.Size() + "," + ask.Price() + "," + bid.Price() + "," +
           bid.Size() + "\n";
  }
  return out;
}

std::string InventBook() {
  std::mt19937_64 random(1);
  std::string out = kBookHeader;
  for (int i = 0; i < kLines; ++i) {
    const std::string us = std::to_string(1'700'000'000'000'000 + i / 2);
    const Change change = Invent(random);
    out += "venue,BTC," + us + "," + us + (i < 100 ? ",true," : ",false,") +
           (change.bid ? "bid," : "ask,") + change.Price() + "," +
           change.Size() + "\n";
  }
  return out;
}

void CsvQuotes(benchmark::State& state, const std::string& bytes) {
  const csv::Format& format = *csv::FindPreset("tardis-quotes");
  const SessionTime utc = *SessionTime::Create("UTC");
  FedMarket fed;
  int64_t lines = 0;
  for (auto _ : state) {
    csv::RowReader rows(format, "", utc, 0);
    csv::CsvHandler handler(fed.publisher, *csv::DecimalsFinder::Create("2/3"));
    csv::Row row;
    fed.publisher.BeginBatch();
    lines = ForEachLine(bytes, [&](std::string_view line) {
      if (rows.Read(line, &row) == csv::RowReader::Result::kRow) {
        handler.On(row, rows.columns());
      }
    });
    fed.publisher.EndBatch();
  }
  FinishRounds(state, lines, bytes.size());
}

void CsvBook(benchmark::State& state, const std::string& bytes) {
  const SessionTime utc = *SessionTime::Create("UTC");
  FedMarket fed;
  int64_t lines = 0;
  for (auto _ : state) {
    csv::BookRowReader rows(csv::BookForm::kUpdates, utc);
    csv::CsvHandler handler(fed.publisher, *csv::DecimalsFinder::Create("2/3"));
    handler.ExpectBooks();
    csv::FieldSplitter fields;
    csv::BookRow row;
    fed.publisher.BeginBatch();
    lines = ForEachLine(bytes, [&](std::string_view line) {
      if (rows.Read(line, fields, &row) == csv::BookRowReader::Result::kRow) {
        handler.OnBook(row, /*last=*/true);
      }
    });
    fed.publisher.EndBatch();
  }
  FinishRounds(state, lines, bytes.size());
}

// Messages and books in turn, ten levels.
std::string InventLobster() {
  std::mt19937_64 random(1);
  std::string out;
  for (int i = 0; i < kLines / 2; ++i) {
    const uint64_t type = random() % 5 + 1;
    out += "34200." + std::to_string(100'000'000 + i) + "," +
           std::to_string(type) + ",16113575,18,5853300,1\n";
    for (int k = 0; k < 10; ++k) {
      out += (k == 0 ? "" : ",") + std::to_string(5'859'400 + 100 * k) + "," +
             std::to_string(random() % 900) + "," +
             std::to_string(5'853'300 - 100 * k) + ",18";
    }
    out += '\n';
  }
  return out;
}

void Lobster(benchmark::State& state, const std::string& bytes) {
  FedMarket fed;
  int64_t lines = 0;
  for (auto _ : state) {
    csv::LobsterHandler handler(fed.publisher);
    const size_t symbol = handler.Use("LOBSTER");
    csv::LobsterMessage message;
    csv::LobsterBook book;
    bool is_book = false;
    fed.publisher.BeginBatch();
    lines = ForEachLine(bytes, [&](std::string_view line) {
      if (!is_book) {
        STREAMHUB_CHECK(csv::ParseLobsterMessage(line, &message) == nullptr);
      } else {
        STREAMHUB_CHECK(csv::ParseLobsterBook(line, &book) == nullptr);
        handler.On(symbol, message.since_midnight_ns, message, book);
      }
      is_book = !is_book;
    });
    fed.publisher.EndBatch();
  }
  // A message with its book is one.
  FinishRounds(state, lines / 2, bytes.size());
}

using Run = void (*)(benchmark::State&, const std::string&);

void Add(const std::string& name, Run run, std::string bytes) {
  if (bytes.empty()) return;
  const auto& kept = *new std::string(std::move(bytes));
  benchmark::RegisterBenchmark(
      name.c_str(),
      [run, &kept](benchmark::State& state) { run(state, kept); });
}

void AddVenue(const std::string& name, const std::string& invented,
              const std::string& file) {
  Add("BM_" + name + "Decode", CryptoDecode, invented);
  Add("BM_" + name + "Publish", CryptoPublish, invented);
  const std::string recorded = Recorded(file);
  Add("BM_" + name + "Decode/recorded", CryptoDecode, recorded);
  Add("BM_" + name + "Publish/recorded", CryptoPublish, recorded);
}

void AddAll() {
  AddVenue("Binance", InventBinance(), "binance/spot_btcusdt_20240808.gz");
  AddVenue("Coinbase", InventCoinbase(), "ws/coinbase_20210417.ws.gz");
  AddVenue("Kraken", InventKraken(), "ws/kraken_20210417.ws.gz");
  Add("BM_CsvQuotesPublish", CsvQuotes, InventQuotes());
  Add("BM_CsvBookPublish", CsvBook, InventBook());
  Add("BM_LobsterPublish", Lobster, InventLobster());
}

}  // namespace
}  // namespace streamhub

int main(int argc, char** argv) {
  streamhub::AddAll();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
