// TickRecordReader over any bytes: no crash, every refusal has a reason, and
// what was read, written again and read again, is the same.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/tick_record.h"
#include "gateway/base/check.h"

namespace {

using namespace streamhub;  // NOLINT: a program of one file

// Reads records and writes them again.
class Copy {
 public:
  bool Read(std::string_view input) {
    reader_.Begin(input);
    TickRecord record;
    for (;;) {
      switch (reader_.Read(&record)) {
        case TickRecordReader::Next::kRecord:
          Write(record);
          break;
        case TickRecordReader::Next::kEnd:
          STREAMHUB_CHECK(reader_.offset() <= input.size());
          writer_.Flush(&bytes);
          return reader_.offset() == input.size();
        case TickRecordReader::Next::kWrong:
          STREAMHUB_CHECK(!reader_.status().message().empty());
          writer_.Flush(&bytes);
          return false;
      }
    }
  }

  std::string bytes;

 private:
  void Write(const TickRecord& r) {
    switch (r.kind) {
      case TickRecord::Kind::kSymbol:
        layouts_[r.number] = r.info->layout;
        writer_.Symbol(r.number, *r.info, r.feed, &bytes);
        break;
      case TickRecord::Kind::kTick:
      case TickRecord::Kind::kRefresh:
        WriteValues(r);
        break;
      case TickRecord::Kind::kTrade:
        STREAMHUB_CHECK(layouts_.contains(r.number));
        writer_.Trade(r.number, r.trade, r.time_ns, r.event_ns, &bytes);
        break;
      case TickRecord::Kind::kEpoch:
        writer_.Epoch(r.epoch, r.time_ns, &bytes);
        break;
      case TickRecord::Kind::kStatus:
        writer_.Status(r.feed, r.status, r.time_ns, &bytes);
        break;
      case TickRecord::Kind::kGap:
        writer_.Gap(r.lost, r.from_ns, r.time_ns, &bytes);
        break;
      case TickRecord::Kind::kSent:
        writer_.Sent(r.sent, &bytes);
        break;
    }
  }

  void WriteValues(const TickRecord& r) {
    const Layout* const layout = layouts_.at(r.number);
    for (const FieldValue& v : r.values) {
      STREAMHUB_CHECK(layout->PositionOf(v.field) >= 0);
    }
    if (r.kind == TickRecord::Kind::kTick) {
      writer_.Tick(r.number, *layout, r.values, r.time_ns, r.event_ns, &bytes);
    } else {
      writer_.Refresh(r.number, *layout, r.values, r.time_ns, r.event_ns,
                      &bytes);
    }
  }

  TickRecordReader reader_;
  TickRecordWriter writer_;
  std::map<uint32_t, const Layout*> layouts_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A copy of just that size: the sanitizer sees any byte read beyond it.
  const std::vector<char> input(data, data + size);
  Copy first;
  first.Read({input.data(), input.size()});
  Copy second;
  STREAMHUB_CHECK(second.Read(first.bytes));
  STREAMHUB_CHECK(second.bytes == first.bytes);
  return 0;
}
