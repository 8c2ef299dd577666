#include "bench/load/client.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "bench/load/scan.h"
#include "gateway/base/clock.h"
#include "gateway/base/strings.h"

namespace streamhub::load {
namespace {

constexpr int kSlowBufferBytes = 8 * 1024;

absl::Status Broken(std::string_view doing, int error) {
  return absl::UnavailableError(
      absl::StrCat(ToAbsl(doing), ": ", std::strerror(error)));
}

// Of an ack: a number, or "unlimited"; 0 for that. -1: it tells none.
double RateIn(std::string_view ack) {
  constexpr std::string_view kKey = "\"max_rate\":";
  const size_t at = ack.find(kKey);
  if (at == ack.npos) return -1;
  ack.remove_prefix(at + kKey.size());
  double rate = 0;
  return absl::SimpleAtod(ToAbsl(ack.substr(0, ack.find_first_of(",}"))), &rate)
             ? rate
             : 0;
}

// In words that are the same for all clients that are told so.
std::string RefusalIn(std::string_view error) {
  std::string words =
      absl::StrCat("the gateway says ", ToAbsl(TextOf(error, "code")), ": ",
                   ToAbsl(TextOf(error, "reason")));
  const std::string_view key = TextOf(error, "key");
  if (!key.empty()) absl::StrAppend(&words, " (", ToAbsl(key), ")");
  return words;
}

std::unique_ptr<Wire> WireOf(const RunPlan& plan, uint64_t number) {
  return plan.make_wire ? plan.make_wire(number)
                        : MakeWire(plan.kind, number, plan.encoding);
}

}  // namespace

Client::Client(const RunPlan& plan, uint64_t number,
               const std::vector<uint32_t>& symbols, Manner manner)
    : plan_(plan),
      number_(number),
      manner_(manner),
      wire_(WireOf(plan, number)),
      holding_(plan.wanted, symbols) {
  if (plan.encoding == Encoding::kFlat) flat_ = std::make_unique<FlatReader>();
  if (!manner.recorded) return;
  sample_ = std::make_unique<Sample>();
  for (const uint32_t symbol : symbols) {
    sample_->names.push_back(plan.wanted.names[symbol]);
  }
}

void Client::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  state_ = State::kEnded;
}

absl::Status Client::Connect(int64_t mono_ns) {
  began_ns_ = mono_ns;
  const auto* address =
      reinterpret_cast<const sockaddr*>(&plan_.address.storage);
  fd_ =
      socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return Broken("socket", errno);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (manner_.slow) {
    // Or the kernel would take megabytes for it before the server feels it.
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &kSlowBufferBytes,
               sizeof kSlowBufferBytes);
  }
  if (plan_.spread_sources && !BindSource(fd_)) return Broken("bind", errno);
  state_ = State::kConnecting;
  out_ = wire_->Open(plan_.target, holding_);
  if (connect(fd_, address, plan_.address.size) != 0 && errno != EINPROGRESS) {
    return Broken("connect", errno);
  }
  return absl::OkStatus();
}

// From one address to one port there are as many connections as there are
// ports to come from. All of 127.0.0.0/8 is this host.
bool Client::BindSource(int fd) const {
  constexpr uint64_t kClientsEach = 20'000, kAddressesMax = 200;
  const int on = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr =
      htonl(INADDR_LOOPBACK +
            static_cast<uint32_t>(number_ / kClientsEach % kAddressesMax));
  const auto* any = reinterpret_cast<const sockaddr*>(&source);
  return bind(fd, any, sizeof source) == 0;
}

