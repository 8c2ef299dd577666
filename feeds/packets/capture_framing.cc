#include "feeds/packets/capture_framing.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "feeds/big_endian.h"

namespace streamhub::packets {
namespace {

constexpr size_t kPcapHead = 24;
constexpr uint32_t kPacketBytesMax = 16 << 20;

constexpr size_t kBlockMin = 12;  // type, length, and the length again
constexpr uint32_t kBlockBytesMax = 16 << 20;
constexpr uint32_t kSection = 0x0A0D0D0A;  // reads the same in either order
constexpr uint32_t kInterface = 1;

bool HoldsPacket(uint32_t block_type) {
  // The packet block, out of use, the simple and the enhanced one.
  return block_type == 2 || block_type == 3 || block_type == 6;
}

uint32_t LoadLittle32(const uint8_t* at) {
  return __builtin_bswap32(LoadBig32(at));
}

// The size of a record's header if this is the magic of a pcap, else 0.
size_t RecordHeadOf(uint32_t magic) {
  switch (magic) {
    case 0xA1B2C3D4:  // microseconds
    case 0xA1B23C4D:  // nanoseconds
      return 16;
    case 0xA1B2CD34:  // with the interface and more in every record
      return 24;
    default:
      return 0;
  }
}

}  // namespace

bool IsCapture(std::span<const uint8_t> start) {
  if (start.size() < kCaptureMagicBytes) return false;
  const uint8_t* const at = start.data();
  return LoadBig32(at) == kSection || RecordHeadOf(LoadBig32(at)) != 0 ||
         RecordHeadOf(LoadLittle32(at)) != 0;
}

CaptureFraming::Next CaptureFraming::Find(std::span<const uint8_t> bytes,
                                          size_t* step) {
  if (kind_ == Kind::kUnknown) {
    if (bytes.size() < kCaptureMagicBytes) return Next::kNeedMore;
    if (!Recognize(bytes)) {
      return Damaged(
          absl::StrCat("neither pcap nor pcapng: the first bytes are 0x",
                       absl::Hex(LoadBig32(bytes.data()), absl::kZeroPad8)));
    }
  }
  const Next next =
      kind_ == Kind::kPcap ? FindRecord(bytes, step) : FindBlocks(bytes, step);
  if (next == Next::kStep) {
    opened_ = true;
    scanned_ = 0;
  } else if (next == Next::kNeedMore && bytes.size() >= kStepBytesMax) {
    return Damaged(absl::StrCat("no packet in ", bytes.size(), " bytes"));
  }
  return next;
}

bool CaptureFraming::Recognize(std::span<const uint8_t> bytes) {
  const uint32_t magic = LoadBig32(bytes.data());
  if (magic == kSection) {
    kind_ = Kind::kPcapng;
    return true;
  }
  big_ = RecordHeadOf(magic) != 0;
  record_head_ = RecordHeadOf(Load(bytes.data()));
  if (record_head_ == 0) return false;
  kind_ = Kind::kPcap;
  return true;
}

CaptureFraming::Next CaptureFraming::FindRecord(std::span<const uint8_t> bytes,
                                                size_t* step) {
  *step = kPcapHead;
  if (opened_) {
    if (bytes.size() < record_head_) return Next::kNeedMore;
    const uint32_t captured = Load(bytes.data() + 8);
    if (captured > kPacketBytesMax) {
      return Damaged(absl::StrCat("a packet of ", captured, " bytes"));
    }
    *step = record_head_ + captured;
  }
  return bytes.size() < *step ? Next::kNeedMore : Next::kStep;
}

CaptureFraming::Next CaptureFraming::FindBlocks(std::span<const uint8_t> bytes,
                                                size_t* step) {
  while (true) {
    const std::span<const uint8_t> block = bytes.subspan(scanned_);
    if (block.size() < kBlockMin) return Next::kNeedMore;
    const uint32_t type = Load(block.data());
    if (type == kSection) {
      constexpr uint32_t kOrder = 0x1A2B3C4D;
      big_ = LoadBig32(block.data() + 8) == kOrder;
      if (Load(block.data() + 8) != kOrder) {
        return Damaged("a section that does not tell its byte order");
      }
    }
    const uint32_t size = Load(block.data() + 4);
    if (size < kBlockMin || size % 4 != 0 || size > kBlockBytesMax) {
      return Damaged(
          absl::StrCat("a block of type ", type, " and ", size, " bytes"));
    }
    if (block.size() < size) return Next::kNeedMore;
    scanned_ += size;
    if (HoldsPacket(type) || (!opened_ && type == kInterface)) {
      *step = scanned_;
      return Next::kStep;
    }
  }
}

CaptureFraming::Next CaptureFraming::Damaged(std::string fault) {
  fault_ = std::move(fault);
  return Next::kDamaged;
}

uint32_t CaptureFraming::Load(const uint8_t* at) const {
  return big_ ? LoadBig32(at) : LoadLittle32(at);
}

}  // namespace streamhub::packets
