// Tick logs over any bytes: no crash; every fault has a reason; a log comes out
// the same in pieces of any size; what is whole is played into a market, and
// what was read, written again, is read the same. The first byte says how the
// rest is taken: as a log; as the records of a block, which their checksum
// would keep a fuzzer from; as an index.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/publisher.h"
#include "feeds/ticklog/block_codec.h"
#include "feeds/ticklog/log_index.h"
#include "feeds/ticklog/log_reader.h"
#include "feeds/ticklog/log_writer.h"
#include "feeds/ticklog/ticklog_handler.h"
#include "gateway/base/check.h"
#include "gateway/base/clock.h"
#include "gateway/market/market.h"

namespace {

using namespace streamhub;           // NOLINT: a program of one file
using namespace streamhub::ticklog;  // NOLINT

constexpr size_t kSymbolsMax = 8;

struct Rim {
  Rim() : publisher(market, AddFeed(), counters, SystemClock(), 4) {}

  FeedId AddFeed() {
    FeedInfo info;
    info.name = "replay";
    return market.AddFeed(info);
  }

  Market market{"live", kSymbolsMax, 1};
  Counters counters;
  Publisher publisher;
};

// Writes what is read into another log, and plays it.
class Copy {
 public:
  Copy()
      : writer_(
            [this](std::string_view piece) {
              bytes += piece;
              return absl::OkStatus();
            },
            {.block_bytes = 300, .level = 1}),
        handler_(rim_.publisher),
        log_(handler_.Open()) {}

  // How it ended.
  LogReader::Next Read(std::string_view input, size_t piece) {
    for (;;) {
      TickRecord record;
      const LogReader::Next next = reader_.Read(&record);
      if (next == LogReader::Next::kRecord) {
        Write(record);
        rim_.publisher.BeginBatch();
        handler_.Apply(log_, record);
        rim_.publisher.EndBatch();
      } else if (next != LogReader::Next::kNeedMore) {
        STREAMHUB_CHECK(next == LogReader::Next::kEnd ||
                        !reader_.status().message().empty());
        static_cast<void>(writer_.Close());
        STREAMHUB_CHECK(writer_.left_out() == 0);
        return next;
      } else if (input.empty()) {
        reader_.Finish();
      } else {
        const std::span<uint8_t> room = reader_.Room();
        const size_t count = std::min({room.size(), input.size(), piece});
        std::copy_n(input.begin(), count, room.begin());
        reader_.Filled(count);
        input.remove_prefix(count);
      }
    }
  }

  const LogReader& reader() const { return reader_; }

  std::string bytes;

 private:
  void Write(const TickRecord& r) {
    if (r.kind == TickRecord::Kind::kSymbol) {
      // The writer wants layouts that outlive it.
      const Layout* const layout = LastingLayoutOf(*r.info->layout);
      SymbolInfo info = *r.info;
      info.layout = layout;
      // Numbers of a log are small, and those of a fuzzer any.
      numbers_.try_emplace(r.number, static_cast<uint32_t>(numbers_.size()));
      writer_.Symbol(numbers_[r.number], info, r.feed);
      return;
    }
    const uint32_t number =
        numbers_.contains(r.number) ? numbers_[r.number] : 0;
    switch (r.kind) {
      case TickRecord::Kind::kSymbol:
        break;
      case TickRecord::Kind::kTick:
        writer_.Tick(number, r.values, r.time_ns, r.event_ns);
        break;
      case TickRecord::Kind::kRefresh:
        writer_.Refresh(number, r.values, r.time_ns, r.event_ns);
        break;
      case TickRecord::Kind::kTrade:
        writer_.Trade(number, r.trade, r.time_ns, r.event_ns);
        break;
      case TickRecord::Kind::kEpoch:
        writer_.Epoch(r.epoch, r.time_ns);
        break;
      case TickRecord::Kind::kStatus:
        writer_.Status(r.feed, r.status, r.time_ns);
        break;
      case TickRecord::Kind::kGap:
        writer_.Gap(r.lost, r.from_ns, r.time_ns);
        break;
      case TickRecord::Kind::kSent:
        writer_.Sent(r.sent);
        break;
    }
  }

  const Layout* LastingLayoutOf(const Layout& layout) {
    std::vector<FieldId> fields;
    for (int i = 0; i < layout.size(); ++i) fields.push_back(layout.field(i));
    return &layouts_.try_emplace(fields, fields).first->second;
  }

  std::map<std::vector<FieldId>, Layout> layouts_;
  std::map<uint32_t, uint32_t> numbers_;
  LogReader reader_;
  LogWriter writer_;
  Rim rim_;
  TickLogHandler handler_;
  const TickLogHandler::LogId log_;
};

std::string Encoded(auto bytes) { return {bytes.begin(), bytes.end()}; }

// A log of one block.
std::string LogOf(std::string_view plain) {
  std::string_view block;
  BlockPacker packer(1);
  STREAMHUB_CHECK(packer.Pack(plain, {.records = 3}, &block).ok());
  return Encoded(EncodeFileHead()) + std::string(block);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const uint8_t how = data[0];
  // A copy of just that size: the sanitizer sees any byte read beyond it.
  const std::vector<char> rest(data + 1, data + size);
  const std::string_view input(rest.data(), rest.size());
  if (how % 4 == 3) {
    std::vector<uint64_t> aligned((input.size() + 7) / 8);
    std::copy(input.begin(), input.end(),
              reinterpret_cast<char*>(aligned.data()));
    const auto index = DecodeIndex(
        {reinterpret_cast<const char*>(aligned.data()), input.size()});
    STREAMHUB_CHECK(index.ok() || !index.status().message().empty());
    return 0;
  }
  const std::string log = how % 4 == 1 ? LogOf(input) : std::string(input);
  Copy whole, pieces;
  const LogReader::Next next = whole.Read(log, log.size() + 1);
  STREAMHUB_CHECK(pieces.Read(log, 1 + how / 4) == next);
  STREAMHUB_CHECK(pieces.bytes == whole.bytes);
  STREAMHUB_CHECK(pieces.reader().status() == whole.reader().status());
  Copy again;
  STREAMHUB_CHECK(again.Read(whole.bytes, 1 << 20) == LogReader::Next::kEnd);
  STREAMHUB_CHECK(again.reader().status().ok() && again.reader().closed());
  STREAMHUB_CHECK(again.bytes == whole.bytes);
  return 0;
}
