#include "bench/load/check_report.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <optional>

#include "bench/load/report.h"

namespace streamhub::load {

void AddCheck(const LoadReport& report, JsonObject* json) {
  const CheckResult& check = report.check;
  JsonObject inner = json->Inner("check");
  inner.Add("due", check.due);
  inner.Add("received", check.received);
  inner.Add("share_wanted", report.share_wanted);
  const auto of_any = [&check](double share) {
    return check.shares.empty() ? std::nullopt : std::optional(share);
  };
  inner.Add("share_min", of_any(check.ShareMin()));
  inner.Add("share_median", of_any(check.ShareMedian()));
  inner.Add("clients_below", check.ClientsBelow(report.share_wanted));
  inner.Add("states_equal", check.equal);
  inner.Add("states_different", check.different);
  inner.Add("states_behind", check.behind);
  inner.Add("first_difference", check.first_difference);
  inner.End();
}

std::string CheckText(const LoadReport& report) {
  const CheckResult& check = report.check;
  std::string text =
      check.shares.empty()
          ? "check      no updates were due, so that there are no shares of "
            "them\n"
          : absl::StrFormat(
                "check      %d of %d due updates came; share of a client: "
                "minimum %.2f %%, median %.2f %%\n",
                check.received, check.due, 100 * check.ShareMin(),
                100 * check.ShareMedian());
  absl::StrAppendFormat(&text,
                        "           end states equal to /v1/quotes: %d, "
                        "different: %d, behind: %d\n",
                        check.equal, check.different, check.behind);
  if (const int64_t below = check.ClientsBelow(report.share_wanted);
      below > 0) {
    absl::StrAppendFormat(&text, "           %d clients are below %.2f %%\n",
                          below, 100 * report.share_wanted);
  }
  if (!check.first_difference.empty()) {
    absl::StrAppend(
        &text, "           first difference: ", check.first_difference, "\n");
  }
  return text;
}

}  // namespace streamhub::load
