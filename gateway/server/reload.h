// Another configuration for a gateway that runs. Whoever has something that can
// change gives a function: it looks at the new configuration, makes what it
// needs of it (reads files, checks keys) and changes nothing; only when all of
// them are ready is each told to commit. If one is not, nothing has changed.
//
// Keys that are not `live` in config_table.h stay as they were at start: they
// are told, as waiting for a restart, and are no error.
//
// Main thread, but for the counters, which any thread may read.

#ifndef STREAMHUB_GATEWAY_SERVER_RELOAD_H_
#define STREAMHUB_GATEWAY_SERVER_RELOAD_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/counters.h"
#include "gateway/server/config.h"

namespace streamhub {

// Puts what was prepared into use. It cannot fail.
using Commit = std::function<void()>;

// Gets the configuration that would be in use. An error says what is wrong, by
// file, place and key; then nothing is changed. A null Commit: nothing to do.
using PrepareReload = std::function<absl::StatusOr<Commit>(const Config&)>;

// What a reload did.
struct ReloadOutcome {
  absl::Status status;               // why it was refused, if it was
  std::vector<std::string> changed;  // keys whose new values are in use now
  std::vector<std::string> restart;  // keys that wait for a restart
  int64_t wall_ns = 0;

  // In one line: "configuration reloaded: log_level; restart needed for: port".
  std::string Text() const;
};

class Reloading {
 public:
  // `running`: what the gateway was started with. Both others outlive it.
  Reloading(Config running, Counters& counters, const Clock& clock);

  // They are asked, and commit, in the order in which they were added.
  void Add(PrepareReload prepare) { prepares_.push_back(std::move(prepare)); }

  // `wanted`: a configuration that was read, or why it could not be.
  ReloadOutcome Reload(const absl::StatusOr<Config>& wanted);

  // What is in use.
  const Config& running() const { return running_; }

 private:
  absl::Status Try(const Config& wanted, ReloadOutcome* outcome);

  Config running_;
  Counters& counters_;
  const Clock& clock_;
  std::vector<PrepareReload> prepares_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_RELOAD_H_
