// The records of ITCH 5.0 in what a SoupBinTCP server sent, recorded as it
// came, handed to an ItchHandler.
//
// - A record is a sequenced message; its time is ITCH's own.
// - Messages that a later login left out, and messages that ITCH does not
//   have, do not end a replay: the first of the latter is logged, a sum at the
//   end, and status() tells; the end is kEnd nevertheless.
// - A damaged stream ends it, as everywhere: what came before is played.
// - A stream that holds no sequenced message is damaged.

#ifndef STREAMHUB_FEEDS_REPLAY_ITCH_SOUP_READER_H_
#define STREAMHUB_FEEDS_REPLAY_ITCH_SOUP_READER_H_

#include <memory>
#include <string_view>

#include "feeds/itch/itch_handler.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/itch_records.h"
#include "feeds/replay/record_reader.h"
#include "feeds/soup/stream_reader.h"
#include "gateway/base/counters.h"

namespace streamhub {

class ItchSoupReader final : public RecordReader {
 public:
  // `handler` and `counters` outlive this. The messages' day began at
  // `midnight_ns`, since 1970 UTC.
  ItchSoupReader(std::unique_ptr<ByteSource> source, itch::ItchHandler& handler,
                 Counters& counters, int64_t midnight_ns);

  Next Peek(int wait_ms_max, int64_t* event_ns) override;
  void Apply() override;
  absl::Status status() const override;
  const GapList* gaps() const override { return &stream_.gaps(); }
  int64_t messages() const override { return records_.messages(); }
  void TellFindings(Findings* findings) const override;
  int64_t bytes_read() const override { return source_->bytes_read(); }
  int64_t bytes_total() const override { return source_->bytes_total(); }

  // For who inspects a recording.
  const soup::StreamReader& stream() const { return stream_; }
  int64_t left_out() const { return records_.left_out(); }  // messages

 private:
  Next End();
  Next Fail(std::string_view what);

  const std::unique_ptr<ByteSource> source_;
  Counters& counters_;
  ItchRecords records_;
  soup::StreamReader stream_;
  bool ended_ = false;
  absl::Status failed_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_ITCH_SOUP_READER_H_
