#include "gateway/transport/sse_transport.h"

#include <memory>
#include <utility>

#include "gateway/codec/batch.h"
#include "gateway/transport/stream_head.h"

namespace streamhub {
void SseTransport::Start(AcceptedSocket accepted, ShardContext& shard,
                         std::span<const ParsedRequest> wanted,
                         std::string headers) {
  std::make_shared<SseTransport>(std::move(accepted), shard, std::move(headers))
      ->StreamTransport::Start(wanted, {});
}

std::string_view SseTransport::Frame(std::string& batch) {
  if (std::exchange(headers_sent_, true)) {
    return std::string_view(batch).substr(kBatchHeadroom);
  }
  batch.replace(0, kBatchHeadroom,
                StreamHead(kContentType, std::exchange(headers_, {})));
  return batch;
}

}  // namespace streamhub
