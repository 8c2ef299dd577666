// What is kept of a symbol's tape. For use without a concurrent writer.

#ifndef STREAMHUB_TESTS_SUPPORT_TAPE_READER_H_
#define STREAMHUB_TESTS_SUPPORT_TAPE_READER_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/market/market.h"
#include "gateway/market/topic_ring.h"

namespace streamhub {

// The data of its messages, oldest first; none if there is no such tape.
inline std::vector<std::string> TapeOf(const Market& market,
                                       std::string_view code) {
  const auto id =
      market.symbols().Find(std::string(kTapePrefix) + std::string(code));
  const TopicRing* const ring = id.has_value() ? market.topic(*id) : nullptr;
  std::vector<std::string> all;
  if (ring == nullptr) return all;
  TopicMessages kept;
  ring->ReadSince(ring->CursorBefore(ring->keeps()), ~size_t{0}, &kept);
  for (const auto& message : kept.messages) all.emplace_back(message.data);
  return all;
}

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SUPPORT_TAPE_READER_H_
