#include "gateway/server/explain_page.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/json_text.h"
#include "gateway/base/session_id.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"
#include "gateway/codec/json.h"
#include "gateway/codec/query_string.h"
#include "gateway/market/symbol.h"
#include "gateway/session/explained.h"

namespace streamhub {
namespace {

constexpr std::chrono::milliseconds kPatience{500};
constexpr size_t kSessionsAtOnce = 128;

struct Asked {
  SessionId session = 0;
  std::string symbol;
};

std::optional<Asked> Parse(std::string_view query, std::string* wrong) {
  Asked asked;
  std::vector<QueryParameter> parameters;
  if (!SplitQuery(query, &parameters, wrong)) {
    *wrong = absl::StrCat("a bad %: ", ShownText(*wrong));
    return std::nullopt;
  }
  for (const QueryParameter& parameter : parameters) {
    if (parameter.name == "session" && asked.session == 0) {
      asked.session = ParseSession(parameter.value).value_or(0);
      if (asked.session != 0) continue;
    }
    if (parameter.name == "symbol" && asked.symbol.empty() &&
        IsValidSymbol(parameter.value)) {
      asked.symbol = parameter.value;
      continue;
    }
    *wrong = absl::StrCat("want session=2-117 and symbol=CODE, once each; not ",
                          ShownText(parameter.name));
    return std::nullopt;
  }
  if (asked.session == 0 || asked.symbol.empty()) {
    *wrong = "want session=2-117 and symbol=CODE";
    return std::nullopt;
  }
  return asked;
}

void Member(std::string_view key, std::string* out) {
  if (out->back() != '{') *out += ',';
  absl::StrAppend(out, "\"", ToAbsl(key), "\":");
}

void TextMember(std::string_view key, std::string_view text, std::string* out) {
  Member(key, out);
  AppendString(text, out);
}

template <typename Number>
void NumberMember(std::string_view key, std::optional<Number> number,
                  std::string* out) {
  Member(key, out);
  if (number.has_value()) {
    absl::StrAppend(out, *number);
  } else {
    *out += "null";
  }
}

void RateMember(std::string_view key, std::optional<double> rate,
                std::string* out) {
  Member(key, out);
  if (!rate.has_value()) {
    *out += "null";
  } else if (std::isinf(*rate)) {
    *out += "\"unlimited\"";
  } else {
    // Three digits, for that is what is kept of it.
    const double unit = std::pow(10, std::floor(std::log10(*rate)) - 2);
    AppendRate(std::round(*rate / unit) * unit, out);
  }
}

void FlagMember(std::string_view key, bool flag, std::string* out) {
  Member(key, out);
  *out += flag ? "true" : "false";
}

std::optional<int64_t> MicrosOr(int64_t wall_ns) {
  if (wall_ns == 0) return std::nullopt;
  return wall_ns / kMicrosecond;
}

std::string Body(const std::string& symbol, const SubscriptionSeen& seen,
                 int64_t wall_ns) {
  std::string out = "{";
  TextMember("session", SessionText(seen.session.id), &out);
  TextMember("symbol", symbol, &out);
  TextMember("market", seen.session.market, &out);
  TextMember("transport", TransportName(seen.session.transport), &out);
  TextMember("limit", RateLimitName(seen.limit), &out);
  RateMember("asked_rate", seen.asked, &out);
  RateMember("effective_rate", seen.effective, &out);
  FlagMember("topic", seen.topic, &out);
  FlagMember("unknown", seen.unknown, &out);
  FlagMember("complete", seen.complete, &out);
  NumberMember("ticks", seen.ticks, &out);
  NumberMember("updates", seen.updates, &out);
  std::optional<int64_t> folded;
  if (seen.ticks.has_value() && seen.updates.has_value()) {
    folded = std::max<int64_t>(*seen.ticks - *seen.updates, 0);
  }
  NumberMember("folded", folded, &out);
  NumberMember("version", std::optional(seen.version), &out);
  NumberMember("sent_version", std::optional(seen.cursor), &out);
  NumberMember("last_sent", MicrosOr(seen.session.last_sent_ns), &out);
  NumberMember("last_tick", MicrosOr(seen.received_ns), &out);
  std::optional<int64_t> age_ms;
  if (seen.received_ns != 0) {
    age_ms = (wall_ns - seen.received_ns) / kMillisecond;
  }
  NumberMember("age_ms", age_ms, &out);
  NumberMember("waiting_ms",
               std::optional(seen.session.waiting_ns / kMillisecond), &out);
  NumberMember("stalls", std::optional(seen.session.stalls), &out);
  return out + "}\n";
}

}  // namespace

AdminAnswer ExplainPage(std::span<const ShardDoor> doors,
                        std::string_view query, const Clock& clock) {
  std::string wrong;
  const auto asked = Parse(query, &wrong);
  if (!asked.has_value()) return AdminError(400, wrong);
  std::vector<Fanout::Explained> parts(doors.size());
  const auto late = AskShards(
      doors,
      [&](size_t shard, Fanout& fanout) {
        Fanout::Explained& part = parts[shard];
        part = fanout.Explain(asked->session, asked->symbol,
                              part.next.value_or(0), kSessionsAtOnce);
        return part.next.has_value();
      },
      kPatience);
  bool found = false;
  for (const Fanout::Explained& part : parts) {
    found = found || part.found;
    if (!part.seen.has_value()) continue;
    AdminAnswer answer;
    answer.body = Body(asked->symbol, *part.seen, clock.WallNs());
    return answer;
  }
  if (!late.empty() && !found) {
    return AdminError(503, absl::StrCat("not every shard answered in ",
                                        kPatience.count(), " ms"));
  }
  return AdminError(404, found ? "that session has no such subscription"
                               : "there is no such session now");
}

}  // namespace streamhub
