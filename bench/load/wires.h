// The wires of a load test, one class for each transport of
// docs/protocol.md. See wire.h for what they have in common.

#ifndef STREAMHUB_BENCH_LOAD_WIRES_H_
#define STREAMHUB_BENCH_LOAD_WIRES_H_

#include <absl/status/status.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bench/load/wire.h"

namespace streamhub::load {

// RFC 6455, as far as a server of ours goes: frames that are not masked and
// messages in one frame.
class WsWire final : public Wire {
 public:
  explicit WsWire(uint64_t random, Encoding encoding = Encoding::kJson)
      : encoding_(encoding), random_(random) {}

  std::string Open(const Target& target, const Holding& holding) override;
  absl::Status Take(std::string_view bytes, Sink& sink,
                    std::string* out) override;

 private:
  absl::Status TakeFrames(std::string_view* bytes, Sink& sink,
                          std::string* out);
  uint32_t MaskKey();

  const Encoding encoding_;
  uint64_t random_;
  bool open_ = false;
  std::string request_;  // goes out when the server has accepted
  Pending pending_;
};

// WHATWG HTML, 9.2: one object per event, on one line.
class SseWire final : public Wire {
 public:
  std::string Open(const Target& target, const Holding& holding) override;
  absl::Status Take(std::string_view bytes, Sink& sink,
                    std::string* out) override;

 private:
  bool open_ = false;
  Pending pending_;
};

// The chunked transfer coding (RFC 9112 section 7.1), in any pieces.
class ChunkReader {
 public:
  enum class Result {
    kNeedMore,  // all input is taken
    kBody,      // `*body` has come; call again
    kEnd,       // of a chunk's data, if `*last` is false, else of the body
    kBad,
  };

  // Takes bytes from the front of `*bytes`.
  Result Next(std::string_view* bytes, std::string_view* body, bool* last);

 private:
  enum class State { kSize, kExtension, kData, kDataEnd, kTrailer };

  State state_ = State::kSize;
  uint64_t size_ = 0;  // of the chunk: what is missing
  int digits_ = 0;     // of its size so far
  bool last_ = false;  // its size was 0
  size_t line_ = 0;    // length of a trailer's line so far
};

// A stream over HTTP: a chunk is a message.
class StreamWire final : public Wire {
 public:
  explicit StreamWire(Encoding encoding = Encoding::kJson)
      : encoding_(encoding) {}

  std::string Open(const Target& target, const Holding& holding) override;
  absl::Status Take(std::string_view bytes, Sink& sink,
                    std::string* out) override;

 private:
  absl::Status TakeChunks(std::string_view bytes, Sink& sink);

  const Encoding encoding_;
  bool open_ = false;
  Pending head_;         // until the head is complete
  std::string message_;  // of a chunk in pieces
  ChunkReader chunks_;
};

// Long polling: one request after the other on one connection.
class PollWire final : public Wire {
 public:
  explicit PollWire(Encoding encoding = Encoding::kJson)
      : encoding_(encoding) {}

  std::string Open(const Target& target, const Holding& holding) override;
  absl::Status Take(std::string_view bytes, Sink& sink,
                    std::string* out) override;
  bool wants_request() const override { return answered_; }
  void Request(const Holding& holding, std::string* out) override;

 private:
  const Encoding encoding_;
  std::string prefix_, host_;
  bool accepted_ = false;  // the first answer has come
  bool answered_ = false;
  Pending pending_;
};

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_WIRES_H_
