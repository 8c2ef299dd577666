#include "bench/load/http.h"

#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "bench/load/scan.h"
#include "gateway/base/clock.h"
#include "gateway/base/strings.h"

namespace streamhub::load {
namespace {

constexpr int kSecondsMax = 10;
constexpr int kLookMs = 100;  // how often it is asked whether to give up

// Far beyond any answer to the questions here.
constexpr size_t kAnswerBytesMax = 64 * 1024 * 1024;
constexpr int kOk = 200;

absl::Status Broken(const Target& target, std::string_view what) {
  return absl::UnavailableError(
      absl::StrCat(target.HostField(), ": ", ToAbsl(what)));
}

// The bytes of an address without its port.
std::string HostBytes(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    return {reinterpret_cast<const char*>(&v6.sin6_addr), sizeof v6.sin6_addr};
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
  return {reinterpret_cast<const char*>(&v4.sin_addr), sizeof v4.sin_addr};
}

}  // namespace

void HttpClient::Disconnect() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

absl::Status HttpClient::Connect() {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error =
      getaddrinfo(target_.host.c_str(), target_.port.c_str(), &hints, &found);
  if (error != 0) return Broken(target_, gai_strerror(error));
  std::string why;
  for (const addrinfo* info = found; info != nullptr && fd_ < 0;
       info = info->ai_next) {
    fd_ = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{.tv_sec = kSecondsMax, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd_, info->ai_addr, info->ai_addrlen) != 0) {
      why = std::strerror(errno);
      Disconnect();
      continue;
    }
    std::memcpy(&address_.storage, info->ai_addr, info->ai_addrlen);
    address_.size = info->ai_addrlen;
  }
  freeaddrinfo(found);
  if (fd_ < 0) return Broken(target_, why);
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  getsockname(fd_, reinterpret_cast<sockaddr*>(&own), &size);
  same_host_ = own.ss_family == address_.storage.ss_family &&
               HostBytes(own) == HostBytes(address_.storage);
  return absl::OkStatus();
}

absl::StatusOr<std::string> HttpClient::Get(std::string_view path) {
  const bool fresh = fd_ < 0;
  if (fresh) {
    absl::Status connected = Connect();
    if (!connected.ok()) return connected;
  }
  auto body = Exchange(path);
  if (!body.ok()) Disconnect();
  // A kept connection may have been closed meanwhile.
  const bool again = absl::IsUnavailable(body.status()) && !fresh;
  return again ? Get(path) : body;
}

absl::Status HttpClient::AwaitReadable(int64_t deadline_ns) const {
  pollfd readable{fd_, POLLIN, 0};
  do {
    if (stop_()) return absl::CancelledError("stopped");
    if (SystemClock().MonoNs() > deadline_ns) {
      return Broken(target_, "no whole answer to a question in time");
    }
  } while (poll(&readable, 1, kLookMs) <= 0);
  return absl::OkStatus();
}

