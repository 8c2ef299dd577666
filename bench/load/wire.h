// How a client of a load test speaks: what it sends to open a session, and how
// the bytes that come back fall into messages. One file for each transport; a
// socket is somebody else's. A wire belongs to one client and its thread.

#ifndef STREAMHUB_BENCH_LOAD_WIRE_H_
#define STREAMHUB_BENCH_LOAD_WIRE_H_

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bench/load/holding.h"
#include "gateway/codec/batch.h"

namespace streamhub::load {

// Where the gateway is.
struct Target {
  std::string host;    // without the brackets of an IPv6 address
  std::string port;    // decimal
  std::string prefix;  // of all paths: "" or "/prices"

  std::string HostField() const;  // RFC 9110 section 7.2
};

enum class WireKind : uint8_t { kWs, kSse, kStream, kPoll };

// By its name on the command line: ws, sse, stream, poll.
std::optional<WireKind> FindWireKind(std::string_view name);
std::string_view NameOf(WireKind kind);

// Takes what a wire reads.
class Sink {
 public:
  virtual ~Sink() = default;

  // The server has accepted: a stream begins, or an answer.
  virtual void OnAccepted() = 0;

  // One message: objects, one per line, or FlatBuffers.
  virtual void OnMessage(std::string_view message) = 0;
};

class Wire {
 public:
  // Of one message. More is a fault.
  static constexpr size_t kMessageBytesMax = 4 * 1024 * 1024;

  virtual ~Wire() = default;

  // What to send first.
  virtual std::string Open(const Target& target, const Holding& holding) = 0;

  // Takes what the socket brought, and appends to `*out` what is to be sent. An
  // error is the end of the session: what is wrong, in words that are the same
  // for all clients it happens to, as they are counted by.
  virtual absl::Status Take(std::string_view bytes, Sink& sink,
                            std::string* out) = 0;

  // After Take(): whether a request has to follow now, by Request().
  virtual bool wants_request() const { return false; }
  virtual void Request(const Holding&, std::string*) {}
};

// `random`: a number that differs from client to client. Server-sent events are
// text, whatever `encoding` says.
std::unique_ptr<Wire> MakeWire(WireKind kind, uint64_t random,
                               Encoding encoding = Encoding::kJson);

// Of a URL's path that has no other.
std::string_view EncodingQuery(Encoding encoding);

// Bytes of a stream that wait for the rest of their message. Append() gives
// what is there in one piece; Keep() takes what was not used of it.
class Pending {
 public:
  std::string_view Append(std::string_view bytes) {
    if (text_.empty()) return bytes;
    text_ += bytes;
    return text_;
  }
  void Keep(std::string_view rest);

 private:
  std::string text_;
};

// The head of a response, RFC 9112. 0: not yet complete; -1: no HTTP/1.
// Otherwise its status, and `*head` is taken off `*bytes`.
int TakeHead(std::string_view* bytes, std::string_view* head);

// The value of a field of a head; empty if it is not there.
std::string_view FieldOf(std::string_view head, std::string_view name);

// "refused with status 404"
absl::Status RefusedWith(int status);

// Takes messages that end in `end` off `*bytes` and gives each to `take`.
template <typename Take>
void ForEachEnded(std::string_view* bytes, std::string_view end, Take take) {
  for (size_t at; (at = bytes->find(end)) != bytes->npos;) {
    take(bytes->substr(0, at));
    bytes->remove_prefix(at + end.size());
  }
}

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_WIRE_H_
