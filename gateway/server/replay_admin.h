// What an operator sees of a replay and can command, as routes of the admin
// server (docs/operations.md, "Control a replay"):
//
//   GET  /admin/replay         its state, see ReplayStateJson()
//   POST /admin/replay/pause, /resume, /step, /seek, /speed
//   GET  /replay               a page that does all that
//
// Arguments are members of a JSON object or parameters of the query: `to` of a
// seek, `speed` of a speed. A command is answered with 202 and its number,
// `{"command":7}`, once it is handed on; it is done when the state says so.
// 400 with a reason: a bad argument; 404: there is no replay; 409: a seek back
// in a pipe; 503: too many commands wait, or the replay is over for good.

#ifndef STREAMHUB_GATEWAY_SERVER_REPLAY_ADMIN_H_
#define STREAMHUB_GATEWAY_SERVER_REPLAY_ADMIN_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/replay/replay_control.h"
#include "gateway/base/clock.h"
#include "gateway/server/admin_route.h"

namespace streamhub {

// `control` and `clock` outlive the routes; null: there is no replay.
std::vector<AdminRoute> ReplayRoutes(ReplayControl* control,
                                     const Clock& clock);

// `{"phase":"playing","paused":false,"speed":10,"position":"2024-01-02T...Z",
// ...}`. Times are RFC 3339 in UTC or null, `speed` is a number or "max",
// `fraction` 0 to 1 or null. `file` may be any bytes.
std::string ReplayStateJson(const ReplayState& state, std::string_view file,
                            int64_t mono_ns);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_REPLAY_ADMIN_H_
