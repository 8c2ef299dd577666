// A look at how a recording begins. Control path: before the replay begins.

#ifndef STREAMHUB_FEEDS_REPLAY_RECORDING_START_H_
#define STREAMHUB_FEEDS_REPLAY_RECORDING_START_H_

#include <absl/status/status.h>

#include "feeds/replay/recording.h"

namespace streamhub {

// What a replay would find wrong with the file before its first record:
// nothing in it, damaged compression, a first ITCH message that is none, a CSV
// header that lacks a column, CSV rows none of which could be played, a log of
// an incident, so far as they are in the first 64 KB. DataLoss,
// FailedPrecondition (an incident's), or what is wrong with opening it, in one
// line that names the file. OK for a pipe, which cannot be read again.
absl::Status CheckStart(const Recording& recording);

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_RECORDING_START_H_
