// The packets of a capture, pcap or pcapng, one by one, by libpcap. Micro- and
// nanoseconds, either byte order, the interfaces' own clocks. Bytes come in
// pieces of any size. One thread.
//
// libpcap reads a FILE: it would wait inside it for a pipe, or take the want of
// bytes for the end. So it gets a FILE over the memory of this reader, which
// looks ahead (capture_framing.h) and calls libpcap only when all that it is
// going to read is there. Until then Read() says kNeedMore: whoever has the
// source waits for it as long as he likes, may give up, and ask again; nothing
// is lost by that, and a packet that is whole is never held back.
//
// A packet is where libpcap put it. Steady state without allocation, but of a
// pcapng libpcap asks for memory anew for each block above 2 KB. It refuses a
// pcapng whose interfaces are of different kinds.

#ifndef STREAMHUB_FEEDS_PACKETS_CAPTURE_READER_H_
#define STREAMHUB_FEEDS_PACKETS_CAPTURE_READER_H_

#include <absl/status/status.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "feeds/packets/capture_framing.h"
#include "feeds/packets/packet.h"

struct pcap;  // libpcap's handle

namespace streamhub::packets {

class CaptureReader {
 public:
  enum class Next {
    kPacket,
    kNeedMore,  // put bytes into Room(), then Filled(); or Finish()
    kEnd,       // the input ended where a packet could have begun
    kDamaged,   // see status(); all packets before it were given out
  };

  CaptureReader();
  ~CaptureReader();
  CaptureReader(const CaptureReader&) = delete;
  CaptureReader& operator=(const CaptureReader&) = delete;

  // Space for the bytes that follow, never empty after kNeedMore.
  std::span<uint8_t> Room();

  // The first `bytes` of Room() are there.
  void Filled(size_t bytes) { end_ += bytes; }

  // No bytes will follow.
  void Finish() { finished_ = true; }

  // The next packet; its bytes are good until the next call.
  Next Read(Packet* packet);

  // Of all packets. From the first one on.
  Link link() const { return link_; }

  // The packets that were given out.
  int64_t packets() const { return packets_; }

  // Where in the stream the last packet that Read gave out begins, with its
  // header; after kDamaged, what is damaged.
  uint64_t offset() const { return offset_; }

  // After kDamaged DataLoss, "at byte N, after P packets: what is wrong", else
  // OK.
  const absl::Status& status() const { return status_; }

 private:
  struct Close {
    void operator()(pcap* capture) const;
  };

  static ssize_t Serve(void* reader, char* out, size_t bytes);
  bool Open();
  Next Damaged(std::string_view what);

  std::vector<uint8_t> buffer_;
  size_t begin_ = 0;  // of what libpcap has not read
  size_t limit_ = 0;  // of what it may read
  size_t end_ = 0;
  uint64_t begin_offset_ = 0;  // in the stream
  uint64_t offset_ = 0;
  bool finished_ = false;
  CaptureFraming framing_;
  std::unique_ptr<pcap, Close> capture_;
  Link link_ = Link::kUnknown;
  int64_t packets_ = 0;
  absl::Status status_;
};

}  // namespace streamhub::packets

#endif  // STREAMHUB_FEEDS_PACKETS_CAPTURE_READER_H_
