#include "feeds/replay/compressor.h"

#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace streamhub {
namespace {

constexpr size_t kPieceBytes = 64 * 1024;

class Gzip final : public Compressor {
 public:
  Gzip() {
    constexpr int kGzip = 16;  // not zlib's own wrapping
    constexpr int kMemory = 8;
    good_ =
        deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
                     kGzip + MAX_WBITS, kMemory, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~Gzip() override {
    if (good_) deflateEnd(&stream_);
  }

  bool Run(std::string_view bytes, bool last, std::string* out) override {
    if (!good_) return false;
    stream_.next_in =
        reinterpret_cast<uint8_t*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    int result = Z_OK;
    do {
      stream_.next_out = reinterpret_cast<uint8_t*>(piece_.data());
      stream_.avail_out = static_cast<uInt>(piece_.size());
      result = deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
      if (result == Z_STREAM_ERROR) return false;
      out->append(piece_.data(), piece_.size() - stream_.avail_out);
    } while (last ? result != Z_STREAM_END : stream_.avail_out == 0);
    return true;
  }

 private:
  z_stream stream_ = {};
  bool good_ = false;
  std::array<char, kPieceBytes> piece_;
};

class Zstandard final : public Compressor {
 public:
  Zstandard() : context_(ZSTD_createCCtx()) {
    if (context_ == nullptr) return;
    ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
  }
  ~Zstandard() override { ZSTD_freeCCtx(context_); }

  bool Run(std::string_view bytes, bool last, std::string* out) override {
    if (context_ == nullptr) return false;
    ZSTD_inBuffer in = {bytes.data(), bytes.size(), 0};
    size_t left = 0;
    do {
      ZSTD_outBuffer piece = {piece_.data(), piece_.size(), 0};
      left = ZSTD_compressStream2(context_, &piece, &in,
                                  last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left) != 0) return false;
      out->append(piece_.data(), piece.pos);
    } while (last ? left != 0 : in.pos < in.size);
    return true;
  }

 private:
  ZSTD_CCtx* const context_;
  std::array<char, kPieceBytes> piece_;
};

}  // namespace

std::unique_ptr<Compressor> MakeGzip() { return std::make_unique<Gzip>(); }

std::unique_ptr<Compressor> MakeZstandard() {
  return std::make_unique<Zstandard>();
}

}  // namespace streamhub
