// Compressed bytes -> plain bytes, in pieces of any size: gzip (RFC 1952,
// several members in a row are one stream) and Zstandard (RFC 8878, frames in
// a row likewise), or a copy. One thread.

#ifndef STREAMHUB_FEEDS_REPLAY_DECOMPRESSOR_H_
#define STREAMHUB_FEEDS_REPLAY_DECOMPRESSOR_H_

#include <absl/status/status.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace streamhub {

class Decompressor {
 public:
  virtual ~Decompressor() = default;

  // Moves on both spans by what it took and wrote: until one is empty, or the
  // input holds no more. DataLoss says what is wrong with the bytes; what was
  // written before is good. Call no more after an error.
  virtual absl::Status Run(std::span<const uint8_t>* in,
                           std::span<uint8_t>* out) = 0;

  // May hold bytes back for want of room: Run() may yield more with no input.
  virtual bool HoldsBytes() const = 0;

  // False for a mere copy.
  virtual bool Changes() const = 0;

  // The input may end here: every stream that began has ended.
  virtual bool AtBoundary() const = 0;
};

// How many bytes of a stream MakeDecompressor wants to see.
inline constexpr size_t kMagicBytes = 4;

// Chooses by the first bytes of the stream, whatever a file's name says. With
// fewer than kMagicBytes: as if that were the whole stream.
std::unique_ptr<Decompressor> MakeDecompressor(std::span<const uint8_t> start);

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_DECOMPRESSOR_H_
