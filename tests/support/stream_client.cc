#include "tests/support/stream_client.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "gateway/codec/ws_handshake.h"

namespace streamhub {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

WsFrameReader::Options ClientOptions() {
  WsFrameReader::Options options;
  options.role = WsFrameReader::Role::kClient;
  options.max_message_bytes = size_t{1} << 22;
  options.allow_binary = true;
  return options;
}

}  // namespace

StreamClient::StreamClient(Kind kind, int port, std::string_view query,
                           std::string_view headers, std::string_view behind)
    : kind_(kind), socket_(port), reader_(ClientOptions()) {
  std::string text(headers);
  std::string key;
  if (IsWebSocket(kind)) {
    key = WebSocketKey(std::array<uint8_t, 16>{1, 2, 3});
    text += "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n";
    text += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + "\r\n";
  }
  if (IsPoll(kind)) {
    headers_ = headers;
    polled_ = PolledSymbols(query, &parameters_);
    if (socket_.connected() && SendPoll()) TakeAnswer();
    return;
  }
  std::string target = IsWebSocket(kind)    ? "/v1/ws"
                       : kind == Kind::kSse ? "/v1/sse"
                                            : "/v1/stream";
  target += query;
  // Either way of asking for it.
  if (kind == Kind::kWebSocketFlat && headers.empty() && query.empty()) {
    text += "Sec-WebSocket-Protocol: streamhub.v1.fb\r\n";
  } else if (IsFlat(kind) && headers.empty()) {
    target += query.find("encoding=") != query.npos ? ""
              : query.empty()                       ? "?encoding=fb"
                                                    : "&encoding=fb";
  }
  text = RequestText(target, text);
  text += behind;
  Open(text, key);
}

StreamClient StreamClient::Post(int port, std::string_view body) {
  std::string text = RequestText(
      "/v1/stream", "Content-Length: " + std::to_string(body.size()) + "\r\n",
      "POST");
  text += body;
  return StreamClient(port, text);
}

StreamClient::StreamClient(int port, std::string_view request)
    : kind_(Kind::kStream), socket_(port), reader_(ClientOptions()) {
  Open(request, "");
}

void StreamClient::Open(std::string_view request,
                        std::string_view websocket_key) {
  if (!socket_.connected() || !socket_.Send(request) ||
      !TakeHead(socket_, &input_, &reply_)) {
    return;
  }
  bytes_received_ = input_.size();
  if (IsWebSocket(kind_)) {
    open_ = reply_.status == 101 && reply_.Header("sec-websocket-accept") ==
                                        WebSocketAccept(websocket_key);
  } else {
    open_ = reply_.status == 200;
  }
  if (open_) Take();
}

bool StreamClient::SendFrame(WsOpcode opcode, std::string_view payload) {
  std::string frame;
  mask_ = mask_ * 1664525 + 1013904223;
  AppendClientFrame(opcode, payload, mask_, &frame);
  return socket_.Send(frame);
}

bool StreamClient::ReceiveMore(milliseconds patience) {
  if (!open_) return false;
  if (IsPoll(kind_) && !polling_ && !SendPoll()) return open_ = false;
  const size_t before = input_.size();
  const auto got = socket_.Receive(&input_, patience);
  bytes_received_ += input_.size() - before;
  if (got == LoopbackSocket::Got::kTimeout) return false;
  if (got != LoopbackSocket::Got::kBytes) {
    open_ = false;
    was_reset_ = got == LoopbackSocket::Got::kReset;
    return false;
  }
  Take();
  return true;
}

void StreamClient::Take() {
  switch (kind_) {
    case Kind::kWebSocket:
    case Kind::kWebSocketFlat:
      return TakeFrames();
    case Kind::kSse:
      return TakeEvents();
    case Kind::kStream:
    case Kind::kStreamFlat:
      return TakeChunks();
    case Kind::kPoll:
    case Kind::kPollFlat:
      if (input_.find("\r\n\r\n") != input_.npos) TakeAnswer();
      return;
  }
}

