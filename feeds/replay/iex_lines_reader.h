// The segments of IEX TOPS 1.6 or DEEP 1.0 that several captures of one stream
// hold, each of them a line (A and B of the venue's, a primary and a backup):
// the first copy of each message is played, and lost is only what no line has.
//
// - The captures are merged by the times of their packets, so their clocks must
//   agree. A segment that comes too early is held until those before it are
//   there, by whatever line, or more than kWindow came since: then what is
//   missing is given up, and what has it after that comes too late.
// - One stream is played, the first; runs and sessions are told as
//   iex/sequence_tracker.h tells them. With a run all that is held is over.
// - lines() tells what each of them brought first, and missed (line_marks.h).
// - A capture that is damaged, or holds no segment, is a line that is silent
//   from there on: logged, and told by status(). If all are, it is the end of a
//   replay as of a single capture: kFailed.

#ifndef STREAMHUB_FEEDS_REPLAY_IEX_LINES_READER_H_
#define STREAMHUB_FEEDS_REPLAY_IEX_LINES_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/iex/iex_handler.h"
#include "feeds/iex/receiver.h"
#include "feeds/iex/segment.h"
#include "feeds/line_marks.h"
#include "feeds/packets/capture_reader.h"
#include "feeds/packets/datagram.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/record_reader.h"
#include "gateway/base/counters.h"

namespace streamhub {

class IexLinesReader final : public RecordReader {
 public:
  // How long a missing message is waited for: so many segments of all lines, or
  // bytes that are held. A recording waits for no one, so it may be large.
  struct Window {
    size_t segments = 4096;
    size_t bytes = 16 << 20;
  };

  // At least one source; `handler` and `counters` outlive this. A line that is
  // silent for `silent_ns` is down.
  IexLinesReader(std::vector<std::unique_ptr<ByteSource>> sources,
                 iex::IexHandler& handler, Counters& counters,
                 int64_t silent_ns, const Window& window);
  IexLinesReader(std::vector<std::unique_ptr<ByteSource>> sources,
                 iex::IexHandler& handler, Counters& counters,
                 int64_t silent_ns)
      : IexLinesReader(std::move(sources), handler, counters, silent_ns,
                       Window()) {}

  Next Peek(int wait_ms_max, int64_t* event_ns) override;
  void Apply() override;
  absl::Status status() const override;
  const GapList* gaps() const override {
    return &receiver_.sequence().gap_list();
  }
  const LineMarks* lines() const override { return &marks_; }
  int64_t messages() const override {
    return receiver_.sequence().counts().messages;
  }
  int64_t bytes_read() const override;   // of all
  int64_t bytes_total() const override;  // likewise; 0: one is not known

  const iex::Receiver& receiver() const { return receiver_; }

 private:
  // A copy of a segment.
  struct Held {
    iex::SegmentHead head;
    int64_t message_ns = 0;  // of its first message
    int64_t captured_ns = 0;
    uint64_t arrival = 0;  // what heard_ was
    std::vector<uint8_t> payload;
  };
  struct Line {
    std::unique_ptr<ByteSource> source;
    packets::CaptureReader capture;
    packets::ParsedCounts counts;
    int64_t not_iex = 0;  // datagrams
    // Its next segment, if there is one; in the capture's memory.
    bool has_segment = false;
    std::span<const uint8_t> payload;
    iex::Segment segment;
    int64_t captured_ns = 0;
    bool joined = false;  // it had a segment of the stream
    bool over = false;    // no packet follows
    absl::Status damage;  // why
  };

  bool FillHeads(int wait_ms_max);
  bool FillHead(Line& line, int wait_ms_max, int* packets_left);
  void TakePacket(Line& line, const packets::Packet& packet);
  void TakeEarliest();
  void Mark(size_t line, const Held& segment, bool begins);
  void Hold();
  bool GiveOutHeld();
  void PassOverCopy();
  bool Overdue() const;
  void LeaveOut(const std::string& name, std::string_view fault);
  void EndLine(Line& line, const absl::Status& damage);
  Next End();

  const std::string name_;  // of all
  iex::IexHandler& handler_;
  Counters& counters_;
  const Window window_;
  std::vector<std::unique_ptr<Line>> lines_;
  iex::Receiver receiver_;
  LineMarks marks_;

  bool has_record_ = false;
  Held record_;              // to be applied
  bool has_next_ = false;    // it begins a run: first comes what is held
  Held next_;                // then
  std::vector<Held> held_;   // by their first number, the last one first
  std::vector<Held> spare_;  // their memory
  size_t held_bytes_ = 0;
  uint64_t heard_ = 0;  // segments, of all lines
  int64_t bad_ = 0;     // segments, or with bad messages
  std::string first_fault_;
  bool gap_told_ = false;
  bool over_ = false;   // no segment follows
  bool ended_ = false;  // nor is one held: it was told
  absl::Status failed_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_IEX_LINES_READER_H_
