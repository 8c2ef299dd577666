#include "gateway/cli/doctor_probe.h"

#include <absl/strings/str_cat.h>
#include <poll.h>
#include <simdjson.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <utility>

#include "gateway/base/clock.h"
#include "gateway/base/strings.h"
#include "gateway/cli/http_exchange.h"
#include "gateway/cli/stream_client.h"
#include "gateway/cli/tcp_stream.h"
#include "gateway/codec/ws_handshake.h"

namespace streamhub {
namespace {

constexpr int64_t kConnectNsMax = 5 * kSecond;
constexpr int64_t kPingEveryNs = kSecond;
// A connection that ends so soon after a request had not seen it.
constexpr int64_t kKeptNsMax = 500 * kMillisecond;
constexpr size_t kSymbolsOfItsOwn = 3;
// Known to nobody: heartbeats come for it, too.
constexpr char kNoSymbol[] = "DOCTOR";

int64_t Now() { return SystemClock().MonoNs(); }

// One transport.
class Probe {
 public:
  Probe(Door door, const DoctorQuestion& question, const StopSignal& stop)
      : question_(question),
        stop_(stop),
        reading_(std::make_unique<DoctorReading>(door)) {}

  // Connects and asks; false if it has failed.
  bool Start();

  // Its connection has something to read; false at the end.
  bool Read();

  int fd() const { return stream_ == nullptr ? -1 : stream_->fd(); }
  bool done() const { return stream_ == nullptr; }

  // It was left off, or has begun anew.
  DoctorFacts Facts(int64_t now_ns) const;

 private:
  bool Ask();
  bool Reconnect();
  bool Send(std::string_view bytes);
  bool SendFrame(std::string_view json);
  bool EndWith(const absl::Status& why);
  std::string Request(const std::string& query);
  int64_t Since() const { return Now() - began_ns_; }