void Client::Cut() {
  const linger none{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  Close();
  state_ = State::kWaiting;
  returned_ = true;
  ready_ = false;
  complete_ns_ = 0;
  closing_code_ = 0;
  out_.clear();
  holding_.Forget();
  wire_ = WireOf(plan_, number_);
  if (flat_ != nullptr) flat_ = std::make_unique<FlatReader>();
}

void Client::NoteUpdate(int64_t from_ns, int64_t until_ns) {
  if (mono_ns_ >= until_ns) return;
  const int64_t before_ns = std::exchange(updated_ns_, mono_ns_);
  if (before_ns == 0 || mono_ns_ < from_ns) return;
  gap_ns_ = std::max(gap_ns_, mono_ns_ - before_ns);
}

int64_t Client::GapNs(int64_t from_ns, int64_t until_ns) const {
  return std::max(gap_ns_, until_ns - std::max(updated_ns_, from_ns));
}

void Client::NoteMessages(int64_t begin_ns) {
  longest_gap_ns_ = LongestGapNs(begin_ns, mono_ns_);
  message_ns_ = mono_ns_;
}

int64_t Client::LongestGapNs(int64_t begin_ns, int64_t end_ns) const {
  return std::max(longest_gap_ns_, end_ns - std::max(message_ns_, begin_ns));
}

absl::Status Client::OnWritable() {
  if (state_ == State::kConnecting) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return Broken("connect", error);
    state_ = State::kOpen;
  }
  return Send();
}

absl::Status Client::Send() {
  while (!out_.empty()) {
    const ssize_t sent = send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return absl::OkStatus();
    if (sent < 0) return Broken("send", errno);
    out_.erase(0, static_cast<size_t>(sent));
  }
  return absl::OkStatus();
}

