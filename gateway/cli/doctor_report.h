// The doctor's diagnoses as people read them and as JSON. Pure; any thread.

#ifndef STREAMHUB_GATEWAY_CLI_DOCTOR_REPORT_H_
#define STREAMHUB_GATEWAY_CLI_DOCTOR_REPORT_H_

#include <absl/status/status.h>

#include <string>
#include <string_view>

#include "gateway/cli/doctor_findings.h"

namespace streamhub {

std::string DoctorText(std::string_view url, const Diagnoses& diagnoses);

// One object, in one line; docs/operations.md tells its shape.
std::string DoctorJson(std::string_view url, const Diagnoses& diagnoses);

// The same of a gateway that could not even be asked: verdict "broken", and why
// as `error` instead of what was found.
std::string DoctorJson(std::string_view url, const absl::Status& error);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_DOCTOR_REPORT_H_
