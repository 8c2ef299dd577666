// WsFrameReader over any bytes: the same events whatever the split, nothing
// above the limit, no crash. The first bytes of the input choose the options
// and the splits, the rest is what the peer sends.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/check.h"
#include "gateway/base/utf8.h"
#include "gateway/codec/ws_frame.h"

namespace {

using streamhub::WsEvent;
using streamhub::WsFrameReader;
using Result = WsFrameReader::Result;

constexpr size_t kPrefix = 4;

void CheckEvent(const WsEvent& event, const WsFrameReader::Options& options) {
  switch (event.type) {
    case WsEvent::Type::kText:
      STREAMHUB_CHECK(event.payload.size() <= options.max_message_bytes);
      STREAMHUB_CHECK(streamhub::IsValidUtf8(event.payload));
      return;
    case WsEvent::Type::kBinary:
      STREAMHUB_CHECK(event.payload.size() <= options.max_message_bytes);
      STREAMHUB_CHECK(options.allow_binary);
      return;
    case WsEvent::Type::kClose:
      STREAMHUB_CHECK(streamhub::IsValidUtf8(event.payload));
      STREAMHUB_CHECK(event.close_code == streamhub::kWsNoCode ||
                      streamhub::IsValidCloseCode(event.close_code));
      [[fallthrough]];
    case WsEvent::Type::kPing:
    case WsEvent::Type::kPong:
      STREAMHUB_CHECK(event.payload.size() <= streamhub::kWsControlPayloadMax);
  }
}

// Everything that was read, as one text.
template <typename NextSize>
std::string Read(std::string_view wire, const WsFrameReader::Options& options,
                 NextSize next_size) {
  WsFrameReader reader(options);
  std::string log;
  while (!wire.empty()) {
    const size_t size = std::min<size_t>(next_size(), wire.size());
    std::vector<char> piece(wire.begin(), wire.begin() + size);
    wire.remove_prefix(size);
    std::span<char> input(piece);
    WsEvent event;
    Result result;
    while ((result = reader.Next(&input, &event)) == Result::kEvent) {
      CheckEvent(event, options);
      log += std::to_string(static_cast<int>(event.type)) + ' ' +
             std::to_string(event.close_code) + ' ' +
             std::string(event.payload) + '\n';
    }
    STREAMHUB_CHECK(reader.buffered_bytes() <= options.max_message_bytes);
    if (result == Result::kFailed) {
      STREAMHUB_CHECK(streamhub::IsValidCloseCode(reader.failure().code));
      return log + "failed " + std::to_string(reader.failure().code) + ' ' +
             std::string(reader.failure().reason);
    }
    STREAMHUB_CHECK(input.empty());
  }
  return log;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < kPrefix) return 0;
  const WsFrameReader::Options options = {
      .role = (data[0] & 1) != 0 ? WsFrameReader::Role::kClient
                                 : WsFrameReader::Role::kServer,
      .max_message_bytes = size_t{data[1]} * 8,
      .allow_binary = (data[0] & 2) != 0,
  };
  std::mt19937 random(data[2] << 8 | data[3]);
  const std::string_view wire(reinterpret_cast<const char*>(data + kPrefix),
                              size - kPrefix);
  const std::string whole = Read(wire, options, [&] { return wire.size(); });
  STREAMHUB_CHECK(whole == Read(wire, options, [] { return size_t{1}; }));
  STREAMHUB_CHECK(whole ==
                  Read(wire, options, [&] { return 1 + random() % 16; }));
  STREAMHUB_CHECK(
      whole == Read(wire, options, [&] { return 1 + random() % wire.size(); }));
  return 0;
}