absl::StatusOr<std::string> HttpClient::Exchange(std::string_view path) {
  const std::string request =
      absl::StrCat("GET ", target_.prefix, ToAbsl(path),
                   " HTTP/1.1\r\nHost: ", target_.HostField(), "\r\n\r\n");
  if (send(fd_, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return Broken(target_, "the request could not be sent");
  }
  std::string text;
  std::array<char, 64 * 1024> buffer;
  std::string_view rest, head;
  int status = 0;
  bool last = false;  // the server closes after it
  const int64_t deadline_ns = SystemClock().MonoNs() + kSecondsMax * kSecond;
  size_t size = std::numeric_limits<size_t>::max();
  while (status == 0 || rest.size() < size) {
    const size_t head_size = status == 0 ? 0 : text.size() - rest.size();
    absl::Status readable = AwaitReadable(deadline_ns);
    if (!readable.ok()) return readable;
    const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
    if (got <= 0) return Broken(target_, "no whole answer to a question");
    text.append(buffer.data(), static_cast<size_t>(got));
    rest = std::string_view(text).substr(head_size);
    if (status != 0) continue;
    status = TakeHead(&rest, &head);
    if (status == 0) continue;
    if (!absl::SimpleAtoi(ToAbsl(FieldOf(head, "Content-Length")), &size)) {
      return Broken(target_, "an answer without a length");
    }
    if (size > kAnswerBytesMax) {
      return Broken(target_, "an answer that is too big");
    }
    if (status != kOk) {
      const std::string_view reason = TextOf(rest, "reason");
      return Broken(target_,
                    absl::StrCat("GET ", ToAbsl(path.substr(0, 60)),
                                 " is answered with status ", status,
                                 reason.empty() ? "" : ": ", ToAbsl(reason)));
    }
    last = absl::EqualsIgnoreCase(ToAbsl(FieldOf(head, "Connection")), "close");
  }
  if (last) Disconnect();
  return std::string(rest.substr(0, size));
}

ClockOffset EstimateOffset(const std::vector<ClockSample>& samples) {
  ClockOffset offset;
  int64_t shortest_us = std::numeric_limits<int64_t>::max();
  for (const ClockSample& sample : samples) {
    const int64_t trip_us = sample.answered_us - sample.asked_us;
    if (trip_us >= shortest_us) continue;
    shortest_us = trip_us;
    offset.offset_us = sample.time_us - (sample.asked_us + trip_us / 2);
    offset.uncertainty_us = (trip_us + 1) / 2;
  }
  return offset;
}

absl::StatusOr<ClockOffset> MeasureClock(HttpClient& http) {
  constexpr int kQuestions = 20;
  const auto symbols = ListSymbols(http, 1);
  if (!symbols.ok()) return symbols.status();
  ClockOffset same;
  same.same_host = http.same_host();
  if (same.same_host || symbols->empty()) return same;
  const std::string path = absl::StrCat(
      "/v1/quotes?symbols=", PercentEncode(Unescape(symbols->front())));
  std::vector<ClockSample> samples(kQuestions);
  for (ClockSample& sample : samples) {
    sample.asked_us = SystemClock().WallNs() / kMicrosecond;
    const auto body = http.Get(path);
    sample.answered_us = SystemClock().WallNs() / kMicrosecond;
    if (!body.ok()) return body.status();
    sample.time_us = IntegerOf(*body, "time");
    if (sample.time_us < 0) {
      return absl::UnavailableError("/v1/quotes has no time");
    }
  }
  return EstimateOffset(samples);
}

absl::StatusOr<std::vector<std::string>> ListSymbols(HttpClient& http,
                                                     size_t max) {
  constexpr size_t kPage = 1000;
  constexpr size_t kNamesMax = 10'000'000;
  if (max == 0) max = kNamesMax;
  std::vector<std::string> names;
  for (bool more = true; more && names.size() < max;) {
    const size_t limit = std::min(kPage, max - names.size());
    std::string path = absl::StrCat("/v1/symbols?limit=", limit);
    if (!names.empty()) {
      absl::StrAppend(&path, "&after=", PercentEncode(Unescape(names.back())));
    }
    const auto body = http.Get(path);
    if (!body.ok()) return body.status();
    SymbolScanner symbols(*body);
    std::string_view name, description;
    const size_t before = names.size();
    bool ascend = true;  // or it would go on for ever
    while (symbols.Next(&name, &description)) {
      ascend =
          ascend && (names.empty() || Unescape(names.back()) < Unescape(name));
      names.emplace_back(name);
    }
    if (!symbols.ok() || !ascend) {
      return absl::UnavailableError("/v1/symbols is not a gateway's");
    }
    more = names.size() > before && absl::StrContains(*body, "\"more\":true");
  }
  return names;
}

std::string Unescape(std::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '\\' && i + 1 < name.size()) ++i;
    out += name[i];
  }
  return out;
}

absl::Status FetchReference(HttpClient& http, const Wanted& wanted,
                            Reference* reference) {
  constexpr size_t kSymbolsMax = 300;
  constexpr size_t kBytesMax = 16 * 1024;  // of a request line
  std::string suffix;
  if (!wanted.fields.empty()) {
    suffix = absl::StrCat("&fields=", absl::StrJoin(wanted.fields, ","));
  }
  size_t next = 0;
  while (next < wanted.plain.size()) {
    std::string path = "/v1/quotes?symbols=";
    for (size_t n = 0; n < kSymbolsMax && next < wanted.plain.size() &&
                       path.size() < kBytesMax;
         ++n, ++next) {
      if (n > 0) path += ',';
      path += PercentEncode(wanted.plain[next]);
    }
    const auto body = http.Get(path + suffix);
    if (!body.ok()) return body.status();
    if (!reference->Add(*body)) {
      return absl::UnavailableError("/v1/quotes is not a gateway's");
    }
  }
  return absl::OkStatus();
}

}  // namespace streamhub::load
