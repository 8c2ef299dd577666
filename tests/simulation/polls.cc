// What happens to clients that poll.

#include <algorithm>
#include <utility>

#include "tests/simulation/simulation.h"

namespace streamhub::simulation {

// One or two requests a poll; no symbol is in both.
void Simulation::DrawPollers() {
  for (size_t i = 1 + random_.Below(3); i > 0; --i) {
    std::vector<Poller::Part> parts(1 + random_.Below(2));
    std::vector<std::string> codes = SomeOf(codes_);
    if (codes.size() < parts.size()) parts.pop_back();
    for (Poller::Part& part : parts) {
      const Client::Want want = AnyWant();
      part.ask.has_fields = want.has_fields;
      part.ask.fields = want.fields;
      part.ask.rate = want.rate;
    }
    for (size_t at = 0; at < codes.size(); ++at) {
      parts[at % parts.size()].codes.push_back(std::move(codes[at]));
    }
    pollers_.emplace_back(std::move(parts), plan_.limits, tokens_, verdict_,
                          pace_);
  }
}

void Simulation::StepPollers() {
  for (Poller& poller : pollers_) {
    if (poller.idle() && random_.Chance(5)) {
      const Client::Want want = AnyWant();
      poller.Change(want.has_fields, want.fields, want.rate);
    }
    if (poller.idle() && random_.Chance(60)) {
      poller.Start(*server_, clock_, &next_id_);
    } else if (poller.waits() && faults_.drops && random_.Chance(5)) {
      verdict_.Trace("a poll hangs up");
      poller.End(/*arrives=*/false);
    }
  }
}

void Simulation::EndAnsweredPolls() {
  for (Poller& poller : pollers_) {
    if (poller.answered()) {
      const bool lost =
          !settling_ && faults_.lost_messages && random_.Chance(20);
      if (lost) verdict_.Trace("a poll's answer is lost");
      poller.End(!lost);
    }
    if (settling_ && poller.idle()) poller.Start(*server_, clock_, &next_id_);
  }
}

}  // namespace streamhub::simulation
