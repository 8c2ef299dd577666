// Where the packets of a capture end in its bytes, without decoding them: what
// CaptureReader has to know so that libpcap never waits for a byte. Formats:
// pcap (draft-ietf-opsawg-pcap, and the variant with longer record headers
// that some kernels wrote) and pcapng (draft-ietf-opsawg-pcapng), of either
// byte order. Pure; one thread.

#ifndef STREAMHUB_FEEDS_PACKETS_CAPTURE_FRAMING_H_
#define STREAMHUB_FEEDS_PACKETS_CAPTURE_FRAMING_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace streamhub::packets {

// How many bytes of a file IsCapture() wants to see.
inline constexpr size_t kCaptureMagicBytes = 4;

// Does a file that begins so hold a capture? Of fewer bytes it does not.
bool IsCapture(std::span<const uint8_t> start);

class CaptureFraming {
 public:
  // A step is not longer, nor is a part of one that may still become whole.
  static constexpr size_t kStepBytesMax = size_t{32} << 20;

  enum class Next {
    kStep,
    kNeedMore,
    kDamaged,  // see fault()
  };

  // `bytes` begin where the last step ended, and have at least what they had
  // the time before. After kStep the first `*step` of them are the next step:
  // first what a capture opens with (a pcap's header; of a pcapng all up to an
  // interface or a packet), then each packet with the blocks before it.
  Next Find(std::span<const uint8_t> bytes, size_t* step);

  // What is wrong, and with which byte of those that were given to Find().
  std::string_view fault() const { return fault_; }
  size_t fault_at() const { return scanned_; }

 private:
  enum class Kind : uint8_t { kUnknown, kPcap, kPcapng };

  bool Recognize(std::span<const uint8_t> bytes);
  Next FindRecord(std::span<const uint8_t> bytes, size_t* step);
  Next FindBlocks(std::span<const uint8_t> bytes, size_t* step);
  Next Damaged(std::string fault);
  uint32_t Load(const uint8_t* at) const;

  Kind kind_ = Kind::kUnknown;
  bool big_ = false;        // the byte order; of a pcapng, of this section
  bool opened_ = false;     // the first step was found
  size_t record_head_ = 0;  // bytes, of a pcap
  size_t scanned_ = 0;      // of this step: whole blocks of a pcapng
  std::string fault_;
};

}  // namespace streamhub::packets

#endif  // STREAMHUB_FEEDS_PACKETS_CAPTURE_FRAMING_H_
