// What a message says, short enough to compare in a test: a line per object,
// without times, epochs, tokens and descriptions. So
//
//   {"type":"update","epoch":"5c","time":17,"quotes":{"A":{"v":2,"n":3,"t":17,
//    "bid":1.50}}}
//
// is `update A{v=2 n=3 bid=1.50}`. Pure; any thread.

#ifndef STREAMHUB_TESTS_SESSION_BRIEF_H_
#define STREAMHUB_TESTS_SESSION_BRIEF_H_

#include <string>
#include <string_view>

namespace streamhub {

// `message` as sent to a WebSocket. A line that is no JSON object fails the
// comparison by what it is replaced with.
std::string Brief(std::string_view message);

// The value of `key`, a string, in the last object of `message` that has it;
// empty if none has.
std::string LastText(std::string_view message, std::string_view key);

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SESSION_BRIEF_H_
