// What can be said of recordings on the command line of a subcommand that reads
// them without serving them: the keys of [replay] that tell how a file is to be
// read. Main thread.

#ifndef STREAMHUB_GATEWAY_CLI_RECORDING_FLAGS_H_
#define STREAMHUB_GATEWAY_CLI_RECORDING_FLAGS_H_

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "feeds/replay/replay_options.h"
#include "gateway/server/config_loader.h"

namespace CLI {
class App;
}  // namespace CLI

namespace streamhub {

class RecordingFlags {
 public:
  // Adds the flags. Has to outlive `app`'s parsing, in its place.
  explicit RecordingFlags(CLI::App& app);

  RecordingFlags(const RecordingFlags&) = delete;
  RecordingFlags& operator=(const RecordingFlags&) = delete;

  // By what was parsed, without files. InvalidArgument names the flag.
  absl::StatusOr<ReplayOptions> Options() const;

 private:
  std::vector<ConfigFlag> given_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_RECORDING_FLAGS_H_
