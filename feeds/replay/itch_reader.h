// The records of an ITCH 5.0 BinaryFILE, handed to an ItchHandler.

#ifndef STREAMHUB_FEEDS_REPLAY_ITCH_READER_H_
#define STREAMHUB_FEEDS_REPLAY_ITCH_READER_H_

#include <memory>
#include <string_view>

#include "feeds/itch/framing.h"
#include "feeds/itch/itch_handler.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/itch_records.h"
#include "feeds/replay/record_reader.h"
#include "gateway/base/counters.h"

namespace streamhub {

class ItchReader final : public RecordReader {
 public:
  // `handler` and `counters` outlive this. The file's day began at
  // `midnight_ns`, since 1970 UTC. Messages of a type that ITCH 5.0 does not
  // have are counted as bad, the first one is logged, and left out.
  ItchReader(std::unique_ptr<ByteSource> source, itch::ItchHandler& handler,
             Counters& counters, int64_t midnight_ns);

  Next Peek(int wait_ms_max, int64_t* event_ns) override;
  void Apply() override;
  absl::Status status() const override { return status_; }
  int64_t messages() const override { return records_.messages(); }
  void TellFindings(Findings* findings) const override;
  int64_t bytes_read() const override { return source_->bytes_read(); }
  int64_t bytes_total() const override { return source_->bytes_total(); }

 private:
  Next Fail(std::string_view what);

  const std::unique_ptr<ByteSource> source_;
  Counters& counters_;
  ItchRecords records_;
  itch::FrameReader frames_;
  absl::Status status_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_ITCH_READER_H_
