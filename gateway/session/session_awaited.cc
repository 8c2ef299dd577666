// The part of Session that waits for symbols that do not exist yet.

#include <memory>
#include <utility>

#include "gateway/session/asked_rate.h"
#include "gateway/session/session.h"

namespace streamhub {

size_t Session::awaited_count() const {
  return awaited_ == nullptr ? 0 : awaited_->names.size();
}

bool Session::Awaits(const std::string& code) const {
  return awaited_ != nullptr && awaited_->names.contains(code);
}

// The number of `terms`, under which a name has to wait at once.
uint64_t Session::AddTerms(Terms terms) {
  if (awaited_ == nullptr) awaited_ = std::make_unique<Awaited>();
  const uint64_t number = awaited_->next_terms++;
  terms.names = 0;
  awaited_->terms.emplace(number, std::move(terms));
  return number;
}

// `code` waits under `terms`, whatever it waited under before.
void Session::Await(const std::string& code, uint64_t terms, uint64_t claimed) {
  ++awaited_->terms.at(terms).names;
  const AwaitedName name{terms, claimed};
  const auto [it, fresh] = awaited_->names.try_emplace(code, name);
  if (!fresh) return LeaveTerms(std::exchange(it->second, name).terms);
  fanout_.AwaitSymbol(code, this);
  fanout_.counters_.Add(Metric::kSubscriptions);
}

// What a request changes is not what other names wait under.
void Session::ChangeAwaited(const std::vector<std::string>& codes,
                            const Request& request,
                            std::optional<RateStep> step) {
  absl::flat_hash_map<uint64_t, uint64_t> changed;  // terms, to the new ones
  for (const std::string& code : codes) {
    const auto [old, claimed] = awaited_->names.at(code);
    const auto [to, fresh] = changed.try_emplace(old, 0);
    if (fresh) {
      Terms terms = awaited_->terms.at(old);
      if (step.has_value()) {
        terms.step = *step;
        terms.asked = PackAsked(request.max_rate);
      }
      if (request.has_fields) {
        terms.at_fields = at_fields_;
        terms.all_fields = request.all_fields;
        terms.fields = request.fields;
      }
      to->second = AddTerms(std::move(terms));
    }
    Await(code, to->second, claimed);
  }
}

bool Session::StopAwaiting(const std::string& code) {
  if (!Awaits(code)) return false;
  const auto found = awaited_->names.find(code);
  LeaveTerms(found->second.terms);
  awaited_->names.erase(found);
  if (awaited_->names.empty()) awaited_.reset();
  fanout_.counters_.Add(Metric::kSubscriptions, -1);
  return true;
}

void Session::LeaveTerms(uint64_t terms) {
  const auto found = awaited_->terms.find(terms);
  if (--found->second.names == 0) awaited_->terms.erase(found);
}

void Session::SymbolAppeared(SymbolId symbol) {
  const SymbolInfo& info = fanout_.market_.symbols().Get(symbol);
  if (!Awaits(info.code)) return;
  const auto [number, claimed] = awaited_->names.at(info.code);
  const Terms waiting = awaited_->terms.at(number);
  StopAwaiting(info.code);
  if (poll_ != nullptr) {
    AddPolled(symbol, {.name = info.code, .told = true}, waiting.poll_request);
    if (info.topic != nullptr) {
      subscriptions_[index_.at(symbol)].cursor =
          AppearedTopicCursor(symbol, claimed);
    }
    return;
  }
  const FieldMask fields = FieldsOf(symbol, waiting.all_fields, waiting.fields);
  Add(symbol, fields, waiting.step, waiting.asked,
      fields == 0 ? AppearedTopicCursor(symbol, claimed) : 0, 0);
  Reply ack;
  ack.id = waiting.id;
  ack.at = AtToken(waiting.at_fields);
  ack.step = waiting.step;
  ack.symbols.push_back(symbol);
  AddReply(std::move(ack));
}

}  // namespace streamhub
