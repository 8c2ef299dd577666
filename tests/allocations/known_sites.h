// Who may allocate in a steady state, and why that is borne: never once per
// update. A row goes as soon as its function allocates no more. Read by
// allocation_count.cc.

#ifndef STREAMHUB_TESTS_ALLOCATIONS_KNOWN_SITES_H_
#define STREAMHUB_TESTS_ALLOCATIONS_KNOWN_SITES_H_

#include <array>
#include <string_view>

namespace streamhub {

struct KnownSite {
  std::string_view function;  // somewhere among the calls
  bool innermost;             // of ours, nobody in between
  std::string_view reason;
};

inline constexpr auto kKnownSites = std::to_array<KnownSite>({
    {"StreamTransport::AwaitWritable", true,
     "Asio's operation, once for a socket that does not take all"},
    {"StreamTransport::Write", true, "what such a socket did not take"},
});

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_ALLOCATIONS_KNOWN_SITES_H_
