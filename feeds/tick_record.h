// Tick records (schemas/tick.fbs): what a feed brought, in the form that tick
// logs keep and gateways tell each other. Pure; any thread.
//
// Records stand behind one another, each a size-prefixed FlatBuffer that begins
// at a multiple of 8 bytes. Bytes from outside may be anything: they are
// verified, and what is wrong is named.

#ifndef STREAMHUB_FEEDS_TICK_RECORD_H_
#define STREAMHUB_FEEDS_TICK_RECORD_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/publisher.h"
#include "gateway/market/feed_board.h"
#include "gateway/market/symbol.h"

namespace streamhub {

// A symbol's record with 64 fields has about 3 KB.
inline constexpr size_t kTickRecordBytesMax = 64 * 1024;

// Appends records to a buffer. One thread.
class TickRecordWriter {
 public:
  TickRecordWriter();
  ~TickRecordWriter();

  // A symbol must be told before its first tick. `number` is the writer's own.
  void Symbol(uint32_t number, const SymbolInfo& info, std::string* out);

  // `values` are fields of the symbol's layout, each at most once. Times in ns
  // since 1970 UTC; `event_ns` 0 if the venue tells none.
  void Tick(uint32_t number, const Layout& layout,
            std::span<const FieldValue> values, int64_t received_ns,
            int64_t event_ns, std::string* out);

  void Epoch(uint64_t epoch, std::string* out);
  void Status(FeedStatus status, int64_t time_ns, std::string* out);

  // Records from `from_ns` to `to_ns` that could not be kept.
  void Gap(uint64_t records, int64_t from_ns, int64_t to_ns, std::string* out);

 private:
  struct Parts;
  const std::unique_ptr<Parts> parts_;
};

// What a reader of tick records is told, in their order.
class TickRecordHandler {
 public:
  virtual ~TickRecordHandler() = default;
  // `info` has no feed; `info.layout` lives as long as the reader. The symbol
  // is new, or its description changed.
  virtual void OnSymbol(uint32_t number, const SymbolInfo& info) = 0;
  // `values` are valid during the call.
  virtual void OnTick(uint32_t number, std::span<const FieldValue> values,
                      int64_t received_ns, int64_t event_ns) = 0;
  virtual void OnEpoch(uint64_t epoch) = 0;
  virtual void OnStatus(FeedStatus status, int64_t time_ns) = 0;
  virtual void OnGap(uint64_t records, int64_t from_ns, int64_t to_ns) = 0;
};

// Reads records. One thread. Fields that this version does not know are left
// out and counted, and so are records of an unknown kind.
class TickRecordReader {
 public:
  explicit TickRecordReader(TickRecordHandler& handler);
  ~TickRecordReader();

  // Hands on the records that are whole and returns how many bytes they are:
  // the rest is the begin of the next one. InvalidArgument names what is wrong
  // with a record, and its place in `bytes`; what stood before it was handed
  // on.
  absl::StatusOr<size_t> Read(std::string_view bytes);

  uint64_t unknown_records() const { return unknown_records_; }
  uint64_t unknown_fields() const { return unknown_fields_; }

 private:
  struct Known;
  class Record;

  TickRecordHandler& handler_;
  std::unique_ptr<Known> known_;
  std::string record_;  // at hand
  uint64_t unknown_records_ = 0, unknown_fields_ = 0;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_TICK_RECORD_H_
