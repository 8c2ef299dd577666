#include "feeds/ticklog/block_codec.h"

#include <absl/strings/str_cat.h>
#include <zstd.h>

#include <algorithm>

#include "gateway/base/check.h"

namespace streamhub::ticklog {

struct BlockPacker::Context {
  ~Context() { ZSTD_freeCCtx(zstd); }
  ZSTD_CCtx* const zstd = ZSTD_createCCtx();
};

BlockPacker::BlockPacker(int level) : context_(std::make_unique<Context>()) {
  STREAMHUB_CHECK(context_->zstd != nullptr);
  // It takes the nearest level that there is.
  ZSTD_CCtx_setParameter(context_->zstd, ZSTD_c_compressionLevel, level);
}

BlockPacker::~BlockPacker() = default;

absl::Status BlockPacker::Pack(std::string_view plain, BlockHead head,
                               std::string_view* block) {
  const size_t room = ZSTD_compressBound(plain.size());
  if (block_.size() < kBlockHeadBytes + room) {
    block_.resize(kBlockHeadBytes + room);
  }
  const size_t size =
      ZSTD_compress2(context_->zstd, block_.data() + kBlockHeadBytes, room,
                     plain.data(), plain.size());
  if (ZSTD_isError(size) != 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot compress a block: ", ZSTD_getErrorName(size)));
  }
  head.payload = static_cast<uint32_t>(size);
  head.plain = static_cast<uint32_t>(plain.size());
  head.payload_crc =
      Crc({reinterpret_cast<const uint8_t*>(block_.data()) + kBlockHeadBytes,
           size});
  const auto bytes = Encode(head);
  std::copy(bytes.begin(), bytes.end(), block_.begin());
  *block = std::string_view(block_).substr(0, kBlockHeadBytes + size);
  return absl::OkStatus();
}

struct BlockUnpacker::Context {
  ~Context() { ZSTD_freeDCtx(zstd); }
  ZSTD_DCtx* const zstd = ZSTD_createDCtx();
};

BlockUnpacker::BlockUnpacker() : context_(std::make_unique<Context>()) {
  STREAMHUB_CHECK(context_->zstd != nullptr);
}

BlockUnpacker::~BlockUnpacker() = default;

absl::Status BlockUnpacker::Unpack(const BlockHead& head, Bytes payload,
                                   std::string_view* plain) {
  if (Crc(payload) != head.payload_crc) {
    return absl::DataLossError("its checksum is wrong");
  }
  // More than the head promises is no matter of trust, but of memory.
  if (ZSTD_getFrameContentSize(payload.data(), payload.size()) != head.plain) {
    return absl::DataLossError("it is not of the size that it says it is");
  }
  plain_.resize((head.plain + sizeof(uint64_t) - 1) / sizeof(uint64_t));
  ++unpacked_;
  const size_t size =
      ZSTD_decompressDCtx(context_->zstd, plain_.data(), head.plain,
                          payload.data(), payload.size());
  if (ZSTD_isError(size) != 0 || size != head.plain) {
    return absl::DataLossError(absl::StrCat(
        "damaged Zstandard data", ZSTD_isError(size) != 0 ? ": " : "",
        ZSTD_isError(size) != 0 ? ZSTD_getErrorName(size) : ""));
  }
  *plain = {reinterpret_cast<const char*>(plain_.data()), head.plain};
  return absl::OkStatus();
}

}  // namespace streamhub::ticklog
