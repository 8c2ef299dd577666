// The segments of IEX TOPS 1.6 or DEEP 1.0 in a capture of packets (pcap or
// pcapng), handed to an IexHandler.
//
// - A record is a segment; its time is when IEX sent it.
// - One stream is played, the first (iex/receiver.h).
// - Lost messages and damaged ones do not end a replay: the first of each is
//   logged, a sum at the end, and status() tells. Then the end is kEnd
//   nevertheless, as for a file that cannot be better.
// - Damage of the capture ends it, as everywhere: what came before is played.
// - A capture without any segment of IEX is damaged.

#ifndef STREAMHUB_FEEDS_REPLAY_IEX_READER_H_
#define STREAMHUB_FEEDS_REPLAY_IEX_READER_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "feeds/iex/iex_handler.h"
#include "feeds/iex/receiver.h"
#include "feeds/iex/segment.h"
#include "feeds/packets/capture_reader.h"
#include "feeds/packets/datagram.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/record_reader.h"
#include "gateway/base/counters.h"

namespace streamhub {

class IexReader final : public RecordReader {
 public:
  // `handler` and `counters` outlive this.
  IexReader(std::unique_ptr<ByteSource> source, iex::IexHandler& handler,
            Counters& counters);

  Next Peek(int wait_ms_max, int64_t* event_ns) override;
  void Apply() override;
  absl::Status status() const override;
  const GapList* gaps() const override {
    return &receiver_.sequence().gap_list();
  }
  int64_t messages() const override {
    return receiver_.sequence().counts().messages;
  }
  void TellFindings(Findings* findings) const override;
  int64_t bytes_read() const override { return source_->bytes_read(); }
  int64_t bytes_total() const override { return source_->bytes_total(); }

  // For who inspects a recording.
  const iex::Receiver& receiver() const { return receiver_; }

 private:
  bool TakePacket(const packets::Packet& packet);
  Next End(const absl::Status& damage);
  void LeaveOut(std::string_view fault);

  const std::unique_ptr<ByteSource> source_;
  iex::IexHandler& handler_;
  Counters& counters_;
  iex::Receiver receiver_;
  packets::CaptureReader capture_;
  packets::ParsedCounts counts_;

  std::span<const uint8_t> payload_;  // found and not yet applied, or empty
  int64_t captured_ns_ = 0;
  int64_t sent_ns_ = 0;
  int64_t segments_ = 0;
  iex::Protocol protocol_ = iex::Protocol::kTops;  // of the last of them

  int64_t others_ = 0;  // datagrams that are no segments
  std::string first_other_;
  int64_t bad_ = 0;  // segments, or with bad messages
  std::string first_fault_;
  FaultList faults_;
  bool gap_told_ = false;
  bool ended_ = false;
  absl::Status failed_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_IEX_READER_H_
