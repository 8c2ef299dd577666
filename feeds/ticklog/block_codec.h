// The payloads of blocks: packed for a file, and unpacked again. One thread.
// Steady state without allocation: buffers are kept.

#ifndef STREAMHUB_FEEDS_TICKLOG_BLOCK_CODEC_H_
#define STREAMHUB_FEEDS_TICKLOG_BLOCK_CODEC_H_

#include <absl/status/status.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/ticklog/log_format.h"

namespace streamhub::ticklog {

class BlockPacker {
 public:
  // `level` is zstd's; negative ones are faster still.
  explicit BlockPacker(int level);
  ~BlockPacker();

  // The block of these records: head and payload, valid until the next call.
  // The packer sets sizes and sums of `head`. ResourceExhausted: no memory.
  absl::Status Pack(std::string_view plain, BlockHead head,
                    std::string_view* block);

 private:
  struct Context;
  const std::unique_ptr<Context> context_;
  std::string block_;
};

class BlockUnpacker {
 public:
  BlockUnpacker();
  ~BlockUnpacker();

  // The records of a block, at a multiple of 8 bytes in memory, valid until the
  // next call. DataLoss says what is wrong with the payload.
  absl::Status Unpack(const BlockHead& head, Bytes payload,
                      std::string_view* plain);

  // So many were decompressed.
  int64_t unpacked() const { return unpacked_; }

 private:
  struct Context;
  const std::unique_ptr<Context> context_;
  std::vector<uint64_t> plain_;
  int64_t unpacked_ = 0;
};

}  // namespace streamhub::ticklog

#endif  // STREAMHUB_FEEDS_TICKLOG_BLOCK_CODEC_H_
