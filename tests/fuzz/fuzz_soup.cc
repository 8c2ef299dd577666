// soup::StreamReader over any bytes: the same packets whatever the pieces, a
// session's numbers ascend, no crash. The first two bytes choose the pieces.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "feeds/soup/stream_reader.h"
#include "gateway/base/check.h"

namespace {

using streamhub::soup::Packet;
using streamhub::soup::StreamReader;
using streamhub::soup::Type;

// Everything that was read, as one text.
template <typename NextSize>
std::string Read(std::string_view wire, NextSize next_size) {
  StreamReader reader;
  std::string log;
  uint64_t last = 0;
  while (true) {
    Packet packet;
    switch (reader.Read(&packet)) {
      case StreamReader::Next::kPacket:
        STREAMHUB_CHECK(packet.type != Type::kUnknown);
        if (packet.type == Type::kLoginAccepted) last = 0;
        if (packet.sequence != 0) {
          STREAMHUB_CHECK(packet.type == Type::kSequenced);
          STREAMHUB_CHECK(packet.sequence > last);
          last = packet.sequence;
        }
        log += std::to_string(static_cast<int>(packet.type)) + ' ' +
               std::to_string(packet.sequence) + ' ' +
               std::to_string(reader.offset()) + ' ' + reader.session() + ' ' +
               std::string(packet.payload.begin(), packet.payload.end()) + '\n';
        break;
      case StreamReader::Next::kNeedMore: {
        const auto room = reader.Room();
        STREAMHUB_CHECK(!room.empty());
        const size_t count =
            std::min<size_t>({next_size(), wire.size(), room.size()});
        if (count == 0) reader.Finish();
        std::copy_n(wire.begin(), count, room.begin());
        reader.Filled(count);
        wire.remove_prefix(count);
        break;
      }
      case StreamReader::Next::kEnd:
        STREAMHUB_CHECK(reader.status().ok() && wire.empty());
        return log + "end";
      case StreamReader::Next::kDamaged:
        STREAMHUB_CHECK(!reader.status().ok());
        return log + std::string(reader.status().message());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kPrefix = 2;
  if (size < kPrefix) return 0;
  std::mt19937 random(data[0] << 8 | data[1]);
  const std::string_view wire(reinterpret_cast<const char*>(data + kPrefix),
                              size - kPrefix);
  const std::string whole = Read(wire, [&] { return wire.size(); });
  STREAMHUB_CHECK(whole == Read(wire, [] { return size_t{1}; }));
  STREAMHUB_CHECK(whole ==
                  Read(wire, [&] { return size_t{1 + random() % 40}; }));
  return 0;
}
