#include "gateway/cli/stream_client.h"

#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <array>
#include <random>
#include <span>
#include <utility>

#include "gateway/base/strings.h"
#include "gateway/cli/http_exchange.h"
#include "gateway/cli/sse_reader.h"
#include "gateway/cli/tcp_stream.h"
#include "gateway/codec/json.h"
#include "gateway/codec/ws_frame.h"
#include "gateway/codec/ws_handshake.h"

namespace streamhub {
namespace {

constexpr size_t kMessageBytesMax = 4 * 1024 * 1024;
constexpr size_t kReadBytes = 64 * 1024;

class SseClient final : public StreamClient {
 public:
  SseClient(std::unique_ptr<TcpStream> stream, std::string first)
      : stream_(std::move(stream)), received_(std::move(first)) {
    input_ = received_;
  }

  absl::StatusOr<std::string> Next(int64_t deadline_ns) override;

 private:
  const std::unique_ptr<TcpStream> stream_;
  SseReader reader_{kMessageBytesMax};
  std::string received_;
  std::string_view input_;  // of received_, not yet read
};

absl::StatusOr<std::string> SseClient::Next(int64_t deadline_ns) {
  for (;;) {
    std::string message;
    switch (reader_.Next(&input_, &message)) {
      case SseReader::Result::kEvent:
        return message;
      case SseReader::Result::kTooBig:
        return absl::FailedPreconditionError("an event is too big");
      case SseReader::Result::kNeedMore:
        break;
    }
    received_.resize(kReadBytes);
    const auto got = stream_->Read(received_, deadline_ns);
    if (!got.ok()) return got.status();
    input_ = std::string_view(received_).substr(0, *got);
  }
}

class WsClient final : public StreamClient {
 public:
  WsClient(std::unique_ptr<TcpStream> stream, std::string first)
      : stream_(std::move(stream)), received_(std::move(first)) {
    input_ = received_;
  }

  absl::StatusOr<std::string> Next(int64_t deadline_ns) override;
  absl::Status Say(std::string_view json, int64_t deadline_ns) override {
    return Send(WsOpcode::kText, json, deadline_ns);
  }
  absl::Status Send(WsOpcode opcode, std::string_view payload,
                    int64_t deadline_ns);

