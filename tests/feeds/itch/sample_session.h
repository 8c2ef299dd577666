// A minute of an invented exchange session in ITCH 5.0, always the same bytes:
// what deploy/samples holds, and data for tests where no recording is at hand.

#ifndef STREAMHUB_TESTS_FEEDS_ITCH_SAMPLE_SESSION_H_
#define STREAMHUB_TESTS_FEEDS_ITCH_SAMPLE_SESSION_H_

#include <string>

namespace streamhub::itch {

// BinaryFILE with its end of session: six stocks that do not exist, from
// 09:29:56 to 09:30:56. A seeded book, an opening auction, adds, cancels,
// replaces, executions of every kind, and a halt of EMBER from 09:30:20 until
// it trades again at 09:30:36. The books are never crossed once trading has
// begun, and no message refers to an order that is not there.
std::string MakeSampleSession();

// Where the sample belongs in the source tree; its name gives its date.
inline constexpr char kSamplePath[] =
    "deploy/samples/20240102.sample.itch50.gz";

}  // namespace streamhub::itch

#endif  // STREAMHUB_TESTS_FEEDS_ITCH_SAMPLE_SESSION_H_
