// How a tick log lies in its file. Pure; any thread. Numbers are little-endian,
// offsets in bytes, times in ns since 1970-01-01 UTC, and a CRC is the CRC-32
// of zlib (that of RFC 1952).
//
//   file    := file head, block..., [index block, footer]
//   block   := block head, payload
//
//   file head (16)      0 "SHUBTICK"   8 u32 version, 1   12 u32 CRC of 0-11
//
//   block head (48)     0 "\xB1TLB"    4 u32 bytes of the payload
//                       8 u32 its bytes once decompressed
//                      12 u32 records   16 i64 time of the first of them
//                      24 i64 of the last (by time; both 0: none has one)
//                      32 u32 which block of the file this is, from 0
//                      36 u32 flags: 1 symbols are defined here, or their state
//                         at the begin is told; 2 the index
//                      40 u32 CRC of the payload   44 u32 CRC of 0-43
//
//   footer (24)         0 "SHUBTEND"   8 u64 offset of the index block's head
//                      16 u32 blocks before it   20 u32 CRC of 0-19
//
// A payload is one Zstandard frame (RFC 8878) of tick records (schemas/README
// and schemas/tick.fbs), whole ones. Numbers of symbols are the file's own:
// each definition, also of a symbol that is described anew, has the next one
// from 0. So nothing but the definitions in blocks before it is wanted to read
// a block, and where one of those is lost, records of its symbols are known to
// be. "Records" are ticks, trades and what else happened: neither definitions
// nor the state at the begin (Ticks.refresh), which have no time of the log
// either.
//
// The index block's payload is a LogIndex. Who was killed has written neither
// it nor the footer: then the heads of blocks say where the others are.
//
// A version that this program does not know is refused. Flags that it does not
// know are passed over.

#ifndef STREAMHUB_FEEDS_TICKLOG_LOG_FORMAT_H_
#define STREAMHUB_FEEDS_TICKLOG_LOG_FORMAT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace streamhub::ticklog {

inline constexpr std::string_view kFileMagic = "SHUBTICK";
inline constexpr std::string_view kBlockMagic = "\xB1TLB";
inline constexpr std::string_view kFooterMagic = "SHUBTEND";
inline constexpr uint32_t kVersion = 1;

inline constexpr size_t kFileHeadBytes = 16;
inline constexpr size_t kBlockHeadBytes = 48;
inline constexpr size_t kFooterBytes = 24;

// Of a block, decompressed; what claims more is damaged. The index may be
// larger: it is left out beyond its own limit.
inline constexpr size_t kBlockBytesMax = 16 << 20;
inline constexpr size_t kIndexBytesMax = 64 << 20;

// Compressed: Zstandard never needs more.
constexpr size_t PayloadBytesMax(size_t plain) {
  return plain + plain / 128 + 1024;
}

struct BlockHead {
  enum Flags : uint32_t { kDefines = 1, kIndex = 2 };

  uint32_t payload = 0;  // bytes
  uint32_t plain = 0;    // bytes
  uint32_t records = 0;
  int64_t first_ns = 0;
  int64_t last_ns = 0;
  uint32_t number = 0;
  uint32_t flags = 0;
  uint32_t payload_crc = 0;

  bool has_times() const { return first_ns != 0 || last_ns != 0; }
  bool defines() const { return (flags & kDefines) != 0; }
  bool is_index() const { return (flags & kIndex) != 0; }

  friend bool operator==(const BlockHead&, const BlockHead&) = default;
};

struct Footer {
  uint64_t index_offset = 0;
  uint32_t blocks = 0;
};

using Bytes = std::span<const uint8_t>;

uint32_t Crc(Bytes bytes);

std::array<uint8_t, kFileHeadBytes> EncodeFileHead();

enum class FileHead { kGood, kNoTickLog, kDamaged, kOtherVersion };

// `bytes`: the first kFileHeadBytes.
FileHead CheckFileHead(Bytes bytes);

std::array<uint8_t, kBlockHeadBytes> Encode(const BlockHead& head);
std::array<uint8_t, kFooterBytes> Encode(const Footer& footer);

// nullopt: is none, or damaged, or of sizes beyond the limits. `bytes` are as
// many as a head or a footer has, at least.
std::optional<BlockHead> DecodeBlockHead(Bytes bytes);
std::optional<Footer> DecodeFooter(Bytes bytes);

}  // namespace streamhub::ticklog

#endif  // STREAMHUB_FEEDS_TICKLOG_LOG_FORMAT_H_
