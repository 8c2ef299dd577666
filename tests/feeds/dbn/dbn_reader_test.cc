#include "feeds/replay/dbn_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/base/check.h"
#include "tests/feeds/dbn/sample.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using dbn::Form;
using dbn::kOne;
using dbn::kSampleDayNs;
using Next = RecordReader::Next;

constexpr auto kStartNs =
    static_cast<int64_t>(kSampleDayNs + 3600 * uint64_t{kOne});

// A reader of `bytes` in a file, with a market of its own.
struct Played {
  explicit Played(std::string_view bytes) : file("sample.dbn", bytes) {
    auto source = ByteSource::Open(file.path());
    STREAMHUB_CHECK(source.ok());
    reader = std::make_unique<DbnReader>(*std::move(source), handler,
                                         market.counters);
  }

  // The times of all records.
  std::vector<int64_t> Play() {
    std::vector<int64_t> times;
    int64_t event_ns = 0;
    while ((last = reader->Peek(0, &event_ns)) == Next::kRecord) {
      times.push_back(event_ns);
      reader->Apply();
    }
    return times;
  }

  int64_t Value(std::string_view code, FieldId field) const {
    const auto id = market.market.symbols().Find(code);
    STREAMHUB_CHECK(id.has_value());
    return market.Value(*id, field);
  }

  TemporaryFile file;
  TestMarket market;
  dbn::DbnHandler handler{market.publisher};
  std::unique_ptr<DbnReader> reader;
  Next last = Next::kWaiting;
};

