// Long polling: a session whose one batch is the whole answer. The socket stays
// its HTTP connection's, which writes the answer and reads the next request;
// meanwhile this looks whether the client hangs up.
//
// Shard's thread only.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_POLL_TRANSPORT_H_
#define STREAMHUB_GATEWAY_TRANSPORT_POLL_TRANSPORT_H_

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "gateway/codec/request.h"
#include "gateway/session/session.h"
#include "gateway/session/transport.h"
#include "gateway/transport/accepted_socket.h"
#include "gateway/transport/shard_context.h"

namespace streamhub {

class PollTransport final : public Transport,
                            public std::enable_shared_from_this<PollTransport> {
 public:
  struct Answer {
    std::string body;
    Encoding encoding;
    bool refused;  // all that was asked for
    bool last;     // the connection is to end after it
  };

  // Opens a session for `wanted`; null if the shard takes no more. `done` is
  // called once, not from in here: with the answer, or nullopt if the client
  // has hung up. `stream` lives until then.
  static std::shared_ptr<PollTransport> Start(
      ClientStream& stream, ShardContext& shard,
      std::span<const ParsedRequest> wanted, Encoding encoding,
      std::function<void(std::optional<Answer>)> done);

  PollTransport(ClientStream& stream, Encoding encoding,
                std::function<void(std::optional<Answer>)> done)
      : stream_(stream), done_(std::move(done)) {
    answer_.encoding = encoding;
  }

  // The answer is out, or cannot be got out: ends the session. From a handler.
  void Finish();

  // --- Transport ---
  Envelope envelope() const override { return EnvelopeOf(answer_.encoding); }
  TransportKind kind() const override { return TransportKind::kPoll; }
  std::string peer() override;
  bool Send(std::string& batch) override;
  void ResumeReading() override {}
  void Close(CloseReason) override { answer_.last = true; }

 private:
  void AwaitReset();
  void AwaitHangUp();
  void Done(std::optional<Answer> answer);

  ClientStream& stream_;
  std::function<void(std::optional<Answer>)> done_;  // null once called
  Session* session_ = nullptr;  // null before Start and after Finish
  Answer answer_{};
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_POLL_TRANSPORT_H_
