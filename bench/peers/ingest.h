// How a publisher speaks to a peer's ingest: what it sends, and what it has to
// say to what comes back. One per connection and thread; pure. The kinds stand
// with the wires of their peers, which say how topics are called.

#ifndef STREAMHUB_BENCH_PEERS_INGEST_H_
#define STREAMHUB_BENCH_PEERS_INGEST_H_

#include <absl/status/status.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace streamhub::peers {

class Ingest {
 public:
  virtual ~Ingest() = default;

  // What goes out first.
  virtual std::string Hello() = 0;

  // Appends `text` as a message of the topic of `symbol`.
  virtual void Append(uint32_t symbol, std::string_view text,
                      std::string* out) = 0;

  // Takes what came back, and appends to `*out` what that asks for. An error
  // ends the run.
  virtual absl::Status Take(std::string_view bytes, std::string* out) = 0;
};

// The topic of a symbol: "s12". Needs no escaping in any protocol, and is as
// short as a topic of a real system would hardly be.
std::string TopicOf(uint32_t symbol);

}  // namespace streamhub::peers

#endif  // STREAMHUB_BENCH_PEERS_INGEST_H_
