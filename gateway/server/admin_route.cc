#include "gateway/server/admin_route.h"

#include <absl/strings/str_cat.h>

#include <random>

#include "gateway/base/json_text.h"

namespace streamhub {

AdminAnswer PageAnswer(
    const std::function<std::string(std::string_view)>& make) {
  std::random_device device;
  std::string nonce;
  for (int i = 0; i < 4; ++i) {
    absl::StrAppend(&nonce, absl::Hex(device(), absl::kZeroPad8));
  }
  AdminAnswer answer;
  answer.type = "text/html; charset=utf-8";
  answer.body = make(nonce);
  answer.policy = absl::StrCat(
      "default-src 'none'; script-src 'nonce-", nonce, "'; style-src 'nonce-",
      nonce, "'; connect-src 'self'; img-src data:; base-uri 'none'; ",
      "form-action 'none'; frame-ancestors 'none'");
  return answer;
}

AdminAnswer AdminError(int status, std::string_view reason) {
  AdminAnswer answer;
  answer.status = status;
  answer.body = "{\"error\":";
  AppendString(reason, &answer.body);
  answer.body += "}\n";
  return answer;
}

}  // namespace streamhub
