#include "gateway/base/refusals.h"

#include <absl/strings/str_cat.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

// Between two lines of the log about one limit.
constexpr int64_t kQuietNs = 10 * kSecond;

constexpr std::string_view kNames[] = {
#define X(id, name) name,
    STREAMHUB_LIMITS(X)
#undef X
};

}  // namespace

std::string_view NameOf(Limit limit) {
  return kNames[static_cast<size_t>(limit)];
}

void Refusals::Note(Limit limit, int64_t mono_ns, const ClientAddress* who) {
  auto& word = counts_[static_cast<size_t>(limit)];
  const int64_t count = word.load(std::memory_order_relaxed) + 1;
  word.store(count, std::memory_order_relaxed);
  Told& told = told_[static_cast<size_t>(limit)];
  if (told.at_ns != 0 && mono_ns - told.at_ns < kQuietNs) return;
  const int64_t more = count - told.count - 1;
  told = {mono_ns, count};
  std::string line = absl::StrCat("limit ", ToAbsl(NameOf(limit)), " reached");
  if (who != nullptr) absl::StrAppend(&line, " by ", who->ToString());
  if (more > 0) absl::StrAppend(&line, ", and ", more, " times before");
  LogWarning(line);
}

void AppendRefusals(std::span<const Refusals* const> sets, std::string* out) {
  absl::StrAppend(out, "# HELP streamhub_refusals_total ",
                  "What clients were refused or made to wait for, by limit\n",
                  "# TYPE streamhub_refusals_total counter\n");
  for (size_t i = 0; i < kLimits; ++i) {
    int64_t total = 0;
    for (const Refusals* set : sets) total += set->Get(static_cast<Limit>(i));
    absl::StrAppend(out, "streamhub_refusals_total{limit=\"", ToAbsl(kNames[i]),
                    "\"} ", total, "\n");
  }
}

}  // namespace streamhub
