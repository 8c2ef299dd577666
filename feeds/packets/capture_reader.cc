#include "feeds/packets/capture_reader.h"

#include <absl/strings/str_cat.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "gateway/base/strings.h"

namespace streamhub::packets {
namespace {

constexpr size_t kBufferBytes = 256 * 1024;

Link LinkOf(int type) {
  switch (type) {
    case DLT_EN10MB:
      return Link::kEthernet;
    case DLT_LINUX_SLL:
      return Link::kCooked;
    case DLT_LINUX_SLL2:
      return Link::kCookedV2;
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
      return Link::kRawIp;
    default:
      return Link::kUnknown;
  }
}

// With the nanoseconds that were asked for in tv_usec. 0 for what no clock
// says, and for what 64 bits do not hold.
int64_t TimeNsOf(const timeval& time) {
  constexpr int64_t kSecondNs = 1'000'000'000;
  constexpr int64_t kSecondsEnd = 9'223'372'036;
  if (time.tv_sec < 0 || time.tv_sec >= kSecondsEnd || time.tv_usec < 0 ||
      time.tv_usec >= kSecondNs) {
    return 0;
  }
  return time.tv_sec * kSecondNs + time.tv_usec;
}

}  // namespace

CaptureReader::CaptureReader() : buffer_(kBufferBytes) {}
CaptureReader::~CaptureReader() = default;

void CaptureReader::Close::operator()(pcap* capture) const {
  pcap_close(capture);
}

std::span<uint8_t> CaptureReader::Room() {
  // What is left is less than a packet, but a packet may be large.
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = limit_ = 0;
  if (end_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
  return std::span(buffer_).subspan(end_);
}

// The FILE's read.
ssize_t CaptureReader::Serve(void* reader, char* out, size_t bytes) {
  auto& self = *static_cast<CaptureReader*>(reader);
  const size_t count = std::min(bytes, self.limit_ - self.begin_);
  if (count > 0) std::memcpy(out, self.buffer_.data() + self.begin_, count);
  self.begin_ += count;
  self.begin_offset_ += count;
  return static_cast<ssize_t>(count);
}

bool CaptureReader::Open() {
  cookie_io_functions_t functions = {};
  functions.read = &CaptureReader::Serve;
  std::FILE* const file = fopencookie(this, "rb", functions);
  if (file == nullptr) {
    Damaged(std::strerror(errno));
    return false;
  }
  // Nothing is gained by a buffer over a buffer, and without one it is known
  // how far libpcap has read.
  std::setvbuf(file, nullptr, _IONBF, 0);
  char error[PCAP_ERRBUF_SIZE] = {};
  capture_.reset(pcap_fopen_offline_with_tstamp_precision(
      file, PCAP_TSTAMP_PRECISION_NANO, error));
  if (capture_ == nullptr) {
    std::fclose(file);
    Damaged(error);
    return false;
  }
  link_ = LinkOf(pcap_datalink(capture_.get()));
  return true;
}

CaptureReader::Next CaptureReader::Read(Packet* packet) {
  if (!status_.ok()) return Next::kDamaged;
  while (true) {
    offset_ = begin_offset_;
    const std::span<const uint8_t> bytes(buffer_.data() + begin_,
                                         end_ - begin_);
    size_t step = 0;
    switch (framing_.Find(bytes, &step)) {
      case CaptureFraming::Next::kStep:
        break;
      case CaptureFraming::Next::kNeedMore:
        if (!finished_) return Next::kNeedMore;
        if (bytes.empty()) return Next::kEnd;
        // libpcap says what is wrong with it; or nothing is, where a pcapng
        // ends in blocks that are no packets.
        step = bytes.size();
        break;
      case CaptureFraming::Next::kDamaged:
        offset_ += framing_.fault_at();
        return Damaged(framing_.fault());
    }
    limit_ = begin_ + step;
    const bool opening = capture_ == nullptr;
    if (opening) {
      if (!Open()) return Next::kDamaged;
    } else {
      pcap_pkthdr* head = nullptr;
      const u_char* data = nullptr;
      const int result = pcap_next_ex(capture_.get(), &head, &data);
      if (result == PCAP_ERROR_BREAK && finished_) return Next::kEnd;
      if (result != 1) return Damaged(pcap_geterr(capture_.get()));
      packet->bytes = {data, head->caplen};
      packet->wire_bytes = head->len;
      packet->time_ns = TimeNsOf(head->ts);
    }
    // Else what was looked ahead is not what was read, and what follows would
    // be made of pieces of packets.
    if (begin_ != limit_) return Damaged("lengths that contradict each other");
    if (opening) continue;
    ++packets_;
    return Next::kPacket;
  }
}

CaptureReader::Next CaptureReader::Damaged(std::string_view what) {
  status_ = absl::DataLossError(
      absl::StrCat("at byte ", offset_, ", after ", packets_,
                   packets_ == 1 ? " packet: " : " packets: ", ToAbsl(what)));
  return Next::kDamaged;
}

}  // namespace streamhub::packets
