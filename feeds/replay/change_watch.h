// Whether records change what clients can see: a value of a symbol of the
// feed, not only a book behind it. Costs a look at every symbol for a record
// with a tick, so it is for steps. On the feed's thread.

#ifndef STREAMHUB_FEEDS_REPLAY_CHANGE_WATCH_H_
#define STREAMHUB_FEEDS_REPLAY_CHANGE_WATCH_H_

#include <cstddef>
#include <cstdint>

#include "feeds/publisher.h"

namespace streamhub {

class ChangeWatch {
 public:
  // `publisher` outlives this.
  explicit ChangeWatch(Publisher& publisher) : publisher_(publisher) {}

  // Changes count from here on.
  void Begin() {
    symbols_ = publisher_.market().symbols().size();
    ticks_ = Ticks();
    versions_ = Versions();
  }

  // After a record: has a tick changed a value since Begin()? A symbol that is
  // only defined is none.
  bool Moved() {
    if (Ticks() == ticks_) {
      if (publisher_.market().symbols().size() != symbols_) Begin();
      return false;
    }
    const uint64_t before = versions_;
    Begin();
    return versions_ != before;
  }

 private:
  int64_t Ticks() { return publisher_.counters().Get(Metric::kTicks); }

  uint64_t Versions() {
    const Market& market = publisher_.market();
    uint64_t sum = 0;
    QuoteView view;
    for (SymbolId id = 0; id < market.symbols().size(); ++id) {
      if (market.symbols().Get(id).feed != publisher_.feed()) continue;
      // This thread is the symbol's writer, so the read cannot fail.
      if (market.cache().Read(id, 0, &view)) sum += view.version;
    }
    return sum;
  }

  Publisher& publisher_;
  size_t symbols_ = 0;
  int64_t ticks_ = 0;
  uint64_t versions_ = 0;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_CHANGE_WATCH_H_
