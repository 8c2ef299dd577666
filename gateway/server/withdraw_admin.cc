#include "gateway/server/withdraw_admin.h"

#include <absl/strings/str_cat.h>
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "gateway/base/audit.h"
#include "gateway/base/json_text.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"
#include "gateway/market/symbol.h"

namespace streamhub {
namespace {

namespace dom = simdjson::dom;

constexpr std::chrono::milliseconds kPatience{2000};

struct Said {
  std::optional<std::string> symbol;
  std::string reason;
};

bool IsPattern(std::string_view text) {
  if (text == "*") return true;
  if (text.ends_with('*')) text.remove_suffix(1);
  return IsValidSymbol(text) && text.find('*') == text.npos;
}

// What is wrong, or an empty text.
std::string Read(std::string_view body, bool with_reason, Said* said) {
  const std::string_view known =
      with_reason ? "symbol and reason" : "symbol alone";
  dom::parser parser;
  dom::object members;
  if (parser.parse(simdjson::padded_string(body)).get(members) !=
      simdjson::SUCCESS) {
    return "the body is no JSON object";
  }
  for (const dom::key_value_pair member : members) {
    std::string_view text;
    const bool is_text = member.value.get(text) == simdjson::SUCCESS;
    if (member.key == "symbol") {
      if (!is_text || !IsPattern(text)) {
        return "symbol: a code such as AAPL, EUR/* for all that begin so, or *";
      }
      if (said->symbol.has_value()) return "symbol: is there twice";
      said->symbol = std::string(text);
    } else if (member.key == "reason" && with_reason) {
      if (!is_text || text.size() > WithdrawAdmin::kReasonBytesMax) {
        return absl::StrCat("reason: a text of up to ",
                            WithdrawAdmin::kReasonBytesMax, " bytes");
      }
      said->reason = std::string(text);
    } else {
      return absl::StrCat("there is ", ToAbsl(known), ", not ",
                          ShownText(member.key));
    }
  }
  if (!said->symbol.has_value()) return "want symbol; \"*\" is everything";
  return {};
}

}  // namespace

WithdrawAdmin::WithdrawAdmin(std::vector<ShardDoor> doors,
                             std::vector<const Market*> markets,
                             const Clock& clock)
    : doors_(std::move(doors)),
      markets_(std::move(markets)),
      clock_(clock),
      now_(std::make_shared<Withdrawals>()) {}

std::vector<AdminRoute> WithdrawAdmin::Routes() {
  return {{"POST", "/admin/withdraw",
           [this](const AdminRequest& request) { return Withdraw(request); }},
          {"POST", "/admin/restore",
           [this](const AdminRequest& request) { return Restore(request); }},
          {"GET", "/admin/withdrawn", [this](const AdminRequest&) {
             AdminAnswer answer;
             answer.body = "{\"withdrawn\":";
             AppendList(&answer.body);
             absl::StrAppend(&answer.body, ",\"symbols\":", SymbolsNow(),
                             "}\n");
             return answer;
           }}};
}

AdminAnswer WithdrawAdmin::Withdraw(const AdminRequest& request) {
  Said said;
  const std::string wrong = Read(request.body, /*with_reason=*/true, &said);
  if (!wrong.empty()) return AdminError(400, wrong);
  const auto found = std::find_if(
      now_->list.begin(), now_->list.end(),
      [&said](const Withdrawal& one) { return one.pattern == *said.symbol; });
  if (found != now_->list.end()) {
    return AdminError(409, "that is withdrawn already");
  }
  if (now_->list.size() == kListMax) {
    return AdminError(
        429, absl::StrCat("there are ", kListMax,
                          " withdrawals: restore some, or withdraw \"*\""));
  }
  auto next = std::make_shared<Withdrawals>(*now_);
  next->list.push_back({*said.symbol, said.reason, clock_.WallNs()});
  // Before it is so: whatever comes next, that it was wanted is on record.
  Audit("withdraw", {{"symbol", *said.symbol},
                     {"reason", said.reason},
                     {"user", request.user},
                     {"peer", request.peer}});
  return Hand(std::move(next));
}

AdminAnswer WithdrawAdmin::Restore(const AdminRequest& request) {
  Said said;
  const std::string wrong = Read(request.body, /*with_reason=*/false, &said);
  if (!wrong.empty()) return AdminError(400, wrong);
  auto next = std::make_shared<Withdrawals>(*now_);
  const auto gone = std::erase_if(next->list, [&said](const Withdrawal& one) {
    return one.pattern == *said.symbol;
  });
  if (gone == 0) {
    return AdminError(404,
                      "nothing was withdrawn by these words: see "
                      "/admin/withdrawn");
  }
  Audit("restore", {{"symbol", *said.symbol},
                    {"user", request.user},
                    {"peer", request.peer}});
  return Hand(std::move(next));
}

AdminAnswer WithdrawAdmin::Hand(std::shared_ptr<Withdrawals> next) {
  ++next->generation;
  now_ = std::move(next);
  // All of them, also those that are late: these above all.
  for (const ShardDoor& door : doors_) {
    door([now = now_](Fanout& fanout) { fanout.Withdraw(now); });
  }
  // What they are asked after that, they do after that.
  const auto late = AskShards(
      doors_, [](size_t, Fanout&) { return false; }, kPatience);
  AdminAnswer answer;
  if (!late.empty()) answer.status = 202;
  answer.body = "{\"withdrawn\":";
  AppendList(&answer.body);
  absl::StrAppend(&answer.body, ",\"symbols\":", SymbolsNow());
  AppendLateShards(late, markets_.size(), &answer.body);
  answer.body += "}\n";
  return answer;
}

void WithdrawAdmin::AppendList(std::string* out) const {
  *out += '[';
  for (const Withdrawal& one : now_->list) {
    if (out->back() != '[') *out += ',';
    *out += "{\"symbol\":";
    AppendString(one.pattern, out);
    *out += ",\"reason\":";
    AppendString(one.reason, out);
    absl::StrAppend(out, ",\"since\":", one.since_ns / kMicrosecond, "}");
  }
  *out += ']';
}

// How many there are that clients see nothing of, with topics.
size_t WithdrawAdmin::SymbolsNow() const {
  size_t count = 0;
  if (now_->list.empty()) return count;
  for (const Market* market : markets_) {
    const size_t symbols = market->symbols().size();
    for (size_t i = 0; i < symbols; ++i) {
      const auto id = static_cast<SymbolId>(i);
      if (now_->Of(market->symbols().Get(id).code) != nullptr) ++count;
    }
  }
  return count;
}

}  // namespace streamhub
