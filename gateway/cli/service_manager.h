// Tells the service manager that started this program how it is: sd_notify(3)
// of systemd, by datagrams of our own to the socket that NOTIFY_SOCKET names
// (docs: "Standalone Implementations" of that page). Where there is none, all
// of it does nothing. A manager that does not listen holds nobody up.
//
//   Type=notify                 READY=1 once it serves, STOPPING=1 at the end
//   WatchdogSec=30 (WATCHDOG_USEC)  WATCHDOG=1 three times in that time
//   systemctl reload            RELOADING=1 with MONOTONIC_USEC, then READY=1
//   systemctl status            STATUS=4200 clients; synthetic is live
//
// Main thread.

#ifndef STREAMHUB_GATEWAY_CLI_SERVICE_MANAGER_H_
#define STREAMHUB_GATEWAY_CLI_SERVICE_MANAGER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"

namespace streamhub {

class ServiceManager {
 public:
  // By NOTIFY_SOCKET, and by WATCHDOG_USEC if WATCHDOG_PID is this process or
  // not there. Takes them out of the environment: children are not meant.
  static ServiceManager FromEnvironment(const Clock& clock);

  // `socket`: a path, or "@" and a name of the abstract ones; empty: nobody is
  // told. `watchdog_us`: 0: nobody waits for signs of life.
  ServiceManager(std::string socket, int64_t watchdog_us, const Clock& clock);
  ~ServiceManager();

  ServiceManager(ServiceManager&& other) noexcept;
  ServiceManager& operator=(ServiceManager&&) = delete;

  void TellReady(std::string_view summary);
  void TellReloading();
  void TellStopping();

  // A sign of life, unless one of its threads is `stuck`: that is logged, and
  // if it goes on the manager ends the program and starts it anew.
  void TellAlive(const std::vector<std::string>& stuck,
                 std::string_view summary);

  // Whether the next sign of life is due, and in how many ms it is; -1: never.
  bool IsTime() const;
  int NextMs() const;

 private:
  void Send(std::string_view text) const;

  const std::string socket_;
  const int64_t period_ns_;  // of signs of life; 0: none
  const Clock& clock_;
  int fd_ = -1;
  int64_t next_ns_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_SERVICE_MANAGER_H_
