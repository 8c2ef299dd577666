#include "gateway/transport/poll_transport.h"

#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

#include "gateway/codec/batch.h"
#include "gateway/transport/socket_options.h"

namespace streamhub {

using boost::system::error_code;

std::shared_ptr<PollTransport> PollTransport::Start(
    ClientStream& stream, ShardContext& shard,
    std::span<const ParsedRequest> wanted, Encoding encoding,
    std::function<void(std::optional<Answer>)> done) {
  const auto poll =
      std::make_shared<PollTransport>(stream, encoding, std::move(done));
  poll->session_ = shard.fanout.Open(poll.get());
  if (poll->session_ == nullptr) return nullptr;
  poll->answer_.refused = !poll->session_->OnPoll(wanted);
  if (shard.stopping) poll->session_->Close(CloseReason::kServerStopping);
  poll->AwaitReset();
  poll->AwaitHangUp();
  return poll;
}

std::string PollTransport::peer() { return PeerOf(stream_.native_handle()); }

// Not done at once: whether it is the last answer is said after it.
bool PollTransport::Send(std::string& batch) {
  answer_.body = batch.substr(kBatchHeadroom);
  if (answer_.encoding == Encoding::kJson) answer_.body += '\n';
  boost::asio::post(stream_.get_executor(), [self = shared_from_this()] {
    self->Done(std::move(self->answer_));
  });
  return true;  // it is kept, and nothing follows it
}

void PollTransport::AwaitReset() {
  stream_.socket().async_wait(ClientSocket::wait_error,
                              [self = shared_from_this()](const error_code&) {
                                self->Done(std::nullopt);
                              });
}

// A client that sends its next request already is read when it has its answer:
// from then on only a reset is noticed.
void PollTransport::AwaitHangUp() {
  stream_.socket().async_wait(
      ClientSocket::wait_read,
      [self = shared_from_this()](const error_code& error) {
        if (error || self->done_ == nullptr) return;
        const ssize_t got = self->stream_.Peek();
        if (got > 0) return;
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
          return self->AwaitHangUp();
        }
        self->Done(std::nullopt);
      });
}

void PollTransport::Done(std::optional<Answer> answer) {
  if (done_ == nullptr) return;
  const auto done = std::exchange(done_, nullptr);
  error_code ignored;
  stream_.socket().cancel(ignored);  // the waits above
  done(std::move(answer));
}

void PollTransport::Finish() {
  if (session_ != nullptr) std::exchange(session_, nullptr)->OnClosed();
}

}  // namespace streamhub
