#include "feeds/replay/decompressor.h"

#include <absl/strings/str_cat.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>

#include "gateway/base/check.h"

namespace streamhub {
namespace {

class Copy final : public Decompressor {
 public:
  absl::Status Run(std::span<const uint8_t>* in,
                   std::span<uint8_t>* out) override {
    const size_t bytes = std::min(in->size(), out->size());
    if (bytes > 0) std::memcpy(out->data(), in->data(), bytes);
    *in = in->subspan(bytes);
    *out = out->subspan(bytes);
    return absl::OkStatus();
  }
  bool Changes() const override { return false; }
  bool HoldsBytes() const override { return false; }
  bool AtBoundary() const override { return true; }
};

class Gunzip final : public Decompressor {
 public:
  Gunzip() {
    constexpr int kGzipOnly = 16;
    STREAMHUB_CHECK(inflateInit2(&stream_, kGzipOnly + MAX_WBITS) == Z_OK);
  }
  ~Gunzip() override { inflateEnd(&stream_); }

  absl::Status Run(std::span<const uint8_t>* in,
                   std::span<uint8_t>* out) override {
    while (!out->empty() && (!in->empty() || holds_)) {
      if (!inside_) {
        if (in->empty()) break;
        inflateReset(&stream_);
        inside_ = true;
      }
      // zlib's interface of 1995 takes no const and 32-bit sizes.
      stream_.next_in = const_cast<uint8_t*>(in->data());
      stream_.avail_in = Clip(in->size());
      stream_.next_out = out->data();
      stream_.avail_out = Clip(out->size());
      const uInt room = stream_.avail_out;
      const int result = inflate(&stream_, Z_NO_FLUSH);
      *in = in->subspan(static_cast<size_t>(stream_.next_in - in->data()));
      *out = out->subspan(room - stream_.avail_out);
      holds_ = stream_.avail_out == 0 && result == Z_OK;
      if (result == Z_STREAM_END) {
        inside_ = false;
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return absl::DataLossError(absl::StrCat(
            "damaged gzip data: ",
            stream_.msg != nullptr ? stream_.msg : zError(result)));
      } else if (result == Z_BUF_ERROR) {
        break;
      }
    }
    return absl::OkStatus();
  }
  bool Changes() const override { return true; }
  bool HoldsBytes() const override { return holds_; }
  bool AtBoundary() const override { return !inside_; }

 private:
  static uInt Clip(size_t bytes) {
    return static_cast<uInt>(
        std::min<size_t>(bytes, std::numeric_limits<uInt>::max()));
  }

  z_stream stream_ = {};
  bool inside_ = false;  // a member has begun and not ended
  bool holds_ = false;
};

class Unzstd final : public Decompressor {
 public:
  Unzstd() : context_(ZSTD_createDCtx()) {
    STREAMHUB_CHECK(context_ != nullptr);
  }

  absl::Status Run(std::span<const uint8_t>* in,
                   std::span<uint8_t>* out) override {
    while (!out->empty() && (!in->empty() || holds_)) {
      ZSTD_inBuffer source = {in->data(), in->size(), 0};
      ZSTD_outBuffer target = {out->data(), out->size(), 0};
      const size_t left =
          ZSTD_decompressStream(context_.get(), &target, &source);
      *in = in->subspan(source.pos);
      *out = out->subspan(target.pos);
      if (ZSTD_isError(left) != 0) {
        return absl::DataLossError(
            absl::StrCat("damaged Zstandard data: ", ZSTD_getErrorName(left)));
      }
      inside_ = left != 0;
      holds_ = inside_ && out->empty();
    }
    return absl::OkStatus();
  }
  bool Changes() const override { return true; }
  bool HoldsBytes() const override { return holds_; }
  bool AtBoundary() const override { return !inside_; }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };

  std::unique_ptr<ZSTD_DCtx, Free> context_;
  bool inside_ = false;
  bool holds_ = false;
};

bool StartsWith(std::span<const uint8_t> bytes, std::string_view magic) {
  return bytes.size() >= magic.size() &&
         std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

}  // namespace

std::unique_ptr<Decompressor> MakeDecompressor(std::span<const uint8_t> start) {
  if (StartsWith(start, "\x1F\x8B")) return std::make_unique<Gunzip>();
  // A frame, or one that is to be skipped, as parallel compressors put first.
  if (StartsWith(start, "\x28\xB5\x2F\xFD") ||
      (start.size() >= kMagicBytes && (start[0] & 0xF0) == 0x50 &&
       StartsWith(start.subspan(1), "\x2A\x4D\x18"))) {
    return std::make_unique<Unzstd>();
  }
  return std::make_unique<Copy>();
}

}  // namespace streamhub