absl::Status Client::OnReadable(std::span<char> room, bool measuring,
                                Tally& tally) {
  if (state_ == State::kConnecting) {
    absl::Status connected = OnWritable();
    if (!connected.ok()) return connected;
  }
  const ssize_t got = recv(fd_, room.data(), room.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return absl::OkStatus();
  if (got < 0) return Broken("receive", errno);
  if (got == 0) {
    if (closing_code_ > 0) {
      return absl::UnavailableError(
          absl::StrCat("closed with code ", closing_code_));
    }
    return absl::UnavailableError("the server closed the connection");
  }
  const Clock& clock = SystemClock();
  now_us_ = clock.WallNs() / kMicrosecond + plan_.clock_offset_us;
  mono_ns_ = clock.MonoNs();
  measuring_ = measuring;
  tally_ = &tally;
  if (measuring) tally.bytes += got;
  absl::Status taken = wire_->Take(
      std::string_view(room.data(), static_cast<size_t>(got)), *this, &out_);
  if (!taken.ok()) return taken;
  if (!refusal_.empty()) return absl::InternalError(refusal_);
  if (nonsense_) return absl::InternalError("a message makes no sense");
  if (wire_->wants_request()) wire_->Request(holding_, &out_);
  return Send();
}

void Client::OnAccepted() {
  if (returned_) return;
  tally_->connect_us.Add((mono_ns_ - began_ns_) / kMicrosecond);
}

void Client::OnReady() {
  if (ready_) return;
  ready_ = true;
  if (returned_) return;
  tally_->first_data_us.Add((mono_ns_ - began_ns_) / kMicrosecond);
}

void Client::OnComplete() {
  OnReady();
  if (complete_ns_ == 0) complete_ns_ = mono_ns_;
}

void Client::Record(std::string_view message, bool has_update) {
  if (measuring_ && has_update) {
    sample_->Keep(message, &sample_->updates);
  } else if (!recorded_opening_) {
    sample_->Keep(message, &sample_->opening);
    recorded_opening_ = complete_ns_ != 0;
  }
}

// A binary message is put into JSON first: it costs this process more, the
// gateway nothing, and the times were taken before.
void Client::OnMessage(std::string_view message) {
  if (measuring_) ++tally_->messages;
  std::string_view text = message;
  // Kept, as it grows to the size of a message.
  static thread_local std::string lines;
  if (flat_ != nullptr) {
    lines.clear();
    const auto quotes = plan_.wanted.keep_values ? FlatReader::Quotes::kWhole
                                                 : FlatReader::Quotes::kHeads;
    nonsense_ = nonsense_ || !flat_->ToJson(message, &lines, quotes).ok();
    text = lines;
  }
  Object object;
  bool has_update = false;
  while (NextObject(&text, &object)) {
    switch (object.type) {
      case ObjectType::kUpdate:
        has_update = true;
        OnUpdate(object.text);
        break;
      case ObjectType::kSynced:
        OnComplete();
        break;
      case ObjectType::kAck:
        holding_.OnAck(object.text);
        if (const double rate = RateIn(object.text); rate >= 0) {
          rate_ = tally_->granted_rate = rate;
        }
        break;
      case ObjectType::kClosing:
        closing_code_ = IntegerOf(object.text, "code");
        break;
      case ObjectType::kError:
        refusal_ = RefusalIn(object.text);
        break;
      case ObjectType::kBad:
        nonsense_ = true;
        break;
      case ObjectType::kHello:
      case ObjectType::kHeartbeat:
      case ObjectType::kOther:
        break;
    }
  }
  if (sample_ != nullptr) Record(message, has_update);
}

void Client::OnUpdate(std::string_view object) {
  OnReady();
  if (measuring_) {
    const int64_t sent_us =
        IntegerOf(object.substr(0, object.find("\"quotes\"")), "time");
    if (!manner_.slow) {
      tally_->delivery_us.Add(now_us_ - sent_us);
      if (sent_us > now_us_) ++tally_->negative_ages;
    }
    // What a slow client reads left long ago, maybe before the measurement.
    if (plan_.record) {
      tally_->recording.deliveries.Add(manner_.slow ? now_us_ : sent_us,
                                       number_);
    }
  }
  Histogram& latency_us =
      manner_.slow ? tally_->slow_latency_us : tally_->latency_us;
  QuoteScanner quotes(object);
  Quote quote;
  while (quotes.Next(&quote)) {
    ++total_updates_;
    if (holding_.Apply(quote, now_us_) == nullptr) nonsense_ = true;
    if (!measuring_) continue;
    ++tally_->updates;
    if (manner_.slow) ++tally_->slow_updates;
    if (quote.snapshot) ++tally_->snapshots;
    // The tick of a snapshot, or of a symbol that went quiet, is an old one.
    if (quote.snapshot || quote.quiet == 1) continue;
    latency_us.Add(now_us_ - quote.received_us);
    if (quote.received_us > now_us_) ++tally_->negative_ages;
  }
  if (!quotes.ok()) nonsense_ = true;
}

Client::Compared Client::Compare(const Held& held, const ReferenceQuote& quote,
                                 bool same) const {
  Compared compared;
  compared.done = same;
  // Beats without a tick, after the last one, are not due.
  const int64_t until_us = same ? held.last_us : now_us_;
  const double seconds = static_cast<double>(until_us - held.first_us) / 1e6;
  if (held.version != 0) {
    compared.due = DueUpdates(quote.ticks - held.first_ticks, seconds, rate_);
    // More than beats can come where the first was not a whole beat ago.
    compared.received = std::min(held.updates, compared.due);
  }
  if (same) compared.difference = Difference(held.values, quote.values);
  return compared;
}

int64_t Client::CompareWith(const Reference& reference) {
  const std::vector<Held>& held = holding_.held();
  compared_.resize(held.size());
  int64_t remain = 0;
  for (size_t i = 0; i < held.size(); ++i) {
    if (compared_[i].done) continue;
    const ReferenceQuote& quote = reference.Of(held[i].symbol);
    if (held[i].version == quote.version) {
      compared_[i] = Compare(held[i], quote, true);
    } else {
      ++remain;
    }
  }
  return remain;
}

void Client::AddTo(const Reference& last, CheckResult* result) const {
  int64_t due = 0, received = 0;
  for (size_t i = 0; i < holding_.held().size(); ++i) {
    const Held& held = holding_.held()[i];
    const bool done = i < compared_.size() && compared_[i].done;
    const Compared compared =
        done ? compared_[i] : Compare(held, last.Of(held.symbol), false);
    due += compared.due;
    received += compared.received;
    if (!done) {
      ++result->behind;
    } else if (compared.difference.empty()) {
      ++result->equal;
    } else {
      ++result->different;
      if (result->first_difference.empty()) {
        result->first_difference = absl::StrCat(plan_.wanted.plain[held.symbol],
                                                " ", compared.difference);
      }
    }
  }
  if (manner_.slow || returned_) return;  // was not there for all of them
  result->due += due;
  result->received += received;
  if (due > 0) {
    result->shares.push_back(static_cast<double>(received) /
                             static_cast<double>(due));
  }
}

}  // namespace streamhub::load
