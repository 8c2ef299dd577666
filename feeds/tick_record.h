// Tick records (schemas/tick.fbs): what a feed brought, in the form that tick
// logs keep and gateways tell each other. Pure; any thread.
//
// Records stand behind one another, each a size-prefixed FlatBuffer that begins
// at a multiple of 8 bytes. Ticks and trades come in batches, many to a
// FlatBuffer, and are told one by one. Bytes from outside may be anything: they
// are verified, and what is wrong is named.
//
// Times are in ns since 1970 UTC; an event's is 0 if the venue tells none.

#ifndef STREAMHUB_FEEDS_TICK_RECORD_H_
#define STREAMHUB_FEEDS_TICK_RECORD_H_

#include <absl/status/status.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "feeds/field_value.h"
#include "feeds/tape.h"
#include "gateway/market/feed_board.h"
#include "gateway/market/layout.h"
#include "gateway/market/symbol.h"

namespace streamhub {

// No FlatBuffer of a writer is larger: a batch is cut before it is.
inline constexpr size_t kTickRecordBytesMax = 1 << 20;

// What one session was sent.
struct SentRecord {
  // Of one record; what is longer is cut, which the record tells.
  static constexpr size_t kBytesMax = kTickRecordBytesMax / 2;

  uint64_t session = 0;
  std::string_view transport = {}, encoding = {};
  int64_t time_ns = 0;
  uint64_t batch = 0;            // which of the session's
  std::string_view symbol = {};  // empty: the whole batch
  std::string_view bytes = {};
  uint64_t cut = 0;  // of a reader: so many more bytes were sent
};

// One of them, as it is read: what its kind does not name means nothing. What
// it points to is there until the next is read; `info->layout`, as long as the
// reader.
struct TickRecord {
  enum class Kind : uint8_t {
    kSymbol,   // number, info, feed: new, or described anew
    kTick,     // number, values, time, event
    kRefresh,  // as kTick: all of the symbol's state where a log begins
    kTrade,    // number, trade, time, event
    kEpoch,    // epoch, time: a new run of the market
    kStatus,   // feed, status, time
    kGap,      // lost records, from `from_ns` to `time_ns`
    kSent,     // sent, time
  };

  Kind kind = Kind::kTick;
  FeedStatus status = FeedStatus::kDown;
  uint32_t number = 0;   // of the symbol
  int64_t time_ns = 0;   // when it was received; 0 of kSymbol
  int64_t event_ns = 0;  // the venue's time
  std::span<const FieldValue> values = {};
  TradeReport trade = {};
  const SymbolInfo* info = nullptr;  // without its feed
  std::string_view feed = {};
  uint64_t epoch = 0;
  uint64_t lost = 0;
  int64_t from_ns = 0;
  SentRecord sent = {};
};

// Appends records to a buffer, always the same one. One thread. Ticks and
// trades are held back until their batch is full, another record comes, or
// Flush().
class TickRecordWriter {
 public:
  TickRecordWriter();
  ~TickRecordWriter();

  // A symbol must be told before its first tick. `number` is the writer's own.
  // Texts that are not UTF-8, or longer than 1 KB, are left out, here and
  // below.
  void Symbol(uint32_t number, const SymbolInfo& info, std::string_view feed,
              std::string* out);

  // `values` are fields of the symbol's layout; others are left out, and of
  // one that is there twice the last counts.
  void Tick(uint32_t number, const Layout& layout,
            std::span<const FieldValue> values, int64_t received_ns,
            int64_t event_ns, std::string* out) {
    Add(false, number, layout, values, received_ns, event_ns, out);
  }

  // All fields of the symbol that are not empty, where a log begins: it can be
  // read alone. It is not a tick.
  void Refresh(uint32_t number, const Layout& layout,
               std::span<const FieldValue> values, int64_t received_ns,
               int64_t event_ns, std::string* out) {
    Add(true, number, layout, values, received_ns, event_ns, out);
  }

  void Trade(uint32_t number, const TradeReport& trade, int64_t received_ns,
             int64_t event_ns, std::string* out);

  void Epoch(uint64_t epoch, int64_t time_ns, std::string* out);
  void Status(std::string_view feed, FeedStatus status, int64_t time_ns,
              std::string* out);

  // Records from `from_ns` to `to_ns` that could not be kept.
  void Gap(uint64_t records, int64_t from_ns, int64_t to_ns, std::string* out);

  void Sent(const SentRecord& sent, std::string* out);

  // Appends what is held back.
  void Flush(std::string* out);

  // About the size of what is held back.
  size_t held_bytes() const;

 private:
  struct Parts;
  void Add(bool refresh, uint32_t number, const Layout& layout,
           std::span<const FieldValue> values, int64_t received_ns,
           int64_t event_ns, std::string* out);

  const std::unique_ptr<Parts> parts_;
};

// Reads records, one at a time. One thread. Fields that this version does not
// know are left out and counted, and so are records of an unknown kind.
class TickRecordReader {
 public:
  TickRecordReader();
  ~TickRecordReader();

  // Goes on with these bytes, which begin with a record and stay where they
  // are until others do. What is known of symbols stays.
  void Begin(std::string_view bytes);

  enum class Next {
    kRecord,
    kEnd,    // no whole record follows: see offset()
    kWrong,  // see status(); nothing more is read of these bytes
  };
  Next Read(TickRecord* record);

  // How many of the bytes are whole FlatBuffers that were begun.
  size_t offset() const { return offset_; }

  // After kWrong: InvalidArgument, what is wrong with a record and at which of
  // the bytes it begins.
  const absl::Status& status() const { return status_; }

  // From now on records of symbols that were not told are no fault, but left
  // out and counted: what told them is lost.
  void PassOverUnknownSymbols() { passes_over_ = true; }

  uint64_t unknown_records() const { return unknown_records_; }
  uint64_t unknown_fields() const { return unknown_fields_; }
  uint64_t unknown_symbols() const { return unknown_symbols_; }

 private:
  struct Known;
  struct Batch;
  class Decoding;

  Next Wrong(std::string_view what, size_t at);

  const std::unique_ptr<Known> known_;
  const std::unique_ptr<Batch> batch_;  // at hand
  std::string_view bytes_;
  size_t offset_ = 0;
  bool passes_over_ = false;
  absl::Status status_;
  uint64_t unknown_records_ = 0, unknown_fields_ = 0, unknown_symbols_ = 0;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_TICK_RECORD_H_
