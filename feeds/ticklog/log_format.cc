#include "feeds/ticklog/log_format.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

namespace streamhub::ticklog {
namespace {

template <typename T>
void Store(T value, size_t offset, std::span<uint8_t> out) {
  for (size_t i = 0; i < sizeof(T); ++i) {
    out[offset + i] =
        static_cast<uint8_t>(static_cast<uint64_t>(value) >> (8 * i));
  }
}

template <typename T>
T Load(Bytes bytes, size_t offset) {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value |= uint64_t{bytes[offset + i]} << (8 * i);
  }
  return static_cast<T>(value);
}

bool BeginsWith(Bytes bytes, std::string_view magic) {
  return std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

void StoreMagic(std::string_view magic, std::span<uint8_t> out) {
  std::copy(magic.begin(), magic.end(), out.begin());
}

// Of all but the last 4 bytes, into these.
void Seal(std::span<uint8_t> out) {
  Store(Crc(out.first(out.size() - 4)), out.size() - 4, out);
}

bool IsSealed(Bytes bytes) {
  return Crc(bytes.first(bytes.size() - 4)) ==
         Load<uint32_t>(bytes, bytes.size() - 4);
}

}  // namespace

uint32_t Crc(Bytes bytes) {
  return static_cast<uint32_t>(crc32_z(0, bytes.data(), bytes.size()));
}

std::array<uint8_t, kFileHeadBytes> EncodeFileHead() {
  std::array<uint8_t, kFileHeadBytes> out = {};
  StoreMagic(kFileMagic, out);
  Store(kVersion, 8, out);
  Seal(out);
  return out;
}

FileHead CheckFileHead(Bytes bytes) {
  bytes = bytes.first(kFileHeadBytes);
  if (!BeginsWith(bytes, kFileMagic)) return FileHead::kNoTickLog;
  if (!IsSealed(bytes)) return FileHead::kDamaged;
  return Load<uint32_t>(bytes, 8) == kVersion ? FileHead::kGood
                                              : FileHead::kOtherVersion;
}

std::array<uint8_t, kBlockHeadBytes> Encode(const BlockHead& head) {
  std::array<uint8_t, kBlockHeadBytes> out = {};
  StoreMagic(kBlockMagic, out);
  Store(head.payload, 4, out);
  Store(head.plain, 8, out);
  Store(head.records, 12, out);
  Store(head.first_ns, 16, out);
  Store(head.last_ns, 24, out);
  Store(head.number, 32, out);
  Store(head.flags, 36, out);
  Store(head.payload_crc, 40, out);
  Seal(out);
  return out;
}

std::optional<BlockHead> DecodeBlockHead(Bytes bytes) {
  bytes = bytes.first(kBlockHeadBytes);
  if (!BeginsWith(bytes, kBlockMagic) || !IsSealed(bytes)) return std::nullopt;
  BlockHead head;
  head.payload = Load<uint32_t>(bytes, 4);
  head.plain = Load<uint32_t>(bytes, 8);
  head.records = Load<uint32_t>(bytes, 12);
  head.first_ns = Load<int64_t>(bytes, 16);
  head.last_ns = Load<int64_t>(bytes, 24);
  head.number = Load<uint32_t>(bytes, 32);
  head.flags = Load<uint32_t>(bytes, 36);
  head.payload_crc = Load<uint32_t>(bytes, 40);
  if (head.plain > (head.is_index() ? kIndexBytesMax : kBlockBytesMax) ||
      head.payload > PayloadBytesMax(head.plain)) {
    return std::nullopt;
  }
  return head;
}

std::array<uint8_t, kFooterBytes> Encode(const Footer& footer) {
  std::array<uint8_t, kFooterBytes> out = {};
  StoreMagic(kFooterMagic, out);
  Store(footer.index_offset, 8, out);
  Store(footer.blocks, 16, out);
  Seal(out);
  return out;
}

std::optional<Footer> DecodeFooter(Bytes bytes) {
  bytes = bytes.first(kFooterBytes);
  if (!BeginsWith(bytes, kFooterMagic) || !IsSealed(bytes)) {
    return std::nullopt;
  }
  return Footer{Load<uint64_t>(bytes, 8), Load<uint32_t>(bytes, 16)};
}

}  // namespace streamhub::ticklog
