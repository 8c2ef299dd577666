// The part of Session that waits for symbols that do not exist yet.

#include <utility>

#include "gateway/session/session.h"

namespace streamhub {

// `code` waits under `terms`, whatever it waited under before.
void Session::Await(const std::string& code, uint64_t terms) {
  ++terms_.at(terms).names;
  const auto [it, fresh] = awaited_.try_emplace(code, terms);
  if (!fresh) return LeaveTerms(std::exchange(it->second, terms));
  fanout_.AwaitSymbol(code, this);
  fanout_.counters_.Add(Metric::kSubscriptions);
}

// What a request changes is not what other names wait under.
void Session::ChangeAwaited(const std::vector<std::string>& codes,
                            const Request& request,
                            std::optional<RateStep> step) {
  absl::flat_hash_map<uint64_t, uint64_t> changed;  // terms, to the new ones
  for (const std::string& code : codes) {
    const uint64_t old = awaited_.at(code);
    const auto [to, fresh] = changed.try_emplace(old, next_terms_);
    if (fresh) {
      Terms terms = terms_.at(old);
      terms.names = 0;
      if (step.has_value()) terms.step = *step;
      if (request.has_fields) {
        terms.at_fields = at_fields_;
        terms.all_fields = request.all_fields;
        terms.fields = request.fields;
      }
      terms_[next_terms_++] = std::move(terms);
    }
    Await(code, to->second);
  }
}

bool Session::StopAwaiting(const std::string& code) {
  const auto found = awaited_.find(code);
  if (found == awaited_.end()) return false;
  LeaveTerms(found->second);
  awaited_.erase(found);
  fanout_.counters_.Add(Metric::kSubscriptions, -1);
  return true;
}

void Session::LeaveTerms(uint64_t terms) {
  const auto found = terms_.find(terms);
  if (--found->second.names == 0) terms_.erase(found);
}

void Session::SymbolAppeared(SymbolId symbol) {
  const SymbolInfo& info = fanout_.market_.symbols().Get(symbol);
  const auto found = awaited_.find(info.code);
  if (found == awaited_.end()) return;
  const Terms waiting = terms_.at(found->second);
  StopAwaiting(info.code);
  if (poll_ != nullptr) {
    return AddPolled(symbol, {.name = info.code, .told = true},
                     waiting.poll_request);
  }
  const FieldMask fields = waiting.all_fields
                               ? info.layout->all()
                               : info.layout->MaskOf(waiting.fields);
  Add(symbol, fields, waiting.step, 0, 0);
  Reply ack;
  ack.id = waiting.id;
  ack.at = AtToken(waiting.at_fields);
  ack.step = waiting.step;
  ack.symbols.push_back(symbol);
  AddReply(std::move(ack));
}

}  // namespace streamhub
