// Bytes from a ByteSource to a reader that takes them in pieces: one with
// Room(), Filled() and Finish(). On the feed's thread.

#ifndef STREAMHUB_FEEDS_REPLAY_FILL_H_
#define STREAMHUB_FEEDS_REPLAY_FILL_H_

#include <cstddef>

#include "feeds/replay/byte_source.h"

namespace streamhub {

// Brings `reader` some bytes, or tells it that none will follow. As
// ByteSource::Read(): waits for a pipe at most about `wait_ms_max`.
template <typename Reader>
ByteSource::Result Fill(ByteSource& source, int wait_ms_max, Reader& reader) {
  size_t bytes = 0;
  const ByteSource::Result result =
      source.Read(reader.Room(), wait_ms_max, &bytes);
  if (result == ByteSource::Result::kBytes) reader.Filled(bytes);
  if (result == ByteSource::Result::kEnd) reader.Finish();
  return result;
}

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_FILL_H_