TEST(DbnReaderTest, PlaysTheSampleOfEachVersion) {
  for (const Form& form :
       {Form{1, false}, Form{2, false}, Form{3, false}, Form{3, true}}) {
    SCOPED_TRACE(form.version);
    Played played(dbn::MakeSample(form));
    const std::vector<int64_t> times = played.Play();
    EXPECT_EQ(played.last, Next::kEnd) << played.reader->status();
    // Neither the mapping nor a session's messages nor what is not known.
    ASSERT_EQ(times.size(), 18u);
    EXPECT_EQ(times[0], kStartNs + 150);
    EXPECT_EQ(times[1], kStartNs + 250);
    EXPECT_EQ(times[2], kStartNs + 1050);
    EXPECT_EQ(times[17], kStartNs + 31'000);
    EXPECT_EQ(played.Value("ALPHA", FieldId::kBid), 10'000);
    EXPECT_EQ(played.Value("ALPHA", FieldId::kBidSize), 5);
    EXPECT_EQ(played.Value("ALPHA", FieldId::kAskSize), 6);
    EXPECT_EQ(played.Value("ALPHA", FieldId::kLast), 10'025);
    EXPECT_EQ(played.Value("ALPHA", FieldId::kVolume), 3);
    EXPECT_EQ(played.Value("ALPHA", FieldId::kSettlement), 9'900);
    EXPECT_EQ(played.Value("ALPHA", FieldId::kTrading), PackText("open"));
    EXPECT_EQ(played.Value("ALPHA", FieldId::kLimitUp), 12'000);
    EXPECT_EQ(played.Value("DELTA", FieldId::kBid), 10);
    EXPECT_EQ(played.Value("DELTA", FieldId::kVolume), 2);
    EXPECT_EQ(played.handler.ignored(),
              (dbn::Ignored{.bars = 1, .messages = 1}));
    EXPECT_EQ(played.reader->records()[dbn::kMboType], 9);
    EXPECT_EQ(played.reader->records()[dbn::kMappingType], 1);
    EXPECT_EQ(played.reader->records()[0xF0], 1);
    EXPECT_EQ(played.reader->skipped()[0xF0], 1);
    EXPECT_EQ(played.reader->skipped()[dbn::kMboType], 0);
    EXPECT_EQ(played.reader->metadata().dataset, "TEST.SAMPLE");
  }
}

TEST(DbnReaderTest, UndoesCompression) {
  const std::string bytes = dbn::MakeSample({3, false});
  for (const std::string& file : {Zstandard(bytes), Gzipped(bytes)}) {
    Played played(file);
    EXPECT_EQ(played.Play().size(), 18u);
    EXPECT_EQ(played.last, Next::kEnd) << played.reader->status();
    EXPECT_EQ(played.Value("ALPHA", FieldId::kVolume), 3);
    EXPECT_EQ(played.reader->bytes_read(), static_cast<int64_t>(file.size()));
    EXPECT_EQ(played.reader->bytes_total(), static_cast<int64_t>(file.size()));
  }
}

std::string Trades(const std::vector<int64_t>& prices) {
  std::string bytes;
  Append(dbn::SampleMetadata(3), &bytes);
  uint64_t ns = 0;
  for (const int64_t price : prices) {
    ++ns;
    Append(dbn::Trade{{dbn::kTradeType, 1, 1, kSampleDayNs + ns},
                      price,
                      1,
                      'T',
                      'B',
                      dbn::kLastOfEvent,
                      0,
                      kSampleDayNs + ns},
           {}, &bytes);
  }
  return bytes;
}

TEST(DbnReaderTest, DecimalsAreThoseOfTheFirstRecords) {
  Played played(Trades({99 * kOne, 99 * kOne + kOne / 8, 98 * kOne}));
  EXPECT_EQ(played.Play().size(), 3u);
  EXPECT_EQ(played.market.counters.Get(Metric::kTicksRejected), 0);
  EXPECT_EQ(played.Value("ALPHA", FieldId::kHigh), 99'125);
  const auto id = played.market.market.symbols().Find("ALPHA");
  EXPECT_EQ(played.market.market.symbols().Get(*id).price_decimals, 3);
}

// More records than a buffer holds: they all come, in order.
TEST(DbnReaderTest, PlaysAFileBiggerThanItsBuffer) {
  std::vector<int64_t> prices(10'000, kOne);
  prices.back() = 7 * kOne;
  Played played(Trades(prices));
  const std::vector<int64_t> times = played.Play();
  ASSERT_EQ(times.size(), 10'000u);
  for (size_t i = 0; i < times.size(); ++i) {
    ASSERT_EQ(times[i], static_cast<int64_t>(kSampleDayNs + i + 1));
  }
  EXPECT_EQ(played.last, Next::kEnd);
  EXPECT_EQ(played.Value("ALPHA", FieldId::kVolume), 10'000);
  EXPECT_EQ(played.Value("ALPHA", FieldId::kLast), 7);
}

// A pipe is played as it comes, not when the survey has seen enough.
TEST(DbnReaderTest, APipeIsNotWaitedForLongerThanForARecord) {
  int fds[2];
  ASSERT_EQ(pipe2(fds, O_CLOEXEC), 0);
  TestMarket market;
  dbn::DbnHandler handler(market.publisher);
  DbnReader reader(std::make_unique<ByteSource>(fds[0], "pipe"), handler,
                   market.counters);
  const std::string bytes = Trades({kOne, 2 * kOne});
  const size_t first = bytes.size() - 48;
  const auto write_all = [&](std::string_view piece) {
    ASSERT_EQ(write(fds[1], piece.data(), piece.size()),
              static_cast<ssize_t>(piece.size()));
  };
  int64_t event_ns = 0;
  const std::string_view all = bytes;
  write_all(all.substr(0, first - 1));
  EXPECT_EQ(reader.Peek(0, &event_ns), Next::kWaiting);
  EXPECT_EQ(reader.Peek(0, &event_ns), Next::kWaiting);
  write_all(all.substr(first - 1, 1));
  EXPECT_EQ(reader.Peek(0, &event_ns), Next::kRecord);
  EXPECT_EQ(event_ns, static_cast<int64_t>(kSampleDayNs + 1));
  EXPECT_EQ(reader.Peek(0, &event_ns), Next::kRecord);
  reader.Apply();
  EXPECT_EQ(reader.Peek(0, &event_ns), Next::kWaiting);
  write_all(all.substr(first));
  EXPECT_EQ(reader.Peek(0, &event_ns), Next::kRecord);
  EXPECT_EQ(event_ns, static_cast<int64_t>(kSampleDayNs + 2));
  reader.Apply();
  close(fds[1]);
  EXPECT_EQ(reader.Peek(0, &event_ns), Next::kEnd);
}

TEST(DbnReaderTest, SaysWhatIsWrongAndWhere) {
  const std::string whole = Trades({kOne, 2 * kOne});
  const size_t second = whole.size() - 48;
  const auto fault = [](std::string_view bytes, size_t good) {
    Played played(bytes);
    EXPECT_EQ(played.Play().size(), good);
    EXPECT_EQ(played.last, Next::kFailed);
    EXPECT_EQ(played.market.counters.Get(Metric::kFeedMessagesBad), 1);
    std::string message(played.reader->status().message());
    EXPECT_TRUE(message.starts_with(played.file.path() + ": ")) << message;
    return message.substr(played.file.path().size() + 2);
  };
  EXPECT_EQ(fault("", 0), "is empty");
  EXPECT_EQ(fault("no DBN", 0), "at byte 0: does not begin with 'DBN'");
  EXPECT_EQ(fault(std::string_view(whole).substr(0, whole.size() - 1), 1),
            "at byte " + std::to_string(second) +
                ": truncated: the input ends 47 bytes into a record of 48");
  std::string bad = whole;
  bad[second] = 40 / 4;
  EXPECT_EQ(fault(bad, 1), "at byte " + std::to_string(second) +
                               ": a record of type 0 has 40 bytes, want 48");
}

TEST(DbnReaderTest, DamagedCompressionServesWhatWasBefore) {
  std::string file = Zstandard(Trades(std::vector<int64_t>(100, kOne)));
  file.resize(file.size() - 4);  // its checksum
  Played played(file);
  EXPECT_EQ(played.Play().size(), 100u);
  EXPECT_EQ(played.last, Next::kFailed);
  EXPECT_EQ(played.Value("ALPHA", FieldId::kVolume), 100);
}

TEST(DbnReaderTest, ARecordWithoutATimeHasThatOfTheOneBefore) {
  std::string bytes = Trades({kOne});
  dbn::Trade timeless;
  timeless.head = {dbn::kTradeType, 1, 1, dbn::kUndefinedTime};
  timeless.price = kOne;
  timeless.ts_recv = dbn::kUndefinedTime;
  Append(timeless, {}, &bytes);
  Played played(bytes);
  const std::vector<int64_t> times = played.Play();
  ASSERT_EQ(times.size(), 2u);
  EXPECT_EQ(times[1], times[0]);
}

}  // namespace
}  // namespace streamhub
