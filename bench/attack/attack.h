// Clients that mean ill, for bench/attack.sh and a test: bounded in time and
// number, over plain sockets. One thread.

#ifndef STREAMHUB_BENCH_ATTACK_ATTACK_H_
#define STREAMHUB_BENCH_ATTACK_ATTACK_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace streamhub::attack {

enum class Kind {
  kSlowloris,  // requests that never end, a byte at a time
  kConnects,   // connections that say nothing, and go
  kChurn,      // WebSockets that subscribe and unsubscribe without a pause
  kGarbage,    // bytes that mean nothing: plain, in WebSockets, in bodies
};

// "slowloris", "connects", "churn", "garbage".
std::optional<Kind> KindOf(std::string_view name);

struct Options {
  Kind kind = Kind::kSlowloris;
  int port = 0;
  std::string from = "127.0.0.2";  // the address that they come from
  int connections = 100;           // at the same time
  double connects_per_second = 1000;
  double seconds = 10;                   // at most
  int64_t bytes_max = 0;                 // to be sent; 0: any number
  std::function<bool()> stop = nullptr;  // asked now and then; null: never
};

struct Tally {
  int64_t connects = 0;
  int64_t connects_failed = 0;
  int64_t ended = 0;  // by the server
  int64_t bytes_sent = 0;
  int64_t bytes_received = 0;
};

// Until the time is over or the bytes are sent; all are closed then.
Tally Run(const Options& options);

}  // namespace streamhub::attack

#endif  // STREAMHUB_BENCH_ATTACK_ATTACK_H_
