// attack KIND PORT CONNECTIONS PER_SECOND SECONDS BYTES: what bench/attack.sh
// runs beside clients that are well-behaved. It comes from 127.0.0.2.

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>

#include "bench/attack/attack.h"

int main(int argc, char** argv) {
  using namespace streamhub::attack;
  Options options;
  const auto kind =
      argc == 7 ? KindOf(argv[1]) : std::optional<Kind>(std::nullopt);
  if (!kind.has_value()) {
    std::fprintf(stderr,
                 "usage: attack slowloris|connects|churn|garbage PORT "
                 "CONNECTIONS PER_SECOND SECONDS BYTES\n");
    return 2;
  }
  rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  options.kind = *kind;
  options.port = std::atoi(argv[2]);
  options.connections = std::atoi(argv[3]);
  options.connects_per_second = std::atof(argv[4]);
  options.seconds = std::atof(argv[5]);
  options.bytes_max = std::atoll(argv[6]);
  const Tally tally = Run(options);
  std::printf(
      "%lld connections, %lld failed, %lld ended by the server, "
      "%lld bytes sent, %lld received\n",
      static_cast<long long>(tally.connects),
      static_cast<long long>(tally.connects_failed),
      static_cast<long long>(tally.ended),
      static_cast<long long>(tally.bytes_sent),
      static_cast<long long>(tally.bytes_received));
  return 0;
}
