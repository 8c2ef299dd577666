// Bytes to gzip (RFC 1952) or Zstandard (RFC 8878), in pieces of any size: the
// inverse of decompressor.h. One thread.

#ifndef STREAMHUB_FEEDS_REPLAY_COMPRESSOR_H_
#define STREAMHUB_FEEDS_REPLAY_COMPRESSOR_H_

#include <memory>
#include <string>
#include <string_view>

namespace streamhub {

class Compressor {
 public:
  virtual ~Compressor() = default;

  // Takes all of `bytes`; what is ready is appended to `*out`. `last`: none
  // will follow, and all is ready. False: there is no memory.
  virtual bool Run(std::string_view bytes, bool last, std::string* out) = 0;
};

std::unique_ptr<Compressor> MakeGzip();
std::unique_ptr<Compressor> MakeZstandard();

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_COMPRESSOR_H_
