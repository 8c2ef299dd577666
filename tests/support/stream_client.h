// A client of the gateway's streams for tests: WebSocket, server-sent events,
// HTTP streaming, or polls one after the other over one connection, in JSON or
// FlatBuffers; blocking, with a deadline on everything. One thread.

#ifndef STREAMHUB_TESTS_SUPPORT_STREAM_CLIENT_H_
#define STREAMHUB_TESTS_SUPPORT_STREAM_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/codec/flat_reader.h"
#include "gateway/codec/ws_frame.h"
#include "tests/support/held_market.h"
#include "tests/support/http_client.h"
#include "tests/support/json_value.h"
#include "tests/support/loopback_socket.h"
#include "tests/support/polled_symbols.h"

namespace streamhub {

class StreamClient {
 public:
  enum class Kind {
    kWebSocket,
    kSse,
    kStream,
    kWebSocketFlat,
    kStreamFlat,
    kPoll,
    kPollFlat
  };
  static constexpr Kind kEndless[] = {Kind::kWebSocket, Kind::kSse,
                                      Kind::kStream, Kind::kWebSocketFlat,
                                      Kind::kStreamFlat};
  static constexpr Kind kKinds[] = {
      Kind::kWebSocket,  Kind::kSse,  Kind::kStream,  Kind::kWebSocketFlat,
      Kind::kStreamFlat, Kind::kPoll, Kind::kPollFlat};
  static constexpr std::string_view NameOf(Kind kind) {
    constexpr std::string_view kNames[] = {
        "WebSocket",  "Sse",  "Stream",  "WebSocketFlat",
        "StreamFlat", "Poll", "PollFlat"};
    return kNames[static_cast<size_t>(kind)];
  }
  static constexpr bool IsWebSocket(Kind kind) {
    return kind == Kind::kWebSocket || kind == Kind::kWebSocketFlat;
  }
  static constexpr bool IsPoll(Kind kind) {
    return kind == Kind::kPoll || kind == Kind::kPollFlat;
  }
  static constexpr bool IsFlat(Kind kind) {
    return kind == Kind::kWebSocketFlat || kind == Kind::kStreamFlat ||
           kind == Kind::kPollFlat;
  }

  // Connects and does the handshake, whose reply is kept. `query`: of the URL,
  // with its '?'. `headers`: further ones, each ending in CRLF. `behind`: sent
  // together with the request.
  StreamClient(Kind kind, int port, std::string_view query = "",
               std::string_view headers = "", std::string_view behind = "");

  // HTTP streaming asked for by a POST.
  static StreamClient Post(int port, std::string_view body);

  Kind kind() const { return kind_; }
  const HttpReply& reply() const { return reply_; }
  bool open() const { return open_; }

  // --- WebSocket: what is said ---

  bool Send(std::string_view text) { return SendFrame(WsOpcode::kText, text); }
  bool SendFrame(WsOpcode opcode, std::string_view payload);

  // --- what comes ---

  // The next object, applied to held(); nullopt if none came in time or the
  // stream has ended.
  std::optional<JsonValue> Next(std::chrono::milliseconds patience = kPatience);

  // Reads until an object is of that type. Others are applied.
  std::optional<JsonValue> Await(std::string_view type);

  // Reads until held() is as `wanted` says. False if it did not get there.
  bool AwaitState(const std::function<bool(const HeldMarket&)>& wanted,
                  std::chrono::milliseconds patience = kPatience);

  // Reads until the stream ends. False if it did not.
  bool AwaitEnd();

  // From now on appends what comes to `*to` as it comes, without frames, chunks
  // and heads: messages of JSON and of FlatBuffers, events. Null: no more.
  void HearInto(std::string* to) { heard_ = to; }

  const HeldMarket& held() const { return held_; }
  HeldMarket& held() { return held_; }
  uint64_t bytes_received() const { return bytes_received_; }
  const std::string& last_event_id() const { return event_id_; }
  int64_t comments() const { return comments_; }
  const std::vector<std::string>& pongs() const { return pongs_; }
  // 0: no close frame came.
  uint16_t close_code() const { return close_code_; }
  bool was_reset() const { return was_reset_; }
  // HTTP streaming: the body ended as it should.
  bool saw_last_chunk() const { return saw_last_chunk_; }

  LoopbackSocket& socket() { return socket_; }

 private:
  StreamClient(int port, std::string_view request);

  void Open(std::string_view request, std::string_view websocket_key);
  bool ReceiveMore(std::chrono::milliseconds patience);
  void Take();
  void TakeFrames();
  void TakeEvents();
  void TakeChunks();
  void TakeMessage(std::string_view message);
  bool TakeAnswer();
  bool SendPoll();

  const Kind kind_;
  LoopbackSocket socket_;
  HttpReply reply_;
  bool open_ = false;
  bool was_reset_ = false;
  bool saw_last_chunk_ = false;
  std::string input_;
  uint64_t bytes_received_ = 0;
  WsFrameReader reader_;
  FlatReader flat_;
  std::deque<std::string> objects_;
  std::string* heard_ = nullptr;
  std::string data_, event_id_;  // of the event at hand
  int64_t comments_ = 0;
  std::vector<std::string> pongs_;
  uint16_t close_code_ = 0;
  uint32_t mask_ = 0x9E3779B9;
  HeldMarket held_;

  // Polls: what is asked for, and what it was told of each symbol.
  std::string parameters_, headers_;
  PolledSymbols polled_;
  bool polling_ = false;
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SUPPORT_STREAM_CLIENT_H_
