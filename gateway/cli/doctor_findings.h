// What the facts of a probe mean: symptoms with a name and a sentence, a
// verdict per transport, and what cures them. Pure; any thread.

#ifndef STREAMHUB_GATEWAY_CLI_DOCTOR_FINDINGS_H_
#define STREAMHUB_GATEWAY_CLI_DOCTOR_FINDINGS_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/cli/doctor_reading.h"

namespace streamhub {

enum class Verdict {
  kGood,
  kLimited,  // works, but
  kBroken,
  kClosed,  // the gateway does not offer it
};

std::string_view NameOf(Verdict verdict);

struct Finding {
  std::string code;
  std::string text;
  bool note = false;  // nothing is wrong
};

struct Diagnosis {
  DoctorFacts facts;
  std::vector<Finding> findings;
  Verdict verdict = Verdict::kGood;

  bool Has(std::string_view code) const;
};

// The lines of configuration that cure a symptom, as in deploy/proxies.
struct Cure {
  std::string_view codes;  // of findings, each between blanks
  std::string_view title;
  std::string_view nginx, haproxy, caddy;
};

struct Diagnoses {
  std::vector<Diagnosis> doors;
  std::vector<Finding> findings;    // of no single door
  std::optional<Door> choice;       // of the client
  std::optional<int64_t> clock_us;  // this machine's less the gateway's
  std::string through;              // what calls itself by a header on the way
  std::vector<Cure> cures;
  Verdict verdict = Verdict::kGood;
};

Diagnoses Diagnose(std::vector<DoctorFacts> facts);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_DOCTOR_FINDINGS_H_
