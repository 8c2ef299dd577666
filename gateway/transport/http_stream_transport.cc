#include "gateway/transport/http_stream_transport.h"

#include <absl/strings/str_cat.h>

#include <memory>
#include <utility>

#include "gateway/codec/batch.h"
#include "gateway/transport/refusal.h"
#include "gateway/transport/stream_head.h"

namespace streamhub {
namespace {

// Of a document in a frame.
constexpr size_t kPageBytesMax = 4 * 1024 * 1024;

}  // namespace

void HttpStreamTransport::Start(AcceptedSocket accepted, ShardContext& shard,
                                std::span<const ParsedRequest> wanted,
                                std::string headers, Encoding encoding,
                                bool chunked) {
  std::make_shared<HttpStreamTransport>(std::move(accepted), shard,
                                        std::move(headers), encoding, chunked,
                                        nullptr)
      ->StreamTransport::Start(wanted, {});
}

void HttpStreamTransport::StartFrame(AcceptedSocket accepted,
                                     ShardContext& shard,
                                     std::span<const ParsedRequest> wanted,
                                     std::string headers, ScriptPage page,
                                     bool chunked) {
  headers += HeaderLines(page.Headers());
  std::make_shared<HttpStreamTransport>(
      std::move(accepted), shard, std::move(headers), Encoding::kJson, chunked,
      std::make_unique<const ScriptPage>(std::move(page)))
      ->StreamTransport::Start(wanted, {});
}

void HttpStreamTransport::WrapForPage(std::string& batch) {
  std::string document(kBatchHeadroom, '\0');
  if (!head_sent_) document += page_->Begin();
  document += page_->Script(std::string_view(batch).substr(kBatchHeadroom));
  batch.swap(document);
  const bool was_long = page_bytes_ > kPageBytesMax;
  page_bytes_ += batch.size();
  if (!was_long && page_bytes_ > kPageBytesMax)
    EndSoon(CloseReason::kResponseLong);
}

std::string_view HttpStreamTransport::Frame(std::string& batch) {
  if (page_ != nullptr) {
    WrapForPage(batch);
  } else if (encoding() == Encoding::kJson) {
    batch += '\n';
  }
  std::string before;
  if (chunked_) {
    before = absl::StrCat(absl::Hex(batch.size() - kBatchHeadroom), "\r\n");
    batch += "\r\n";
  }
  if (!std::exchange(head_sent_, true)) {
    if (chunked_) headers_ += "Transfer-Encoding: chunked\r\n";
    before.insert(
        0, StreamHead(page_ != nullptr ? kFrameType : ContentType(encoding()),
                      std::exchange(headers_, {})));
    batch.replace(0, kBatchHeadroom, before);
    return batch;
  }
  const size_t begin = kBatchHeadroom - before.size();
  batch.replace(begin, before.size(), before);
  return std::string_view(batch).substr(begin);
}

std::string HttpStreamTransport::Farewell(CloseReason) {
  return head_sent_ && chunked_ ? "0\r\n\r\n" : "";
}

// A frame shows its page no status and no body but of scripts.
std::string HttpStreamTransport::Refuse(const Refusal& refusal) {
  if (page_ == nullptr) return UnavailableResponse(refusal, headers_);
  return StreamHead(kFrameType, headers_) + page_->Begin() +
         page_->Script(ClosingLine(refusal));
}

}  // namespace streamhub
