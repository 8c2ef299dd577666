// The recorder that a configuration asks for. Main thread.

#ifndef STREAMHUB_GATEWAY_SERVER_MAKE_RECORDER_H_
#define STREAMHUB_GATEWAY_SERVER_MAKE_RECORDER_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <memory>

#include "feeds/recorder/recorder.h"
#include "gateway/market/market.h"
#include "gateway/server/config.h"

namespace streamhub {

// Whether the folder is one that can be written. The error names the flag and
// the folder.
absl::Status CheckRecorder(const Config& config);

// Null if nothing is to be recorded. Begins its first file; errors as above.
// `feeds_wait`: for what is no live source.
absl::StatusOr<std::unique_ptr<Recorder>> MakeRecorder(const Config& config,
                                                       const Market& market,
                                                       bool feeds_wait = false);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_MAKE_RECORDER_H_
