// The whole gateway: a market, its feed, the shards that serve clients and the
// admin server, wired from a Config, started in order and stopped in reverse.
// Main thread only: the one that starts it.
//
// To embed it in a program: link streamhub::gateway, implement Feed (feed.h),
// and start it. It serves until it is destroyed. docs/examples/embed is a whole
// such program.
//
//   Config config;           // the defaults of `streamhub gen-config`
//   config.feed = "lemons";  // what clients are told of the feed
//   const auto gateway =
//       Gateway::Start(config, {}, std::make_unique<LemonFeed>());
//   if (!gateway.ok()) ...   // gateway.status() says what is wrong
//
// It handles no signals, and writes its log to standard error.

#ifndef STREAMHUB_GATEWAY_SERVER_GATEWAY_H_
#define STREAMHUB_GATEWAY_SERVER_GATEWAY_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "feeds/feed.h"
#include "feeds/replay/replay_feed.h"
#include "gateway/server/config.h"
#include "gateway/server/reload.h"

namespace streamhub {

class Gateway {
 public:
  struct Events {
    // On the feed's thread, when the feed has returned, OK when the gateway
    // stops, else what was wrong with it; and each time a replay that waits
    // for commands is at its end: OK, or what was wrong with the recording or
    // is missing in it. That something is missing is told of any replay.
    std::function<void(const absl::Status&)> feed_done;
    // On the feed's thread, about ten times a second, of a replay.
    std::function<void(const ReplayProgress&)> progress;
    // On the admin thread: `POST /admin/reload` asks for Reload(), which is the
    // main thread's. Empty: there is no such page.
    std::function<void()> reload_wanted;
  };

  // What Start() would refuse of it before it binds a port: a recording that
  // cannot be read or decoded, or has no date, an unknown time zone, no web
  // root, a certificate that cannot be read or is not its key's.
  static absl::Status Check(const Config& config);

  // Starts everything. `feed` replaces the one that `config.feed` names, if it
  // is not null: how tests and embedders bring their own. To clients it is a
  // real-time feed called `config.feed`. Errors name the flag or key: a port in
  // use, a file that is missing, no web root.
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(
      const Config& config, Events events = {},
      std::unique_ptr<Feed> feed = {});

  // Stops: clients are told and closed (3 s at most), then the feed is asked
  // to return and waited for, so that one that hangs keeps nobody uninformed.
  ~Gateway();

  // Begins to stop without haste, once: nobody is let in any more, and clients
  // are served until each is told, in its turn, when to come back elsewhere
  // (session/drain_plan.h); all within `drain_ms`. Then destroy it.
  void BeginDrain();
  // Any thread. From BeginDrain() on: whoever balances load looks elsewhere.
  bool draining() const;
  // Whether the clients are gone, or the time is over.
  bool drained() const;
  // Nobody is told any more: the destructor is at once.
  void Abandon();

  // Asks for another configuration and follows it as far as it can be followed
  // by a gateway that runs (reload.h). What comes of it is logged.
  ReloadOutcome Reload(const std::function<absl::StatusOr<Config>()>& load);

  // Has `prepare` asked at every reload, after the gateway's own parts.
  void AddReload(PrepareReload prepare);

  // The threads of shards and feeds that hang: they have not turned since the
  // last call. Half a second and more between two calls is good.
  std::vector<std::string> StuckThreads();

  // In a line for people: "4200 clients; synthetic is live".
  std::string Summary() const;

  // The ports that were bound.
  int port() const;
  int admin_port() const;

  // Every address a client on this machine's networks could use, as URLs.
  std::vector<std::string> Urls() const;

 private:
  struct Parts;
  explicit Gateway(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_GATEWAY_H_
