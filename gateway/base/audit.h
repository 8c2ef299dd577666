// Who did what to the running gateway, for whoever has to answer for it: one
// line of JSON per event on standard error, whatever the log's level and
// format are.
//
//   Audit("withdraw", {{"symbol", "AAPL"}, {"reason", "bad tick"}});
//
//   {"ts":"2024-01-02T14:30:00.123456789Z","level":"info","audit":"withdraw",
//    "symbol":"AAPL","reason":"bad tick","thread":4711}
//
// Any thread. `what` and the names are ours; values may be any bytes. Names are
// none of ts, level, audit and thread.

#ifndef STREAMHUB_GATEWAY_BASE_AUDIT_H_
#define STREAMHUB_GATEWAY_BASE_AUDIT_H_

#include <initializer_list>
#include <string_view>
#include <utility>

namespace streamhub {

void Audit(std::string_view what,
           std::initializer_list<std::pair<std::string_view, std::string_view>>
               details);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_BASE_AUDIT_H_
