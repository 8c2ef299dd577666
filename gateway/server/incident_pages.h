// What operators ask and command about sessions, over the admin server:
//
//   GET  /admin/sessions            ?symbol=CODE&limit=N
//   GET  /admin/incident
//   POST /admin/incident            {"session":"2-117","seconds":60} or
//                                   {"symbol":"AAPL","bytes_max":1000000}, with
//                                   "market":"NAME" if there are several
//   POST /admin/incident/stop       {} or {"id":3}
//
// Admin thread. docs/operations.md has what the answers hold. A shard that does
// not answer in half a second is named in `late_shards`: all else is as it is
// told.

#ifndef STREAMHUB_GATEWAY_SERVER_INCIDENT_PAGES_H_
#define STREAMHUB_GATEWAY_SERVER_INCIDENT_PAGES_H_

#include <string>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/server/admin_route.h"
#include "gateway/server/ask_shards.h"
#include "gateway/server/incident_recorder.h"

namespace streamhub {

// `doors`: of the shards, in their order, of each those of all its `markets`,
// which are told by their names. They and the recorder outlive the routes.
std::vector<AdminRoute> IncidentRoutes(IncidentRecorder& recorder,
                                       std::vector<ShardDoor> doors,
                                       std::vector<std::string> markets);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_INCIDENT_PAGES_H_
