#include "gateway/transport/stream_transport.h"

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <utility>

#include "gateway/transport/socket_options.h"

namespace streamhub {
namespace {

using boost::system::error_code;

// How long a connection that is being closed may take to go.
constexpr std::chrono::seconds kCloseTime{2};

// A client that asks for more control frames than this and takes none of them
// is not read any more until it does.
constexpr size_t kControlPendingMax = 4 * 1024;

}  // namespace

StreamTransport::StreamTransport(AcceptedSocket accepted, ShardContext& shard,
                                 Encoding encoding)
    : stream_(std::move(accepted.stream)),
      shard_(shard),
      encoding_(encoding),
      slot_(std::move(accepted.slot)),
      place_(std::move(accepted.place)),
      refusal_(accepted.refusal) {}

void StreamTransport::Start(std::span<const ParsedRequest> first,
                            std::string_view early) {
  if (!refusal_.has_value()) {
    session_ = shard_.fanout.Open(this);
    if (session_ == nullptr) refusal_ = shard_.fanout.refusal();
  }
  if (refusal_.has_value()) return CloseWith(Refuse(*refusal_));
  session_->OnRequests(first);
  if (shard_.stopping) session_->Close(CloseReason::kServerStopping);
  StartReading(early);
}

void StreamTransport::StartReading(std::string_view early) {
  if (!early.empty()) early_ = std::make_unique<std::string>(early);
  AwaitReadable();
}

std::string StreamTransport::peer() { return PeerOf(stream_.native_handle()); }

bool StreamTransport::Send(std::string& batch) {
  batch_in_flight_ = true;
  // Nothing follows a farewell. The session waits, and is told the end.
  if (closing_) return false;
  if (Write(Frame(batch)) == Wrote::kPending) return false;
  batch_in_flight_ = false;
  return true;
}

void StreamTransport::SendControl(std::string_view bytes) {
  if (finished_ || closing_) return;
  if (Write(bytes) == Wrote::kPending && !pending_.empty()) {
    control_pending_ += static_cast<uint32_t>(bytes.size());
  }
}

void StreamTransport::ResumeReading() {
  reading_wanted_ = true;
  AwaitReadable();
}

void StreamTransport::Close(CloseReason reason) { CloseWith(Farewell(reason)); }

void StreamTransport::EndSoon(CloseReason reason) {
  boost::asio::post(stream_.get_executor(),
                    [self = shared_from_this(), reason] {
                      if (self->session_ != nullptr) {
                        self->session_->Close(reason);
                      }
                    });
}

void StreamTransport::CloseWith(std::string_view bytes) {
  if (closing_ || finished_) return;
  closing_ = true;
  deadline_ =
      std::make_unique<boost::asio::steady_timer>(stream_.get_executor());
  deadline_->expires_after(kCloseTime);
  deadline_->async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->Finish();
  });
  // Read on to see the peer's end, whatever the session wanted.
  reading_wanted_ = true;
  AwaitReadable();
  if (Write(bytes) == Wrote::kAll) Shutdown();
}

StreamTransport::Wrote StreamTransport::Write(std::string_view bytes) {
  if (finished_) return Wrote::kPending;
  if (!pending_.empty()) {
    pending_ += bytes;
    return Wrote::kPending;
  }
  ssize_t sent;
  do {
    sent = stream_.Send(bytes);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno != EAGAIN) {
    FinishSoon();
    return Wrote::kPending;
  }
  if (sent < 0) sent = 0;
  since_check_ += static_cast<size_t>(sent);
  if (static_cast<size_t>(sent) < bytes.size()) {
    pending_ = bytes.substr(static_cast<size_t>(sent));
  } else if (since_check_ <= kUnsentMax) {
    return Wrote::kAll;
  } else {
    since_check_ = UnsentBytes(stream_.native_handle());
    if (since_check_ <= kUnsentMax) return Wrote::kAll;
  }
  AwaitWritable();
  return Wrote::kPending;
}

void StreamTransport::AwaitWritable() {
  if (std::exchange(awaiting_writable_, true)) return;
  stream_.socket().async_wait(
      ClientSocket::wait_write,
      [self = shared_from_this()](const error_code& error) {
        self->OnWritable(error);
      });
}

void StreamTransport::OnWritable(const error_code& error) {
  awaiting_writable_ = false;
  if (error) return Finish();
  if (finished_) return;
  since_check_ = 0;
  const std::string rest = std::exchange(pending_, {});
  if (!rest.empty() && Write(rest) == Wrote::kPending) return;
  if (closing_) return Shutdown();
  control_pending_ = 0;
  AwaitReadable();
  if (std::exchange(batch_in_flight_, false)) session_->OnSent();
}

// While nothing is read: who is neither read nor written for a while must not
// vanish, and is to learn of a reset nevertheless. Urgent data ends it as well;
// nobody who speaks HTTP sends any.
void StreamTransport::AwaitReset() {
  if (finished_ || std::exchange(awaiting_reset_, true)) return;
  stream_.socket().async_wait(
      ClientSocket::wait_error,
      [self = shared_from_this()](const error_code&) { self->Finish(); });
}

void StreamTransport::AwaitReadable() {
  if (reading_) return;
  if (finished_ || !reading_wanted_ || control_pending_ > kControlPendingMax) {
    return AwaitReset();
  }
  reading_ = true;
  if (early_ != nullptr || stream_.HasReceived()) {
    return boost::asio::post(
        stream_.get_executor(),
        [self = shared_from_this()] { self->OnReadable({}); });
  }
  stream_.socket().async_wait(
      ClientSocket::wait_read,
      boost::asio::bind_allocator(
          HandlerAllocator<void>(read_wait_),
          [self = shared_from_this()](const error_code& error) {
            self->OnReadable(error);
          }));
}

void StreamTransport::OnReadable(const error_code& error) {
  reading_ = false;
  if (error) return Finish();
  if (finished_) return;
  auto& buffer = shard_.read_buffer;
  const ssize_t got = Receive(buffer);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
    return Finish();
  }
  if (got > 0 && !closing_) {
    const bool more = OnBytes({buffer.data(), static_cast<size_t>(got)});
    if (!closing_) reading_wanted_ = more;
  }
  AwaitReadable();
}

// Early bytes come in pieces like any others, so that one look at them asks
// for no more than one read.
ssize_t StreamTransport::Receive(std::span<char> buffer) {
  if (early_ == nullptr) return stream_.Receive(buffer);
  const size_t taken = early_->copy(buffer.data(), buffer.size());
  early_->erase(0, taken);
  if (early_->empty()) early_.reset();
  return static_cast<ssize_t>(taken);
}

void StreamTransport::Shutdown() {
  if (shut_) return;
  if (!stream_.SayEnd()) return AwaitWritable();
  shut_ = true;
  error_code ignored;
  stream_.EndSending(ignored);
}

// The only place where the session learns of the end; from handlers only.
void StreamTransport::Finish() {
  if (std::exchange(finished_, true)) return;
  stream_.Close();
  deadline_.reset();
  if (session_ != nullptr) std::exchange(session_, nullptr)->OnClosed();
}

void StreamTransport::FinishSoon() {
  boost::asio::post(stream_.get_executor(),
                    [self = shared_from_this()] { self->Finish(); });
}

}  // namespace streamhub
