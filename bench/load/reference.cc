#include "bench/load/reference.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "bench/load/scan.h"
#include "gateway/base/strings.h"

namespace streamhub::load {

Reference::Reference(const Wanted& wanted)
    : wanted_(wanted), quotes_(wanted.names.size()) {
  for (uint32_t i = 0; i < wanted.names.size(); ++i) {
    index_.emplace(wanted.names[i], i);
  }
}

bool Reference::Add(std::string_view reply) {
  // Two members that only this reply has stand behind the fields.
  constexpr std::string_view kState = "\"state\":\"";
  QuoteScanner quotes(reply);
  Quote quote;
  while (quotes.Next(&quote)) {
    const auto it = index_.find(quote.name);
    const size_t state = quote.fields.rfind(kState);
    if (it == index_.end() || state == quote.fields.npos) return false;
    ReferenceQuote& own = quotes_[it->second];
    own.version = quote.version;
    own.ticks = quote.ticks;
    own.values.clear();
    std::string_view fields = quote.fields.substr(0, state);
    if (fields.ends_with(',')) fields.remove_suffix(1);
    if (!MergeFields(fields, &own.values)) return false;
    ended_ = ended_ &&
             quote.fields.substr(state + kState.size()).starts_with("ended\"");
  }
  return quotes.ok();
}

std::string Difference(const Values& client, const Values& gateway) {
  size_t c = 0, g = 0;
  while (c < client.size() || g < gateway.size()) {
    const bool has = c < client.size() && (g == gateway.size() ||
                                           client[c].first <= gateway[g].first);
    const bool says =
        g < gateway.size() &&
        (c == client.size() || gateway[g].first <= client[c].first);
    if (!has || !says || client[c].second != gateway[g].second) {
      const FieldId field = has ? client[c].first : gateway[g].first;
      return absl::StrCat(
          ToAbsl(FieldName(field)), ": ", has ? client[c].second : "nothing",
          ", the gateway says ", says ? gateway[g].second : "nothing");
    }
    ++c;
    ++g;
  }
  return {};
}

int64_t DueUpdates(int64_t ticks, double seconds, double rate) {
  if (ticks <= 0) return 0;
  if (rate <= 0) return ticks;
  // The first beat comes at once, the second up to a period after its time.
  const auto beats = static_cast<int64_t>(seconds * rate);
  return std::min(ticks, std::max<int64_t>(beats, 1));
}

void CheckResult::Merge(const CheckResult& other) {
  due += other.due;
  received += other.received;
  shares.insert(shares.end(), other.shares.begin(), other.shares.end());
  equal += other.equal;
  different += other.different;
  behind += other.behind;
  if (first_difference.empty()) first_difference = other.first_difference;
}

double CheckResult::ShareMin() const {
  return shares.empty() ? 0 : *std::min_element(shares.begin(), shares.end());
}

double CheckResult::ShareMedian() const {
  if (shares.empty()) return 0;
  std::vector<double> sorted = shares;
  const auto middle =
      sorted.begin() + static_cast<ptrdiff_t>((sorted.size() - 1) / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return *middle;
}

int64_t CheckResult::ClientsBelow(double share) const {
  return std::count_if(shares.begin(), shares.end(),
                       [share](double own) { return own < share; });
}

}  // namespace streamhub::load
