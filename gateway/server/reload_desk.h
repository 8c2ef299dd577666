// Where the admin thread asks for a reload, which is the main thread's to do:
//
//   POST /admin/reload   200 and the outcome below, or 409 if it was refused
//   GET  /admin/reload   the last outcome
//
//   {"successful":true,"time":1764480000000000,"changed":["log_level"],
//    "restart_needed":["port"]}
//   {"successful":false,"time":..,"error":"streamhub.toml:3:8: ..."}
//
// `time` is in microseconds since 1970; `null`: there was no reload yet. A door
// between the two threads.

#ifndef STREAMHUB_GATEWAY_SERVER_RELOAD_DESK_H_
#define STREAMHUB_GATEWAY_SERVER_RELOAD_DESK_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "gateway/server/admin_route.h"
#include "gateway/server/reload.h"

namespace streamhub {

class ReloadDesk {
 public:
  // `ring` tells the main thread that a reload is wanted: any thread.
  explicit ReloadDesk(std::function<void()> ring) : ring_(std::move(ring)) {}

  // Main thread, around every reload, whoever asked for it: who asked before it
  // began is told what came of it.
  void Begin();
  void Tell(ReloadOutcome outcome);

  // Admin thread. They are called as long as the desk is there.
  std::vector<AdminRoute> Routes();

 private:
  // The admin server serves nobody else meanwhile.
  static constexpr std::chrono::seconds kPatience{5};

  AdminAnswer Ask();
  AdminAnswer Last();

  const std::function<void()> ring_;
  std::mutex mutex_;
  std::condition_variable told_;
  // All under mutex_: how many were asked for, and of these how many before the
  // reload that has begun, and that is done.
  uint64_t asked_ = 0, begun_ = 0, done_ = 0;
  bool any_ = false;  // there was a reload
  ReloadOutcome last_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_RELOAD_DESK_H_
