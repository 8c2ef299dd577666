// What the check of a load test found, as a part of its report. Pure.

#ifndef STREAMHUB_BENCH_LOAD_CHECK_REPORT_H_
#define STREAMHUB_BENCH_LOAD_CHECK_REPORT_H_

#include <string>

#include "bench/load/json_object.h"

namespace streamhub::load {

struct LoadReport;

// Member "check", and lines for people; of a report whose check was done.
void AddCheck(const LoadReport& report, JsonObject* json);
std::string CheckText(const LoadReport& report);

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_CHECK_REPORT_H_
