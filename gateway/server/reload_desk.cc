#include "gateway/server/reload_desk.h"

#include <absl/strings/str_cat.h>

#include <string>
#include <utility>

#include "gateway/base/json_text.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub {
namespace {

void AppendNames(std::string_view key, const std::vector<std::string>& names,
                 std::string* out) {
  absl::StrAppend(out, ",\"", ToAbsl(key), "\":[");
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) *out += ',';
    AppendString(names[i], out);
  }
  *out += ']';
}

AdminAnswer AnswerOf(const ReloadOutcome& outcome) {
  AdminAnswer answer;
  const bool good = outcome.status.ok();
  answer.body = absl::StrCat("{\"successful\":", good ? "true" : "false",
                             ",\"time\":", outcome.wall_ns / kMicrosecond);
  if (good) {
    AppendNames("changed", outcome.changed, &answer.body);
    AppendNames("restart_needed", outcome.restart, &answer.body);
  } else {
    answer.body += ",\"error\":";
    AppendString(ShownText(FromAbsl(outcome.status.message())), &answer.body);
  }
  answer.body += "}\n";
  return answer;
}

}  // namespace

void ReloadDesk::Begin() {
  const std::lock_guard lock(mutex_);
  begun_ = asked_;
}

void ReloadDesk::Tell(ReloadOutcome outcome) {
  {
    const std::lock_guard lock(mutex_);
    done_ = begun_;
    any_ = true;
    last_ = std::move(outcome);
  }
  told_.notify_all();
}

std::vector<AdminRoute> ReloadDesk::Routes() {
  return {
      {"POST", "/admin/reload", [this](const AdminRequest&) { return Ask(); }},
      {"GET", "/admin/reload", [this](const AdminRequest&) { return Last(); }}};
}

// One that is under way may have read the file before it was changed: it is not
// the answer.
AdminAnswer ReloadDesk::Ask() {
  std::unique_lock lock(mutex_);
  const uint64_t mine = ++asked_;
  ring_();
  if (!told_.wait_for(lock, kPatience,
                      [this, mine] { return done_ >= mine; })) {
    return AdminError(503, "the gateway is busy, and will reload later");
  }
  AdminAnswer answer = AnswerOf(last_);
  if (!last_.status.ok()) answer.status = 409;
  return answer;
}

AdminAnswer ReloadDesk::Last() {
  const std::lock_guard lock(mutex_);
  if (!any_) return {.body = "{\"successful\":null,\"time\":null}\n"};
  return AnswerOf(last_);
}

}  // namespace streamhub
