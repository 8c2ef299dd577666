#include "gateway/base/counters.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

namespace streamhub {
namespace {

enum class Type { counter, gauge, gauge_max };

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
  const bool max = kTable[static_cast<size_t>(metric)].type == Type::gauge_max;
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
    const char* type = row.type == Type::counter ? "counter" : "gauge";
    absl::StrAppend(out, "# HELP streamhub_", row.name, " ", row.help,
                    "\n# TYPE streamhub_", row.name, " ", type, "\nstreamhub_",
                    row.name, " ", Total(sets, static_cast<Metric>(i)), "\n");
  }
}

}  // namespace streamhub
