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

// Writes what it is told as records again.
class Copy final : public TickRecordHandler {
 public:
  void OnSymbol(uint32_t number, const SymbolInfo& info) override {
    layouts_[number] = info.layout;
    writer_.Symbol(number, info, &bytes);
  }
  void OnTick(uint32_t number, std::span<const FieldValue> values,
              int64_t received_ns, int64_t event_ns) override {
    const Layout* const layout = layouts_.at(number);
    for (const FieldValue& v : values) {
      STREAMHUB_CHECK(layout->PositionOf(v.field) >= 0);
    }
    writer_.Tick(number, *layout, values, received_ns, event_ns, &bytes);
  }
  void OnEpoch(uint64_t epoch) override { writer_.Epoch(epoch, &bytes); }
  void OnStatus(FeedStatus status, int64_t time_ns) override {
    writer_.Status(status, time_ns, &bytes);
  }
  void OnGap(uint64_t records, int64_t from_ns, int64_t to_ns) override {
    writer_.Gap(records, from_ns, to_ns, &bytes);
  }

  std::string bytes;

 private:
  TickRecordWriter writer_;
  std::map<uint32_t, const Layout*> layouts_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A copy of just that size: the sanitizer sees any byte read beyond it.
  const std::vector<char> input(data, data + size);
  Copy first;
  TickRecordReader reader(first);
  const auto read = reader.Read({input.data(), input.size()});
  if (read.ok()) {
    STREAMHUB_CHECK(*read <= size);
  } else {
    STREAMHUB_CHECK(!read.status().message().empty());
  }
  Copy second;
  TickRecordReader again(second);
  const auto all = again.Read(first.bytes);
  STREAMHUB_CHECK(all.ok() && *all == first.bytes.size());
  STREAMHUB_CHECK(second.bytes == first.bytes);
  return 0;
}