 private:
  const std::unique_ptr<TcpStream> stream_;
  WsFrameReader reader_{{.role = WsFrameReader::Role::kClient,
                         .max_message_bytes = kMessageBytesMax,
                         .allow_binary = false}};
  std::string received_;
  std::span<char> input_;  // of received_, not yet read
  std::random_device random_;
};

absl::Status WsClient::Send(WsOpcode opcode, std::string_view payload,
                            int64_t deadline_ns) {
  std::string frame;
  AppendClientFrame(opcode, payload, random_(), &frame);
  return stream_->Write(frame, deadline_ns);
}

absl::Status Closed(const WsEvent& event) {
  const std::string text =
      absl::StrCat("the server closed with code ", event.close_code,
                   event.payload.empty() ? "" : ": ", ToAbsl(event.payload));
  // The codes after which docs/protocol.md says not to come back.
  constexpr uint16_t kLimitExceeded = 4005;
  constexpr uint16_t kForGood[] = {kWsProtocolError, kWsInvalidPayload,
                                   kWsMessageTooBig, kLimitExceeded};
  const bool for_good = std::find(std::begin(kForGood), std::end(kForGood),
                                  event.close_code) != std::end(kForGood);
  return for_good ? absl::FailedPreconditionError(text)
                  : absl::UnavailableError(text);
}

absl::StatusOr<std::string> WsClient::Next(int64_t deadline_ns) {
  for (;;) {
    WsEvent event;
    switch (reader_.Next(&input_, &event)) {
      case WsFrameReader::Result::kFailed:
        return absl::UnavailableError(
            absl::StrCat("bad frame: ", ToAbsl(reader_.failure().reason)));
      case WsFrameReader::Result::kEvent:
        if (event.type == WsEvent::Type::kText) {
          return std::string(event.payload);
        }
        if (event.type == WsEvent::Type::kClose) return Closed(event);
        if (event.type == WsEvent::Type::kPing) {
          const absl::Status sent =
              Send(WsOpcode::kPong, event.payload, deadline_ns);
          if (!sent.ok()) return sent;
        }
        continue;
      case WsFrameReader::Result::kNeedMore:
        break;
    }
    received_.resize(kReadBytes);
    const auto got = stream_->Read(received_, deadline_ns);
    if (!got.ok()) return got.status();
    input_ = std::span<char>(received_).first(*got);
  }
}

void AppendStrings(const std::vector<std::string>& strings, std::string* out) {
  *out += '[';
  for (const std::string& text : strings) {
    if (out->back() != '[') *out += ',';
    AppendString(text, out);
  }
  *out += ']';
}

std::string WsRequestHead(const WatchUrl& url, std::string_view key) {
  return absl::StrCat("GET ", url.prefix,
                      "/v1/ws HTTP/1.1\r\nHost: ", url.HostField(),
                      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Protocol: streamhub.v1.json\r\n"
                      "Sec-WebSocket-Key: ",
                      ToAbsl(key), "\r\n\r\n");
}

}  // namespace

int64_t RetryMsIn(std::string_view reason) {
  constexpr std::string_view kName = "retry_ms=";
  constexpr int64_t kRetryMsMax = 60'000;
  const size_t at = reason.rfind(kName);
  if (at == reason.npos) return 0;
  const std::string_view text = reason.substr(at + kName.size());
  const size_t digits =
      std::min(text.find_first_not_of("0123456789"), text.size());
  int64_t ms = 0;
  if (!absl::SimpleAtoi(ToAbsl(text.substr(0, digits)), &ms)) return 0;
  return std::min(ms, kRetryMsMax);
}

std::string ToQuery(const StreamRequest& request) {
  // A comma or @ inside of a name cannot be: those may stand as they are.
  const auto append = [](std::string* out, const std::string& name) {
    const size_t at = name.rfind('@');
    absl::StrAppend(out, PercentEncode(name.substr(0, at)),
                    at == name.npos ? "" : name.substr(at));
  };
  std::string query = "symbols=" + absl::StrJoin(request.names, ",", append);
  if (!request.fields.empty()) {
    absl::StrAppend(&query,
                    "&fields=", absl::StrJoin(request.fields, ",", append));
  }
  if (request.history > 0) {
    absl::StrAppend(&query, "&history=", request.history);
  }
  if (!request.max_rate.empty()) {
    absl::StrAppend(&query, "&max_rate=", request.max_rate);
  }
  if (!request.token.empty()) {
    absl::StrAppend(&query, "&at=", PercentEncode(request.token));
  }
  return query;
}

std::string ToJson(const StreamRequest& request) {
  std::string out = R"({"type":"subscribe","id":1,"symbols":)";
  AppendStrings(request.names, &out);
  if (!request.token.empty()) {
    out += ",\"at\":";
    AppendString(request.token, &out);
  }
  if (!request.fields.empty()) {
    out += ",\"fields\":";
    AppendStrings(request.fields, &out);
  }
  if (request.history > 0) {
    absl::StrAppend(&out, ",\"history\":", request.history);
  }
  if (!request.max_rate.empty()) {
    const bool word = request.max_rate == "unlimited";
    absl::StrAppend(&out, ",\"max_rate\":", word ? "\"" : "", request.max_rate,
                    word ? "\"" : "");
  }
  return out + '}';
}

absl::StatusOr<std::unique_ptr<StreamClient>> ConnectSse(
    const WatchUrl& url, const StreamRequest& request, const StopSignal& stop,
    int64_t deadline_ns) {
  auto stream = TcpStream::Open(url, stop, deadline_ns);
  if (!stream.ok()) return stream.status();
  // HTTP/1.0: so nobody in between may send it in chunks (RFC 9112, 7.1).
  auto head =
      OpenHttp(**stream,
               absl::StrCat("GET ", url.prefix, "/v1/sse?", ToQuery(request),
                            " HTTP/1.0\r\nHost: ", url.HostField(),
                            "\r\nAccept: text/event-stream\r\n\r\n"),
               200, deadline_ns);
  if (!head.ok()) return head.status();
  if (!head->Field("Content-Type").starts_with("text/event-stream")) {
    return absl::FailedPreconditionError("the server sends no event stream");
  }
  return std::make_unique<SseClient>(*std::move(stream), std::move(head->rest));
}

absl::StatusOr<std::unique_ptr<StreamClient>> ConnectWebSocket(
    const WatchUrl& url, const StreamRequest& request, const StopSignal& stop,
    int64_t deadline_ns) {
  auto stream = TcpStream::Open(url, stop, deadline_ns);
  if (!stream.ok()) return stream.status();
  std::random_device random;
  std::array<uint8_t, 16> nonce;
  for (uint8_t& byte : nonce) byte = static_cast<uint8_t>(random());
  const std::string key = WebSocketKey(nonce);
  auto head = OpenHttp(**stream, WsRequestHead(url, key), 101, deadline_ns);
  // Its own answer to what is no upgrade: something took the headers away.
  if (absl::StrContains(head.status().message(), "status 426")) {
    return absl::FailedPreconditionError(absl::StrCat(
        head.status().message(),
        ": no WebSocket gets through to it; take --transport sse, or see what "
        "`streamhub doctor ",
        ToAbsl(url.Scheme()), "://", url.HostField(), url.prefix, "` finds"));
  }
  if (!head.ok()) return head.status();
  if (head->Field("Sec-WebSocket-Accept") != WebSocketAccept(key)) {
    return absl::FailedPreconditionError(
        "the server's WebSocket handshake is wrong");
  }
  auto client =
      std::make_unique<WsClient>(*std::move(stream), std::move(head->rest));
  const absl::Status sent =
      client->Send(WsOpcode::kText, ToJson(request), deadline_ns);
  if (!sent.ok()) return sent;
  return client;
}

}  // namespace streamhub
