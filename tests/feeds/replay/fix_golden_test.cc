// The golden facts beside FIX logs that are not part of the source tree:
// without them these tests are skipped. The facts were computed from the
// specification by other programs.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "feeds/csv/decimal.h"
#include "feeds/fix/decoder.h"
#include "feeds/fix/fix_handler.h"
#include "feeds/fix/framing.h"
#include "feeds/fix/sequences.h"
#include "feeds/fix/utc_time.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/fix_reader.h"
#include "gateway/base/clock.h"
#include "tests/support/golden.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using golden::array;
using golden::element;
using golden::object;
using Verdict = fix::Sequences::Verdict;

const char kFolder[] = STREAMHUB_SOURCE_DIR "/../shared/data/fix/";

// What a log says of one symbol.
struct Tally {
  int64_t entries = 0;
  int64_t index_values = 0;
  std::map<std::string, int64_t> others;
  std::string first, last, last_time, last_rpt_seq;
  double high = -1e300, low = 1e300;
  std::string high_text, low_text;

  void Add(const fix::Entry& entry, std::string_view time_text) {
    ++entries;
    if (entry.type != "3") {
      ++others[std::string(entry.type)];
      return;
    }
    ++index_values;
    last = std::string(entry.price);
    if (first.empty()) first = last;
    // Of decimals of one magnitude a double says which is more.
    const double value = std::strtod(last.c_str(), nullptr);
    if (value > high) high_text = last;
    if (value < low) low_text = last;
    high = std::max(high, value);
    low = std::min(low, value);
    if (!time_text.empty()) last_time = std::string(time_text);
    last_rpt_seq = std::string(entry.rpt_seq);
  }
};

// A whole log, by all that comes before the handler.
struct Log {
  std::map<std::string, int64_t> types;    // of those to be used
  std::map<std::string, int64_t> entries;  // likewise, by their types
  std::map<uint64_t, int64_t> entries_per_message;
  std::map<std::string, Tally> symbols;
  std::vector<uint64_t> shared;  // ApplSeqNums that came twice in a row
  int64_t garbled = 0, bad = 0, messages = 0, priced_entries = 0;
  int64_t steps_back = 0;
  std::vector<fix::Fault> faults;
  std::optional<uint64_t> first_seq, last_seq, first_appl, last_appl;
  int64_t first_ns = 0, last_ns = 0;
  std::string appl_id;
  fix::Sequences sequences;
};

