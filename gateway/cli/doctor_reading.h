// What came over one transport, and when: bytes of a response in, the facts
// that the doctor judges out. It believes nothing of what comes. Pure; one
// thread.

#ifndef STREAMHUB_GATEWAY_CLI_DOCTOR_READING_H_
#define STREAMHUB_GATEWAY_CLI_DOCTOR_READING_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/cli/http_exchange.h"
#include "gateway/codec/ws_frame.h"

namespace streamhub {

// In the order of the client's choice.
enum class Door { kWebSocket, kSse, kStream, kPoll, kFrame, kJsonp };

std::string_view NameOf(Door door);

constexpr bool IsPoll(Door door) {
  return door == Door::kPoll || door == Door::kJsonp;
}

// Times are in ns since the probe began; negative: it did not happen.
struct DoctorFacts {
  Door door = Door::kWebSocket;
  int64_t connected_ns = -1;
  int64_t first_byte_ns = -1;  // of the response
  int64_t hello_ns = -1;
  int64_t update_ns = -1;
  int64_t last_byte_ns = -1;
  int64_t ended_ns = -1;  // the other side, or the network, ended it
  int64_t asked_ns = -1;  // the last request
  int64_t over_ns = 0;    // the probe
  std::string failure;    // why it ended
  HttpHead head;          // of the first response; status 0: none
  std::string encoding;   // what somebody compressed it with
  bool goodbye = false;   // the server said that it ends
  bool answered = false;  // a poll: the last request has its answer
  bool too_much = false;  // lines or messages without end
  int64_t heartbeat_ms = 2000;
  int64_t messages = 0;
  int64_t bytes = 0;
  int64_t silence_ns = 0;  // the longest between two messages
  int64_t pings = 0, pongs = 0;
  int64_t pinged_ns = -1;      // the last of them
  int64_t round_trip_ns = -1;  // the shortest
  // This machine's clock at the arrival less the `time` in the message, in us.
  int64_t lag_us_min = INT64_MAX;
  int64_t lag_us_max = INT64_MIN;
  int64_t burst_bytes = 0;  // the most that came at one time, late
  int64_t burst_ns = -1;    // when that was
};

class DoctorReading {
 public:
  explicit DoctorReading(Door door) { facts_.door = door; }

  // `now_ns` as in the facts; `wall_us`: this machine's clock. False: enough
  // was seen, whatever comes next.
  bool Take(std::string_view bytes, int64_t now_ns, int64_t wall_us);

  // A poll has its answer: time for the next.
  bool TakeAnswered();

  // The connection ended: whether that was the end of a poll's answer.
  bool TakeEnd();

  // The key of a symbol in the next poll; empty `at`: nothing is known yet.
  std::string Cursor(const std::string& symbol) const;
  const std::string& at() const { return at_; }

  DoctorFacts& facts() { return facts_; }
  const DoctorFacts& facts() const { return facts_; }

 private:
  bool TakeHead();
  bool TakeBody(std::string_view bytes);
  bool TakeChunks(std::string_view bytes);
  bool TakeFrames(std::string_view bytes);
  bool TakeText(std::string_view text);
  void TakeLine(std::string_view line);
  void TakeObject(std::string_view json);
  void EndAnswer();

  DoctorFacts facts_;
  WsFrameReader frames_{{.role = WsFrameReader::Role::kClient,
                         .max_message_bytes = size_t{1} << 20,
                         .allow_binary = false}};
  bool in_head_ = true;
  bool chunked_ = false;
  bool answered_ = false;
  int64_t body_left_ = -1;  // of a Content-Length
  int64_t chunk_left_ = 0;  // 0: in a line between chunks
  bool last_chunk_ = false;
  std::string chunk_line_;
  std::string head_, line_;
  int64_t now_ns_ = 0, wall_us_ = 0;
  int64_t turn_bytes_ = 0;  // of what came at this time
  int64_t last_message_ns_ = -1;
  std::string at_;
  std::map<std::string, uint64_t> versions_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_DOCTOR_READING_H_
