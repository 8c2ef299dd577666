// The records of ITCH 5.0 over MoldUDP64 that several captures of one stream
// hold, each of them a line (A and B of the venue's, a primary and a backup):
// the first copy of each message is played, and lost is only what no line has.
//
// - The captures are merged by the times of their packets, so their clocks must
//   agree: a line may be behind by kWindow, after which what only it has comes
//   too late.
// - One stream is played, as in itch_mold_reader.h: the session that the first
//   MoldUDP64 packet names. Another one takes over on any line that had the one
//   before, where that was sent, or once it ended. What slower lines still say
//   of the session before is left out.
// - lines() tells what each of them brought first, and missed (line_marks.h).
// - A capture that is damaged, or holds no MoldUDP64 packet, is a line that is
//   silent from there on: logged, and told by status(). If all are, it is the
//   end of a replay as of a single capture: kFailed.

#ifndef STREAMHUB_FEEDS_REPLAY_ITCH_LINES_READER_H_
#define STREAMHUB_FEEDS_REPLAY_ITCH_LINES_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "feeds/itch/itch_handler.h"
#include "feeds/line_marks.h"
#include "feeds/mold/session_tracker.h"
#include "feeds/packets/capture_reader.h"
#include "feeds/packets/datagram.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/itch_records.h"
#include "feeds/replay/record_reader.h"
#include "gateway/base/counters.h"

namespace streamhub {

class ItchLinesReader final : public RecordReader {
 public:
  // Of all lines. A recording waits for no one, so it may be large.
  static constexpr mold::SessionTracker::Window kWindow = {4096, 16 << 20};

  // At least one source; `handler` and `counters` outlive this. The messages'
  // day began at `midnight_ns`, since 1970 UTC. A line that is silent for
  // `silent_ns` is down.
  ItchLinesReader(std::vector<std::unique_ptr<ByteSource>> sources,
                  itch::ItchHandler& handler, Counters& counters,
                  int64_t midnight_ns, int64_t silent_ns,
                  const mold::SessionTracker::Window& window = kWindow);

  Next Peek(int wait_ms_max, int64_t* event_ns) override;
  void Apply() override;
  absl::Status status() const override;
  const GapList* gaps() const override { return &tracker_.gaps(); }
  const LineMarks* lines() const override { return &marks_; }
  int64_t bytes_read() const override;   // of all
  int64_t bytes_total() const override;  // likewise; 0: one is not known

  const mold::SessionTracker& tracker() const { return tracker_; }
  int64_t other_streams() const { return other_streams_; }  // packets

 private:
  struct Line {
    std::unique_ptr<ByteSource> source;
    packets::CaptureReader capture;
    packets::ParsedCounts counts;
    int64_t not_mold = 0;  // datagrams
    // Its next packet, if there is one; in the capture's memory.
    bool has_packet = false;
    mold::Packet packet;
    packets::Endpoint destination;
    int64_t time_ns = 0;
    // Where its packets of the stream go.
    bool joined = false;
    packets::Endpoint home;
    bool over = false;    // no packet follows
    absl::Status damage;  // why
  };

  bool FillHeads(int wait_ms_max);
  bool FillHead(Line& line, int wait_ms_max, int* packets_left);
  void TakePacket(Line& line, const packets::Packet& packet);
  void TakeEarliest();
  bool IsOurs(Line& line);
  void EndLine(Line& line, const absl::Status& damage);
  Next End();

  Counters& counters_;
  std::vector<std::unique_ptr<Line>> lines_;
  ItchRecords records_;
  mold::SessionTracker tracker_;
  LineMarks marks_;
  mold::Session left_ = {};  // the session before
  int64_t other_streams_ = 0;
  bool gap_told_ = false;
  bool over_ = false;   // no packet follows
  bool ended_ = false;  // nor a message: it was told
  absl::Status failed_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_ITCH_LINES_READER_H_
