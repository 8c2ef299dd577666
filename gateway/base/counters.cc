#include "gateway/base/counters.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>

#include "gateway/base/clock.h"

namespace streamhub {
namespace {

enum class Type { counter, counter_ns, gauge, gauge_max_ns, internal };

struct Row {
  const char* name;
  Type type;
  const char* help;
};

constexpr Row kTable[] = {
#define X(id, name, type, help) {name, Type::type, help},
    STREAMHUB_COUNTERS(X)
#undef X
};

}  // namespace

int64_t Total(std::span<const Counters* const> sets, Metric metric) {
  const Type type = kTable[static_cast<size_t>(metric)].type;
  const bool max = type == Type::gauge_max_ns || type == Type::internal;
  int64_t total = 0;
  for (const Counters* set : sets) {
    const int64_t value = set->Get(metric);
    total = max ? std::max(total, value) : total + value;
  }
  return total;
}

void AppendPrometheus(std::span<const Counters* const> sets, std::string* out) {
  for (size_t i = 0; i < static_cast<size_t>(Metric::kCount); ++i) {
    const Row& row = kTable[i];
    if (row.type == Type::internal) continue;
    const bool counter =
        row.type == Type::counter || row.type == Type::counter_ns;
    const bool ns =
        row.type == Type::counter_ns || row.type == Type::gauge_max_ns;
    const int64_t total = Total(sets, static_cast<Metric>(i));
    absl::StrAppend(out, "# HELP streamhub_", row.name, " ", row.help,
                    "\n# TYPE streamhub_", row.name, " ",
                    counter ? "counter" : "gauge", "\nstreamhub_", row.name,
                    " ");
    if (ns) {
      absl::StrAppend(
          out, absl::StrFormat("%.9g", static_cast<double>(total) / kSecond));
    } else {
      absl::StrAppend(out, total);
    }
    *out += '\n';
  }
}

}  // namespace streamhub