// "07:32:00.000", as the log writes it.
std::string TimeText(const std::optional<int64_t>& time_ns) {
  if (!time_ns.has_value()) return {};
  const int64_t ms = *time_ns / kMillisecond;
  char text[64];
  std::snprintf(text, sizeof text, "%02d:%02d:%02d.%03d",
                static_cast<int>(ms / 3'600'000),
                static_cast<int>(ms / 60'000 % 60),
                static_cast<int>(ms / 1000 % 60), static_cast<int>(ms % 1000));
  return text;
}

class FixGoldenTest : public testing::Test {
 protected:
  // False: it is not there.
  bool Open(const std::string& name) {
    path_ = kFolder + name;
    if (!std::filesystem::exists(path_)) return false;
    facts_ = golden::LoadFiles(std::string(kFolder) + "golden_fix.json")[name];
    return true;
  }

  void OnMessage(const fix::Message& m, const fix::Place& place, Log& log) {
    const auto shared = log.sequences.shared();
    if (log.sequences.On(m, place) != Verdict::kUse) return;
    ++log.messages;
    ++log.types[std::string(m.type)];
    if (log.first_ns == 0) log.first_ns = *m.sending_ns;
    log.last_ns = *m.sending_ns;
    if (m.seq.has_value()) {
      if (!log.first_seq.has_value()) log.first_seq = m.seq;
      log.last_seq = m.seq;
    }
    if (!m.appl_id.empty()) log.appl_id = std::string(m.appl_id);
    if (m.appl_seq.has_value()) {
      if (!log.first_appl.has_value()) log.first_appl = m.appl_seq;
      if (log.last_appl.has_value())
        log.steps_back += m.appl_seq < log.last_appl;
      log.last_appl = m.appl_seq;
      if (log.sequences.shared() > shared) log.shared.push_back(*m.appl_seq);
    }
    if (!m.entries.empty()) ++log.entries_per_message[m.entries.size()];
    for (const fix::Entry& entry : m.entries) {
      ++log.entries[std::string(entry.type)];
      log.priced_entries += !entry.price.empty();
      const std::string_view code = fix::CodeOf(
          entry.symbol.empty() ? m.symbol : entry.symbol, entry.security_id);
      log.symbols[std::string(code)].Add(entry, TimeText(entry.time_ns));
    }
  }

  std::unique_ptr<Log> ReadLog(fix::Check check = fix::Check::kStrict) {
    auto log = std::make_unique<Log>();
    auto source = ByteSource::Open(path_);
    EXPECT_TRUE(source.ok()) << source.status();
    fix::FrameReader frames(check);
    fix::Decoder decoder;
    fix::Message message;
    for (fix::Frame frame;;) {
      const auto next = frames.Read(&frame);
      if (next == fix::FrameReader::Next::kEnd) return log;
      if (next == fix::FrameReader::Next::kGarbled) {
        ++log->garbled;
        log->faults.push_back(frames.fault());
      } else if (next == fix::FrameReader::Next::kMessage) {
        if (decoder.Decode(frame, &message)) {
          OnMessage(message, frame.place, *log);
        } else {
          ++log->bad;
        }
      } else {
        size_t bytes = 0;
        if ((*source)->Read(frames.Room(), 0, &bytes) ==
            ByteSource::Result::kBytes) {
          frames.Filled(bytes);
        } else {
          frames.Finish();
        }
      }
    }
  }

  void StartPlaying(fix::Check check = fix::Check::kStrict) {
    auto source = ByteSource::Open(path_);
    ASSERT_TRUE(source.ok()) << source.status();
    handler_ = std::make_unique<fix::FixHandler>(
        market_.publisher, *csv::DecimalsFinder::Create(""));
    reader_ = std::make_unique<FixReader>(*std::move(source), *handler_,
                                          market_.counters, check);
  }
  // All records that were sent up to `end_ns`.
  int64_t PlayUntil(int64_t end_ns = std::numeric_limits<int64_t>::max()) {
    int64_t count = 0;
    for (int64_t event_ns = 0;;) {
      const auto next = reader_->Peek(0, &event_ns);
      if (next == RecordReader::Next::kWaiting) continue;
      if (next != RecordReader::Next::kRecord || event_ns > end_ns) {
        return count;
      }
      reader_->Apply();
      ++count;
    }
  }

  void ExpectPrice(std::string_view code, FieldId field,
                   std::string_view want) {
    SCOPED_TRACE(code);
    const auto id = market_.market.symbols().Find(code);
    ASSERT_TRUE(id.has_value());
    int64_t scaled = 0;
    ASSERT_EQ(
        csv::ParseScaled(want, market_.market.symbols().Get(*id).price_decimals,
                         &scaled),
        csv::Fit::kFits)
        << want;
    EXPECT_EQ(market_.Value(*id, field), scaled) << FieldName(field);
  }

  static std::map<std::string, int64_t> Counts(const element& counts) {
    std::map<std::string, int64_t> all;
    for (const auto& [key, count] : object(counts)) {
      all[std::string(key)] = int64_t(count);
    }
    return all;
  }
  static std::string Text(const element& text) {
    return std::string(std::string_view(text));
  }
  static int64_t TimeNs(const element& text) {
    int64_t ns = 0;
    EXPECT_TRUE(fix::ParseTimestamp(std::string_view(text), &ns));
    return ns;
  }

  TestMarket market_;
  std::unique_ptr<fix::FixHandler> handler_;
  std::unique_ptr<FixReader> reader_;
  element facts_;
  std::string path_;
};

TEST_F(FixGoldenTest, JseMessages) {
  if (!Open("jse_indices.fix50sp2.gz")) {
    GTEST_SKIP() << "no recordings at " << kFolder;
  }
  const auto log = ReadLog();
  EXPECT_EQ(log->messages, int64_t(facts_["total_messages"]));
  EXPECT_EQ(log->types, Counts(facts_["messages_by_type"]));
  EXPECT_EQ(log->garbled, int64_t(facts_["bad_checksums"]));
  EXPECT_EQ(log->bad, 0);
  EXPECT_EQ(log->entries, Counts(facts_["entries_by_type"]));
  std::map<uint64_t, int64_t> per_message;
  for (const auto& [entries, count] : Counts(facts_["entries_per_message"])) {
    per_message[std::stoull(entries)] = count;
  }
  EXPECT_EQ(log->entries_per_message, per_message);
  EXPECT_EQ(static_cast<int64_t>(log->symbols.size()),
            int64_t(facts_["symbols"]));
  EXPECT_EQ(log->appl_id, Text(facts_["appl_id"]));
  EXPECT_EQ(log->first_appl, uint64_t(facts_["appl_seq_first"]));
  EXPECT_EQ(log->last_appl, uint64_t(facts_["appl_seq_last"]));
  EXPECT_EQ(log->sequences.gaps().size(),
            array(facts_["appl_seq_gaps_inclusive"]).size());
  EXPECT_EQ(log->steps_back,
            static_cast<int64_t>(array(facts_["appl_seq_steps_back"]).size()));
  EXPECT_EQ(log->sequences.restarts(), 0);
  std::vector<uint64_t> shared;
  for (const element& number :
       facts_["appl_seq_numbers_carried_by_two_consecutive_messages"]) {
    shared.push_back(uint64_t(number));
  }
  EXPECT_EQ(log->shared, shared);
  EXPECT_EQ(log->first_ns, TimeNs(facts_["sending_time_first"]));
  EXPECT_EQ(log->last_ns, TimeNs(facts_["sending_time_last"]));
  const object symbols = facts_["per_symbol"];
  EXPECT_EQ(symbols.size(), log->symbols.size());
  for (const auto& [code, want] : symbols) {
    SCOPED_TRACE(code);
    const Tally& found = log->symbols[std::string(code)];
    EXPECT_EQ(found.entries, int64_t(want["entries"]));
    EXPECT_EQ(found.index_values, int64_t(want["index_value_updates"]));
    EXPECT_EQ(found.others, Counts(want["other_entry_types"]));
    EXPECT_EQ(found.first, Text(want["first"]));
    EXPECT_EQ(found.last, Text(want["last"]));
    EXPECT_EQ(found.last_time, Text(want["last_entry_time"]));
    EXPECT_EQ(found.high_text, Text(want["high"]));
    EXPECT_EQ(found.low_text, Text(want["low"]));
    EXPECT_EQ(found.last_rpt_seq,
              std::to_string(int64_t(want["last_rpt_seq"])));
  }
}

TEST_F(FixGoldenTest, JseMarket) {
  if (!Open("jse_indices.fix50sp2.gz")) {
    GTEST_SKIP() << "no recordings at " << kFolder;
  }
  StartPlaying();
  EXPECT_EQ(PlayUntil(), int64_t(facts_["total_messages"]));
  EXPECT_EQ(reader_->status(), absl::OkStatus());
  EXPECT_EQ(market_.counters.Get(Metric::kTicksRejected), 0);
  EXPECT_EQ(market_.counters.Get(Metric::kFeedMessagesBad), 0);
  const auto entries = Counts(facts_["entries_by_type"]);
  EXPECT_EQ(handler_->ignored(),
            (fix::Ignored{entries.at("x") + entries.at("y"), 0, 0}));
  const object symbols = facts_["per_symbol"];
  EXPECT_EQ(market_.market.symbols().size(), symbols.size());
  for (const auto& [code, want] : symbols) {
    ExpectPrice(code, FieldId::kOpen, std::string_view(want["first"]));
    ExpectPrice(code, FieldId::kLast, std::string_view(want["last"]));
    ExpectPrice(code, FieldId::kHigh, std::string_view(want["high"]));
    ExpectPrice(code, FieldId::kLow, std::string_view(want["low"]));
  }
}

TEST_F(FixGoldenTest, EurUsdMessages) {
  if (!Open("eurusd_20140505.fix44.log.gz")) {
    GTEST_SKIP() << "no recordings at " << kFolder;
  }
  const auto log = ReadLog();
  EXPECT_EQ(log->types, Counts(facts_["valid_messages_excluding_possdup"]));
  EXPECT_EQ(log->sequences.repeats(), int64_t(facts_["possdup_duplicates"]));
  EXPECT_EQ(log->faults,
            std::vector<fix::Fault>(
                size_t(uint64_t(facts_["garbled_messages_bad_checksum"])),
                fix::Fault::kBadCheckSum));
  EXPECT_EQ(log->bad, 0);
  EXPECT_EQ(log->messages + log->sequences.repeats() + log->garbled,
            int64_t(facts_["lines"]));
  EXPECT_EQ(log->first_seq, uint64_t(facts_["msg_seq_first"]));
  EXPECT_EQ(log->last_seq, uint64_t(facts_["msg_seq_last"]));
  std::vector<std::pair<uint64_t, uint64_t>> found, want;
  for (const fix::Gap& gap : log->sequences.gaps()) {
    found.emplace_back(gap.first, gap.last);
  }
  for (const element& gap : facts_["sequence_gaps_inclusive"]) {
    want.emplace_back(uint64_t(gap.at(0)), uint64_t(gap.at(1)));
  }
  EXPECT_EQ(found, want);
  EXPECT_EQ(log->priced_entries, int64_t(facts_["md_entries_applied"]));
  EXPECT_EQ(log->symbols.size(), 1u);
  EXPECT_EQ(log->symbols.count(Text(facts_["symbol"])), 1u);
  EXPECT_EQ(log->first_ns, TimeNs(facts_["first_sending_time"]));
  EXPECT_EQ(log->last_ns, TimeNs(facts_["last_sending_time"]));
}

TEST_F(FixGoldenTest, EurUsdMarket) {
  if (!Open("eurusd_20140505.fix44.log.gz")) {
    GTEST_SKIP() << "no recordings at " << kFolder;
  }
  StartPlaying();
  const std::string code = Text(facts_["symbol"]);
  const auto expect_quote = [&](const element& quote) {
    ExpectPrice(code, FieldId::kBid, std::string_view(quote["bid"]));
    ExpectPrice(code, FieldId::kAsk, std::string_view(quote["ask"]));
    const SymbolId id = *market_.market.symbols().Find(code);
    EXPECT_EQ(market_.Value(id, FieldId::kBid2), kEmpty);
    EXPECT_EQ(market_.Value(id, FieldId::kBidSize), kEmpty);
  };
  int64_t messages = 0;
  for (const element& quote : facts_["quote_at"]) {
    messages += PlayUntil(TimeNs(quote["sending_time_le"]));
    expect_quote(quote);
  }
  messages += PlayUntil();
  expect_quote(facts_["final_quote"]);
  int64_t valid = 0;
  for (const auto& [type, count] :
       Counts(facts_["valid_messages_excluding_possdup"])) {
    valid += count;
  }
  EXPECT_EQ(messages, valid);
  EXPECT_EQ(reader_->left_out(),
            int64_t(facts_["garbled_messages_bad_checksum"]));
  EXPECT_EQ(reader_->entries_left_out(), 0);
  EXPECT_EQ(handler_->ignored(), fix::Ignored());
  EXPECT_EQ(market_.market.symbols().Get(0).price_decimals, 5);
  // It says what is lost.
  const std::string status(reader_->status().message());
  EXPECT_NE(status.find("missing: 777, 1500-1502, 3100, 4242"),
            std::string::npos)
      << status;
}

TEST_F(FixGoldenTest, LuxorIsRefusedUnlessLeniencyIsAskedFor) {
  if (!Open("luxor_example.fix44.log")) {
    GTEST_SKIP() << "no recordings at " << kFolder;
  }
  const auto strict = ReadLog();
  EXPECT_EQ(strict->garbled, int64_t(facts_["bad_checksums_or_lengths"]));
  EXPECT_EQ(strict->messages, 0);
  const auto lenient = ReadLog(fix::Check::kLenient);
  EXPECT_EQ(lenient->garbled, 0);
  EXPECT_EQ(lenient->messages, int64_t(facts_["total_messages"]));
  EXPECT_EQ(lenient->types, Counts(facts_["messages_by_type"]));

  StartPlaying(fix::Check::kLenient);
  EXPECT_EQ(PlayUntil(), int64_t(facts_["total_messages"]));
  EXPECT_EQ(reader_->left_out(), 0);
  for (const element& quote : facts_["quotes"]) {
    const std::string code = Text(quote["symbol"]);
    std::string type;
    const auto id = market_.market.symbols().Find(code);
    ASSERT_TRUE(id.has_value()) << code;
    for (const element& field : quote["md"]) {
      const std::string tag = Text(field.at(0));
      const std::string_view value(field.at(1));
      const bool bid = type == "0";
      if (tag == "269") type = std::string(value);
      if (tag == "270") {
        ExpectPrice(code, bid ? FieldId::kBid : FieldId::kAsk, value);
      }
      if (tag == "271") {
        EXPECT_EQ(
            market_.Value(*id, bid ? FieldId::kBidSize : FieldId::kAskSize),
            std::stoll(std::string(value)));
      }
    }
    // Its session is open, by the one h.
    EXPECT_EQ(market_.Value(*id, FieldId::kTrading), PackText("open"));
  }
}

}  // namespace
}  // namespace streamhub
