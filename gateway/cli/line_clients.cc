// Clients of /v1/stream and /v1/poll, whose messages are lines.

#include <absl/strings/str_cat.h>

#include <utility>

#include "gateway/base/strings.h"
#include "gateway/cli/http_exchange.h"
#include "gateway/cli/stream_client.h"
#include "gateway/cli/tcp_stream.h"

namespace streamhub {
namespace {

constexpr size_t kMessageBytesMax = 4 * 1024 * 1024;
constexpr size_t kReadBytes = 64 * 1024;

// By POST: a thousand names need not fit in a request line.
std::string PostText(const WatchUrl& url, std::string_view path,
                     std::string_view version, const StreamRequest& request) {
  const std::string body = ToJson(request);
  return absl::StrCat("POST ", url.prefix, ToAbsl(path), " ", ToAbsl(version),
                      "\r\nHost: ", url.HostField(),
                      "\r\nContent-Type: application/json\r\nContent-Length: ",
                      body.size(), "\r\n\r\n", body);
}

absl::Status ReadMore(TcpStream& stream, int64_t deadline_ns,
                      std::string* received) {
  if (received->size() > kMessageBytesMax) {
    return absl::FailedPreconditionError("a message is too big");
  }
  const size_t before = received->size();
  received->resize(before + kReadBytes);
  const auto got =
      stream.Read(std::span<char>(*received).subspan(before), deadline_ns);
  received->resize(before + (got.ok() ? *got : 0));
  return got.status();
}

class LineClient final : public StreamClient {
 public:
  LineClient(std::unique_ptr<TcpStream> stream, std::string first)
      : stream_(std::move(stream)), received_(std::move(first)) {}

  // Whole lines, as many as have come.
  absl::StatusOr<std::string> Next(int64_t deadline_ns) override {
    for (;;) {
      const size_t end = received_.rfind('\n');
      if (end != received_.npos) {
        std::string rest = received_.substr(end + 1);
        received_.resize(end);
        return std::exchange(received_, std::move(rest));
      }
      const absl::Status read = ReadMore(*stream_, deadline_ns, &received_);
      if (!read.ok()) return read;
    }
  }

 private:
  const std::unique_ptr<TcpStream> stream_;
  std::string received_;
};

class PollClient final : public StreamClient {
 public:
  PollClient(std::unique_ptr<TcpStream> stream, const WatchUrl& url,
             std::function<StreamRequest()> request)
      : stream_(std::move(stream)), url_(url), request_(std::move(request)) {}

  absl::StatusOr<std::string> Next(int64_t deadline_ns) override {
    if (!std::exchange(asked_, true)) {
      const absl::Status written = stream_->Write(
          PostText(url_, "/v1/poll", "HTTP/1.1", request_()), deadline_ns);
      if (!written.ok()) return absl::UnavailableError(written.message());
    }
    for (;;) {
      auto answer = TakeResponse(&received_);
      if (!answer.ok()) return answer.status();
      if (answer->has_value()) {
        asked_ = false;
        return **std::move(answer);
      }
      const absl::Status read = ReadMore(*stream_, deadline_ns, &received_);
      if (!read.ok()) return read;
    }
  }

 private:
  const std::unique_ptr<TcpStream> stream_;
  const WatchUrl url_;
  const std::function<StreamRequest()> request_;
  std::string received_;
  bool asked_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<StreamClient>> ConnectHttpStream(
    const WatchUrl& url, const StreamRequest& request, const StopSignal& stop,
    int64_t deadline_ns) {
  auto stream = TcpStream::Open(url, stop, deadline_ns);
  if (!stream.ok()) return stream.status();
  // HTTP/1.0: so nobody in between may send it in chunks (RFC 9112, 7.1).
  auto head =
      OpenHttp(**stream, PostText(url, "/v1/stream", "HTTP/1.0", request), 200,
               deadline_ns);
  if (!head.ok()) return head.status();
  return std::make_unique<LineClient>(*std::move(stream),
                                      std::move(head->rest));
}

absl::StatusOr<std::unique_ptr<StreamClient>> ConnectPoll(
    const WatchUrl& url, std::function<StreamRequest()> request,
    const StopSignal& stop, int64_t deadline_ns) {
  auto stream = TcpStream::Open(url, stop, deadline_ns);
  if (!stream.ok()) return stream.status();
  return std::make_unique<PollClient>(*std::move(stream), url,
                                      std::move(request));
}

}  // namespace streamhub
