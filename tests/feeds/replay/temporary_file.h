// Files that a test makes and leaves no trace of, and compressed bytes.

#ifndef STREAMHUB_TESTS_FEEDS_REPLAY_TEMPORARY_FILE_H_
#define STREAMHUB_TESTS_FEEDS_REPLAY_TEMPORARY_FILE_H_

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "gateway/base/check.h"

namespace streamhub {

// A file of that name in a folder of its own, both removed at the end.
class TemporaryFile {
 public:
  TemporaryFile(std::string_view name, std::string_view bytes) {
    std::string folder =
        (std::filesystem::temp_directory_path() / "streamhub_XXXXXX").string();
    STREAMHUB_CHECK(mkdtemp(folder.data()) != nullptr);
    folder_ = folder;
    path_ = folder + "/" + std::string(name);
    std::ofstream file(path_, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    STREAMHUB_CHECK(file.good());
  }
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string folder_;
  std::string path_;
};

inline std::string Gzipped(std::string_view bytes) {
  constexpr int kGzip = 16;
  z_stream stream = {};
  STREAMHUB_CHECK(deflateInit2(&stream, 6, Z_DEFLATED, kGzip + MAX_WBITS, 8,
                               Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<uint8_t*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  STREAMHUB_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// With a checksum, as the zstd program writes it.
inline std::string Zstandard(std::string_view bytes) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size = ZSTD_compress2(context, out.data(), out.size(),
                                     bytes.data(), bytes.size());
  ZSTD_freeCCtx(context);
  STREAMHUB_CHECK(ZSTD_isError(size) == 0);
  out.resize(size);
  return out;
}

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_FEEDS_REPLAY_TEMPORARY_FILE_H_
