// What a tick log holds, read back in the plainest way: block after block, up
// to the first that is not whole.

#ifndef STREAMHUB_TESTS_FEEDS_RECORDER_LOGGED_H_
#define STREAMHUB_TESTS_FEEDS_RECORDER_LOGGED_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/tick_record.h"
#include "gateway/base/check.h"
#include "tests/support/test_market.h"

namespace streamhub {

// A copy of a TickRecord that stays.
struct Logged {
  TickRecord::Kind kind;
  std::string code;  // of its symbol
  std::string feed;
  FeedStatus status;
  std::vector<FieldValue> values;
  TradeReport trade;  // without its texts:
  std::string trade_id, trade_cross;
  int64_t time_ns, event_ns, from_ns;
  uint64_t epoch, lost;
};

struct LoggedFile {
  std::vector<Logged> records;
  bool torn = false;  // it does not end with a footer
  std::string wrong;  // what is wrong with a block that is whole; empty: none
  size_t blocks = 0;

  std::vector<Logged> Of(TickRecord::Kind kind) const;
};

LoggedFile ReadLogBytes(std::string_view bytes);
LoggedFile ReadLog(const std::string& path);

// The same file as the product's reader sees it: nothing may be wrong with it
// but its end, and both must find the same.
void ExpectReadBackAlike(const std::string& path, const LoggedFile& file);

// By symbol and name of field; without what is empty, and without `trading` of
// "unknown", which is what every symbol begins with.
using LoggedState = std::map<std::string, std::map<std::string, int64_t>>;

// What a reader has that goes on with these records.
void Play(const LoggedFile& file, LoggedState* state);

// What the market has.
LoggedState StateOfMarket(const TestMarket& test);

// A folder of its own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_FEEDS_RECORDER_LOGGED_H_
