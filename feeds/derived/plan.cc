#include "feeds/derived/plan.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "gateway/base/utf8.h"

namespace streamhub::derived {
namespace {

using Indexes = absl::flat_hash_map<std::string, size_t>;

absl::Status Wrong(const std::string& what, size_t index, size_t* at) {
  if (at != nullptr) *at = index;
  return absl::InvalidArgumentError(what);
}

// The definitions, by index, that definition `i` is made of.
std::vector<size_t> InputsOf(const Definition& definition,
                             const Indexes& indexes) {
  std::vector<size_t> inputs;
  for (const Input& input : definition.inputs) {
    const auto found = indexes.find(input.symbol);
    if (found != indexes.end()) inputs.push_back(found->second);
  }
  return inputs;
}

// Of definitions that wait for each other: "A needs B, B needs A". `*from` is
// one of those that wait, and becomes one of the circle.
std::string Circle(const std::vector<Definition>& definitions,
                   const Indexes& indexes, const std::vector<size_t>& waits_for,
                   size_t* from) {
  // Each waits for one that waits as well, so that the way there has no end.
  const auto next = [&](size_t i) {
    for (const size_t input : InputsOf(definitions[i], indexes)) {
      if (waits_for[input] > 0) return input;
    }
    return i;
  };
  for (size_t i = 0; i < definitions.size(); ++i) *from = next(*from);
  constexpr int kShownMax = 5;
  std::string circle;
  size_t i = *from;
  int shown = 0;
  do {
    const size_t needed = next(i);
    absl::StrAppend(&circle, circle.empty() ? "" : ", ", definitions[i].symbol,
                    " needs ", definitions[needed].symbol);
    i = needed;
  } while (i != *from && ++shown < kShownMax);
  return i == *from ? circle : circle + " and so on";
}

}  // namespace

absl::StatusOr<Plan> MakePlan(std::vector<Definition> definitions, size_t* at) {
  if (definitions.size() > kDefinitionsMax) {
    return Wrong(
        absl::StrCat("more than ", kDefinitionsMax, " derived symbols"),
        kDefinitionsMax, at);
  }
  Indexes indexes;
  for (size_t i = 0; i < definitions.size(); ++i) {
    if (!indexes.emplace(definitions[i].symbol, i).second) {
      return Wrong(absl::StrCat(definitions[i].symbol, " is there twice"), i,
                   at);
    }
  }
  std::vector<size_t> waits_for(definitions.size());
  std::vector<std::vector<size_t>> users(definitions.size());
  std::vector<size_t> order;
  for (size_t i = 0; i < definitions.size(); ++i) {
    const std::vector<size_t> inputs = InputsOf(definitions[i], indexes);
    waits_for[i] = inputs.size();
    for (const size_t input : inputs) users[input].push_back(i);
    if (inputs.empty()) order.push_back(i);
  }
  for (size_t done = 0; done < order.size(); ++done) {
    for (const size_t user : users[order[done]]) {
      if (--waits_for[user] == 0) order.push_back(user);
    }
  }
  if (order.size() < definitions.size()) {
    const auto waiting = std::find_if(waits_for.begin(), waits_for.end(),
                                      [](size_t n) { return n > 0; });
    auto from = static_cast<size_t>(waiting - waits_for.begin());
    const std::string circle = Circle(definitions, indexes, waits_for, &from);
    return Wrong(absl::StrCat("in a circle: ", circle), from, at);
  }
  Plan plan;
  plan.definitions.reserve(order.size());
  for (const size_t i : order) {
    plan.definitions.push_back(std::move(definitions[i]));
  }
  return plan;
}

absl::StatusOr<Plan> MakePlan(std::span<const std::string> texts) {
  std::vector<Definition> definitions;
  const auto wrong = [&](size_t i, const absl::Status& status) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", ShownText(texts[i]), "\": ", status.message()));
  };
  for (size_t i = 0; i < texts.size(); ++i) {
    auto definition = ParseDefinition(texts[i]);
    if (!definition.ok()) return wrong(i, definition.status());
    definitions.push_back(*std::move(definition));
  }
  size_t at = 0;
  auto plan = MakePlan(std::move(definitions), &at);
  if (!plan.ok()) return wrong(at, plan.status());
  return plan;
}

}  // namespace streamhub::derived