void StreamClient::TakeMessage(std::string_view message) {
  if (heard_ != nullptr) *heard_ += message;
  std::string translated;
  std::string_view lines = message;
  if (IsFlat(kind_)) {
    const absl::Status status = flat_.ToJson(message, &translated);
    // What is not JSON ends the test that gets it.
    if (!status.ok()) translated = status.ToString();
    lines = translated;
  }
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    objects_.emplace_back(line);
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
  }
}

// From the first byte of it on; the rest is waited for.
bool StreamClient::TakeAnswer() {
  polling_ = false;
  reply_ = TakeReply(socket_, &input_);
  open_ = reply_.status == 200 && reply_.Header("connection") != "close";
  if (reply_.status == 200) TakeMessage(reply_.body);
  return open_;
}

bool StreamClient::SendPoll() {
  polling_ = true;
  const std::string query = parameters_ + polled_.Parameters() +
                            (IsFlat(kind_) ? "&encoding=fb" : "");
  return socket_.Send(RequestText("/v1/poll?" + query.substr(1), headers_));
}

// A chunk is one batch: its messages are whole.
void StreamClient::TakeChunks() {
  size_t begin = 0;
  for (;;) {
    const size_t line = input_.find("\r\n", begin);
    if (line == input_.npos) break;
    const size_t size = std::stoul(input_.substr(begin, line - begin), {}, 16);
    if (input_.size() < line + 2 + size + 2) break;
    saw_last_chunk_ = size == 0;
    TakeMessage(std::string_view(input_).substr(line + 2, size));
    begin = line + 2 + size + 2;
  }
  input_.erase(0, begin);
}

void StreamClient::TakeFrames() {
  std::span<char> rest(input_);
  WsEvent event;
  while (reader_.Next(&rest, &event) == WsFrameReader::Result::kEvent) {
    if (event.type == WsEvent::Type::kPong) pongs_.emplace_back(event.payload);
    if (event.type == WsEvent::Type::kClose) close_code_ = event.close_code;
    const auto wanted =
        IsFlat(kind_) ? WsEvent::Type::kBinary : WsEvent::Type::kText;
    if (event.type == wanted) TakeMessage(event.payload);
  }
  input_.clear();
}

void StreamClient::TakeEvents() {
  size_t begin = 0;
  for (size_t end; (end = input_.find('\n', begin)) != input_.npos;
       begin = end + 1) {
    const std::string_view line =
        std::string_view(input_).substr(begin, end - begin);
    if (line.empty()) {
      if (!data_.empty()) objects_.push_back(std::exchange(data_, {}));
    } else if (line.starts_with("data: ")) {
      data_ = line.substr(6);
    } else if (line.starts_with("id: ")) {
      event_id_ = line.substr(4);
    } else if (line.starts_with(':')) {
      ++comments_;
    }
  }
  if (heard_ != nullptr) heard_->append(input_, 0, begin);
  input_.erase(0, begin);
}

std::optional<JsonValue> StreamClient::Next(milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  while (objects_.empty()) {
    const auto left =
        std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    if (left.count() < 0 || !ReceiveMore(left)) return std::nullopt;
  }
  const std::string text = std::move(objects_.front());
  objects_.pop_front();
  std::optional<JsonValue> object = JsonReader(text).Read();
  if (object.has_value()) held_.Apply(*object);
  if (object.has_value()) polled_.Apply(*object);
  return object;
}

std::optional<JsonValue> StreamClient::Await(std::string_view type) {
  const auto deadline = steady_clock::now() + kPatience;
  while (steady_clock::now() < deadline) {
    auto object = Next();
    if (!object.has_value() || object->Text("type") == type) return object;
  }
  return std::nullopt;
}

bool StreamClient::AwaitState(
    const std::function<bool(const HeldMarket&)>& wanted,
    milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  while (!wanted(held_)) {
    const auto left =
        std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    if (left.count() < 0 || !Next(left).has_value()) return false;
  }
  return true;
}

bool StreamClient::AwaitEnd() {
  const auto deadline = steady_clock::now() + kPatience;
  while (open_ && steady_clock::now() < deadline) {
    while (open_ && objects_.empty() && ReceiveMore(kPatience)) {
    }
    while (!objects_.empty()) Next();
  }
  return !open_;
}

}  // namespace streamhub
