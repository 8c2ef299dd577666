// A feed: a source of ticks that runs on a thread of its own. A whole one is
// in docs/examples/embed:
//
//   absl::Status Run(Publisher& publisher, FeedControl& control) override {
//     const auto id = publisher.Define({.code = "LEMON", ...});
//     if (!id.ok()) return id.status();
//     publisher.SetStatus(FeedStatus::kLive);
//     do {
//       publisher.BeginBatch();
//       publisher.Publish(*id, {{FieldId::kBid, 1995}}, event_ns);
//       publisher.EndBatch();
//     } while (control.WaitUntil(next_mono_ns));
//     return absl::OkStatus();  // told to stop
//   }

#ifndef STREAMHUB_FEEDS_FEED_H_
#define STREAMHUB_FEEDS_FEED_H_

#include <absl/status/status.h>

#include <cstdint>

#include "feeds/publisher.h"

namespace streamhub {

// How a running feed waits and learns that it must stop.
class FeedControl {
 public:
  virtual ~FeedControl() = default;

  // True once the feed must return from Run.
  virtual bool stopping() const = 0;

  // Waits until the monotonic time `mono_ns`, heartbeating for the feed
  // meanwhile. Returns at once if it has passed. False if stopping.
  virtual bool WaitUntil(int64_t mono_ns) = 0;

  // Any thread: ends the wait that there is, or the next one, which then
  // returns early. For who brings the feed a command.
  virtual void Interrupt() {}
};

class Feed {
 public:
  virtual ~Feed() = default;

  // Publishes until the source ends or `control` says stop. Called on the
  // feed's thread, once, or again after an error if CanReopen(). An error says
  // what was wrong and where; everything before it has been published. The feed
  // sets its own status by `publisher`: live when connected, ended when a
  // recording is over.
  virtual absl::Status Run(Publisher& publisher, FeedControl& control) = 0;

  // Whether it makes sense to call Run again after an error: the source may be
  // there again, and Run begins anew with it. A file that is damaged stays so.
  // Called on the feed's thread, between its runs.
  virtual bool CanReopen() const { return false; }
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_FEED_H_
