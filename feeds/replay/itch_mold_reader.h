// The records of ITCH 5.0 over MoldUDP64 in a capture of packets (pcap or
// pcapng), handed to an ItchHandler in the order of their numbers.
//
// - A record's time is ITCH's own, the venue's; the time at which a packet was
//   captured is not looked at, which is later, and of another clock.
// - One stream is played: the session that the first MoldUDP64 packet names,
//   wherever its packets were sent, so that a capture of both lines A and B
//   (or of retransmissions) fills the gaps of one from the other. Another
//   session takes over where the one before was sent, or once that one ended;
//   packets of others beside it are counted and left out.
// - Lost messages, and messages that ITCH does not have, do not end a replay:
//   the first of each is logged, a sum at the end, and status() tells. Then
//   the end is kEnd nevertheless, as for a file that cannot be better.
// - Damage of the capture ends it, as everywhere: what came before is played.
// - A capture without any MoldUDP64 packet is damaged.

#ifndef STREAMHUB_FEEDS_REPLAY_ITCH_MOLD_READER_H_
#define STREAMHUB_FEEDS_REPLAY_ITCH_MOLD_READER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "feeds/itch/itch_handler.h"
#include "feeds/mold/session_tracker.h"
#include "feeds/packets/capture_reader.h"
#include "feeds/packets/datagram.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/itch_records.h"
#include "feeds/replay/record_reader.h"
#include "gateway/base/counters.h"

namespace streamhub {

class ItchMoldReader final : public RecordReader {
 public:
  // `handler` and `counters` outlive this. The messages' day began at
  // `midnight_ns`, since 1970 UTC.
  ItchMoldReader(std::unique_ptr<ByteSource> source, itch::ItchHandler& handler,
                 Counters& counters, int64_t midnight_ns,
                 const mold::SessionTracker::Window& window = {});

  Next Peek(int wait_ms_max, int64_t* event_ns) override;
  void Apply() override;
  absl::Status status() const override;
  const GapList* gaps() const override { return &tracker_.gaps(); }
  int64_t messages() const override { return records_.messages(); }
  void TellFindings(Findings* findings) const override;
  int64_t bytes_read() const override { return source_->bytes_read(); }
  int64_t bytes_total() const override { return source_->bytes_total(); }

  // For who inspects a recording: gaps, duplicates and what else there was.
  const mold::SessionTracker& tracker() const { return tracker_; }
  const packets::ParsedCounts& packet_counts() const { return counts_; }
  int64_t not_mold() const { return not_mold_; }            // datagrams
  int64_t other_streams() const { return other_streams_; }  // packets
  int64_t left_out() const { return records_.left_out(); }  // messages

 private:
  void ReadPacket(const packets::Packet& packet);
  bool IsOurs(const mold::Packet& packet, const packets::Endpoint& to);
  void Finish(const absl::Status& damage);
  Next End();

  const std::unique_ptr<ByteSource> source_;
  Counters& counters_;
  ItchRecords records_;
  packets::CaptureReader capture_;
  mold::SessionTracker tracker_;
  packets::Endpoint destination_;  // of the session's first packet

  packets::ParsedCounts counts_;
  int64_t not_mold_ = 0;
  std::string first_not_mold_;  // what is wrong with the first of those
  int64_t other_streams_ = 0;

  bool gap_told_ = false;
  bool over_ = false;    // no packet follows
  bool ended_ = false;   // nor a message: it was told
  absl::Status damage_;  // why no packet follows; reported after the messages
  absl::Status failed_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_ITCH_MOLD_READER_H_
