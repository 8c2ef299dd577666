#include "gateway/server/ask_shards.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>

#include "gateway/base/json_text.h"

namespace streamhub {
namespace {

// It may outlive who asked: a shard that is late finds that it is over.
struct Question {
  struct Part {
    std::mutex running;  // held while the step of that shard runs
    bool over = false;   // under running
    bool done = false;   // under running
  };

  explicit Question(size_t shards) : parts(shards), left(shards) {}

  ShardStep step;
  std::deque<Part> parts;
  std::mutex mutex;
  std::condition_variable answered;
  size_t left;  // under mutex
};

void Work(const std::shared_ptr<Question>& question, size_t shard,
          const ShardDoor& door, Fanout& fanout) {
  Question::Part& part = question->parts[shard];
  bool more;
  {
    const std::lock_guard lock(part.running);
    if (part.over) return;
    more = question->step(shard, fanout);
    part.done = !more;
  }
  if (more) {
    return door([question, shard, door](Fanout& again) {
      Work(question, shard, door, again);
    });
  }
  const std::lock_guard lock(question->mutex);
  if (--question->left == 0) question->answered.notify_all();
}

}  // namespace

std::vector<size_t> AskShards(std::span<const ShardDoor> doors, ShardStep step,
                              std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const auto question = std::make_shared<Question>(doors.size());
  question->step = std::move(step);
  for (size_t shard = 0; shard < doors.size(); ++shard) {
    doors[shard]([question, shard, door = doors[shard]](Fanout& fanout) {
      Work(question, shard, door, fanout);
    });
  }
  {
    std::unique_lock lock(question->mutex);
    question->answered.wait_until(lock, deadline,
                                  [&] { return question->left == 0; });
  }
  std::vector<size_t> late;
  for (size_t shard = 0; shard < doors.size(); ++shard) {
    Question::Part& part = question->parts[shard];
    const std::lock_guard lock(part.running);
    part.over = true;
    if (!part.done) late.push_back(shard);
  }
  return late;
}

void AppendLateShards(const std::vector<size_t>& late, size_t markets,
                      std::string* out) {
  if (late.empty()) return;
  *out += ",\"late_shards\":";
  size_t before = 0;
  for (const size_t place : late) {
    const size_t shard = place / markets + 1;
    if (shard == before) continue;
    *out += before == 0 ? '[' : ',';
    AppendUnsigned(shard, out);
    before = shard;
  }
  *out += ']';
}

}  // namespace streamhub