  const DoctorQuestion& question_;
  const StopSignal& stop_;
  std::unique_ptr<DoctorReading> reading_;
  std::unique_ptr<TcpStream> stream_;
  std::random_device random_;
  int64_t began_ns_ = 0;
  bool plain_ = false;  // ask for no compression
  bool subscribed_ = false;
  bool reconnected_ = false;  // for this poll
};

bool Probe::Start() {
  began_ns_ = Now();
  auto stream =
      TcpStream::Open(question_.url, stop_, began_ns_ + kConnectNsMax);
  if (!stream.ok()) return EndWith(stream.status());
  stream_ = *std::move(stream);
  reading_->facts().connected_ns = Since();
  return Ask();
}

bool Probe::EndWith(const absl::Status& why) {
  DoctorFacts& facts = reading_->facts();
  if (facts.ended_ns < 0) facts.ended_ns = Since();
  if (facts.failure.empty()) facts.failure = std::string(why.message());
  stream_.reset();
  return false;
}

bool Probe::Send(std::string_view bytes) {
  const absl::Status sent = stream_->Write(bytes, Now() + kConnectNsMax);
  return sent.ok() || EndWith(sent);
}

bool Probe::SendFrame(std::string_view json) {
  std::string frame;
  AppendClientFrame(WsOpcode::kText, json, random_(), &frame);
  return Send(frame);
}

std::string Probe::Request(const std::string& query) {
  const Door door = reading_->facts().door;
  const std::string host = question_.url.HostField();
  std::string path = absl::StrCat("/v1/", ToAbsl(NameOf(door)));
  std::string more = "Accept: */*\r\n";
  if (door == Door::kWebSocket) {
    std::array<uint8_t, 16> nonce;
    for (uint8_t& byte : nonce) byte = static_cast<uint8_t>(random_());
    path = "/v1/ws";
    more = absl::StrCat(
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: streamhub.v1.json\r\nSec-WebSocket-Key: ",
        WebSocketKey(nonce), "\r\n");
  } else {
    if (door == Door::kSse) more = "Accept: text/event-stream\r\n";
    if (door == Door::kFrame || door == Door::kJsonp) {
      absl::StrAppend(&more, "Referer: ", ToAbsl(question_.url.Scheme()), "://",
                      host, "/doctor.html\r\n");
    }
    absl::StrAppend(&path, door == Door::kJsonp ? "?callback=doctor&" : "?",
                    query);
    if (!plain_) more += "Accept-Encoding: gzip\r\n";
  }
  return absl::StrCat("GET ", question_.url.prefix, path,
                      " HTTP/1.1\r\nHost: ", host, "\r\n", more, "\r\n");
}

bool Probe::Ask() {
  StreamRequest request;
  for (const std::string& symbol : question_.symbols) {
    request.names.push_back(reading_->Cursor(symbol));
  }
  request.token = reading_->at();
  request.max_rate = "4";
  reading_->facts().asked_ns = Since();
  reading_->facts().answered = false;
  return Send(Request(ToQuery(request)));
}

bool Probe::Read() {
  std::array<char, 64 * 1024> buffer;
  const auto got = stream_->Read(buffer, Now());
  if (absl::IsDeadlineExceeded(got.status())) return true;
  if (!got.ok()) return Reconnect() || EndWith(got.status());
  DoctorFacts& facts = reading_->facts();
  const bool more =
      reading_->Take(std::string_view(buffer.data(), *got), Since(),
                     SystemClock().WallNs() / kMicrosecond);
  if (!more && !facts.encoding.empty() && !plain_) {
    // How it is without that; what was found is kept.
    plain_ = true;
    auto anew = std::make_unique<DoctorReading>(facts.door);
    anew->facts().encoding = facts.encoding;
    reading_ = std::move(anew);
    stream_.reset();
    return Start();
  }
  if (!more) {
    return EndWith(absl::UnavailableError(
        facts.too_much ? "too much came"
                       : absl::StrCat("status ", facts.head.status)));
  }
  if (facts.ended_ns >= 0) {
    stream_.reset();
    return false;
  }
  if (facts.door == Door::kWebSocket && facts.head.status == 101) {
    if (!std::exchange(subscribed_, true)) {
      StreamRequest request;
      request.names = question_.symbols;
      request.max_rate = "4";
      if (!SendFrame(ToJson(request))) return false;
    }
    if (facts.hello_ns >= 0 && facts.pings == facts.pongs &&
        Since() >= facts.pinged_ns + (facts.pings > 0 ? kPingEveryNs : 0)) {
      ++facts.pings;
      facts.pinged_ns = Since();
      return SendFrame(R"({"type":"ping","id":2})");
    }
  }
  if (!reading_->TakeAnswered()) return true;
  reconnected_ = false;
  return Ask();
}

// A connection need not last from one poll to the next.
bool Probe::Reconnect() {
  const bool answer = reading_->TakeEnd();
  const DoctorFacts& facts = reading_->facts();
  const bool unused = IsPoll(facts.door) && !reading_->at().empty() &&
                      facts.last_byte_ns < facts.asked_ns &&
                      Since() - facts.asked_ns < kKeptNsMax;
  if (!answer && (!unused || std::exchange(reconnected_, true))) return false;
  reading_->TakeAnswered();
  auto stream = TcpStream::Open(question_.url, stop_, Now() + kConnectNsMax);
  if (!stream.ok()) return EndWith(stream.status());
  stream_ = *std::move(stream);
  return Ask();
}

DoctorFacts Probe::Facts(int64_t now_ns) const {
  DoctorFacts facts = reading_->facts();
  facts.over_ns = now_ns - began_ns_;
  return facts;
}

// The gateway's own symbols; whether it is one.
absl::StatusOr<std::vector<std::string>> AskSymbols(const WatchUrl& url,
                                                    const StopSignal& stop) {
  const int64_t deadline_ns = Now() + kConnectNsMax;
  auto stream = TcpStream::Open(url, stop, deadline_ns);
  if (!stream.ok()) return stream.status();
  const std::string request =
      absl::StrCat("GET ", url.prefix, "/v1/symbols?limit=", kSymbolsOfItsOwn,
                   " HTTP/1.0\r\nHost: ", url.HostField(), "\r\n\r\n");
  auto head = OpenHttp(**stream, request, 200, deadline_ns);
  if (!head.ok()) return head.status();
  std::string body = std::move(head->rest);
  constexpr size_t kBodyBytesMax = 64 * 1024;
  std::array<char, 4096> buffer;
  const absl::Status no_gateway = absl::FailedPreconditionError(
      "this is no StreamHub: /v1/symbols answers something else");
  for (;;) {
    simdjson::dom::parser parser;
    simdjson::dom::object symbols;
    if (parser.parse(simdjson::padded_string(body))["symbols"].get(symbols) ==
        simdjson::SUCCESS) {
      std::vector<std::string> names;
      for (const auto symbol : symbols) names.emplace_back(symbol.key);
      names.resize(std::min(names.size(), kSymbolsOfItsOwn));
      return names;
    }
    if (body.size() > kBodyBytesMax) return no_gateway;
    const auto got = (*stream)->Read(buffer, deadline_ns);
    if (absl::IsCancelled(got.status())) return got.status();
    if (!got.ok()) return no_gateway;
    body.append(buffer.data(), *got);
  }
}

// Until all are done or the time is over.
absl::Status Watch(std::vector<std::unique_ptr<Probe>>& probes,
                   const StopSignal& stop, int64_t until_ns) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return absl::UnavailableError("no epoll");
  const std::unique_ptr<const int, void (*)(const int*)> guard(
      &epoll, [](const int* fd) { close(*fd); });
  const auto add = [&](size_t i) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    epoll_ctl(epoll, EPOLL_CTL_ADD, probes[i]->fd(), &event);
  };
  for (size_t i = 0; i < probes.size(); ++i) {
    if (!probes[i]->done()) add(i);
  }
  for (;;) {
    const int64_t left_ns = until_ns - Now();
    const bool all = std::all_of(probes.begin(), probes.end(),
                                 [](const auto& p) { return p->done(); });
    if (left_ns <= 0 || all) return absl::OkStatus();
    const int ready = stop.WaitWith(
        epoll, POLLIN, static_cast<int>(left_ns / kMillisecond + 1));
    if (ready < 0) return absl::CancelledError("stopped");
    std::array<epoll_event, 8> events;
    const int count = ready == 0 ? 0 : epoll_wait(epoll, events.data(), 8, 0);
    for (int i = 0; i < count; ++i) {
      const size_t which = events[static_cast<size_t>(i)].data.u64;
      Probe& probe = *probes[which];
      const int before = probe.fd();
      // A probe that begins anew may get the same number for its connection.
      epoll_ctl(epoll, EPOLL_CTL_DEL, before, nullptr);
      if (probe.Read()) add(which);
    }
  }
}

}  // namespace

absl::StatusOr<std::vector<DoctorFacts>> ProbeDoors(
    const DoctorQuestion& question, const StopSignal& stop) {
  auto known = AskSymbols(question.url, stop);
  if (!known.ok()) return known.status();
  DoctorQuestion asked = question;
  if (asked.symbols.empty()) asked.symbols = *std::move(known);
  if (asked.symbols.empty()) asked.symbols = {kNoSymbol};
  std::vector<std::unique_ptr<Probe>> probes;
  for (const Door door : {Door::kWebSocket, Door::kSse, Door::kStream,
                          Door::kPoll, Door::kFrame, Door::kJsonp}) {
    probes.push_back(std::make_unique<Probe>(door, asked, stop));
    probes.back()->Start();
  }
  const absl::Status watched =
      Watch(probes, stop, Now() + question.duration_ns);
  if (!watched.ok()) return watched;
  std::vector<DoctorFacts> facts;
  const int64_t now_ns = Now();
  facts.reserve(probes.size());
  for (const auto& probe : probes) facts.push_back(probe->Facts(now_ns));
  return facts;
}

}  // namespace streamhub
