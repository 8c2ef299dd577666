// The few questions that a load test asks a gateway over HTTP, one after the
// other on one connection. Blocking, each at most 10 s from the connection on;
// one thread.

#ifndef STREAMHUB_BENCH_LOAD_HTTP_H_
#define STREAMHUB_BENCH_LOAD_HTTP_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/load/client.h"
#include "bench/load/wire.h"

namespace streamhub::load {

class HttpClient {
 public:
  // `stop`, asked several times a second, says whether to give up: Cancelled.
  explicit HttpClient(
      Target target, std::function<bool()> stop = [] { return false; })
      : target_(std::move(target)), stop_(std::move(stop)) {}
  ~HttpClient() { Disconnect(); }

  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // The body of the answer to GET `path`, which must have status 200. Connects
  // if need be. Unavailable: says what is wrong.
  absl::StatusOr<std::string> Get(std::string_view path);

  // After the first Get().
  const Address& address() const { return address_; }
  bool same_host() const { return same_host_; }  // both ends have one address

 private:
  absl::Status Connect();
  void Disconnect();
  absl::StatusOr<std::string> Exchange(std::string_view path);
  absl::Status AwaitReadable(int64_t deadline_ns) const;

  const Target target_;
  const std::function<bool()> stop_;
  Address address_;
  bool same_host_ = false;
  int fd_ = -1;
};

struct ClockOffset {
  bool same_host = false;      // both read one clock
  int64_t offset_us = 0;       // the server's clock is so far ahead
  int64_t uncertainty_us = 0;  // half of the shortest round trip
};

// A question for the time: when it was asked and answered by this clock, and
// what the server's said.
struct ClockSample {
  int64_t asked_us = 0, time_us = 0, answered_us = 0;
};

// How far the server's clock is ahead of this one: of several questions the
// one that was answered fastest, its answer taken to be of the middle of its
// time. Pure.
ClockOffset EstimateOffset(const std::vector<ClockSample>& samples);

// Asks 20 times. On one host 0, by definition.
absl::StatusOr<ClockOffset> MeasureClock(HttpClient& http);

// All symbols of the gateway, in its order, but at most `max` of them (0: all,
// up to ten millions): names as JSON writes them.
absl::StatusOr<std::vector<std::string>> ListSymbols(HttpClient& http,
                                                     size_t max);

// The symbol itself: JSON escapes nothing in it but quotes and backslashes.
std::string Unescape(std::string_view name);

// /v1/quotes of all symbols of `wanted`.
absl::Status FetchReference(HttpClient& http, const Wanted& wanted,
                            Reference* reference);

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_HTTP_H_
