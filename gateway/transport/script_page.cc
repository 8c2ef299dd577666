#include "gateway/transport/script_page.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <random>
#include <utility>
#include <vector>

#include "gateway/base/strings.h"
#include "gateway/codec/query_string.h"
#include "gateway/codec/script.h"

namespace streamhub {
namespace {

// Old browsers run no script before so much of a document has come.
constexpr size_t kPadding = 2048;

std::string RandomNonce() {
  std::random_device device;
  std::string nonce;
  for (int i = 0; i < 4; ++i) absl::StrAppend(&nonce, absl::Hex(device()));
  return nonce;
}

HttpAnswer ClosedDoor() {
  return ErrorAnswer(404, "not_found",
                     "this way is not open: see script_doors");
}

HttpAnswer ForeignPage() {
  return ErrorAnswer(403, "forbidden",
                     "pages of this origin may not: see cors_origins",
                     "Referer");
}

std::string_view OriginOf(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == url.npos) return {};
  return url.substr(0, url.find_first_of("/?#", scheme + 3));
}

}  // namespace

ScriptPage ScriptPage::Callback(std::string callback) {
  ScriptPage page;
  page.callback_ = std::move(callback);
  return page;
}

ScriptPage ScriptPage::Frame(const Cors& cors, std::string_view page) {
  ScriptPage frame;
  frame.nonce_ = RandomNonce();
  frame.target_ = "location.protocol+'//'+location.host";
  if (!page.empty()) {
    frame.target_ = "'";
    AppendScriptText(page, &frame.target_);
    frame.target_ += '\'';
  }
  frame.ancestors_ = page == "*" ? "*" : "'self'";
  if (page != "*") {
    for (const std::string& origin : cors.origins()) {
      absl::StrAppend(&frame.ancestors_, " ", origin);
    }
  }
  return frame;
}

HttpAnswer ScriptPage::Wrap(HttpAnswer answer) const {
  answer.status = 200;
  if (is_frame()) {
    answer.headers = Headers();
    answer.headers.emplace_back("Content-Type", "text/html; charset=utf-8");
    answer.body = Begin() + Script(answer.body);
  } else {
    answer.headers = {{"Content-Type", "text/javascript; charset=utf-8"}};
    answer.body = CallbackScript(callback_, answer.body);
  }
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
}

HttpHeaders ScriptPage::Headers() const {
  return {{"Content-Security-Policy",
           absl::StrCat("default-src 'none'; script-src 'nonce-", nonce_,
                        "'; frame-ancestors ", ancestors_)}};
}

std::string ScriptPage::Begin() const {
  return absl::StrCat(
      "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>StreamHub"
      "</title></head><body><!--",
      std::string(kPadding, ' '), "--><script nonce=\"", nonce_,
      "\">function p(t){parent.postMessage(t,", target_, ")}</script>\n");
}

std::string ScriptPage::Script(std::string_view lines) const {
  std::string script = absl::StrCat("<script nonce=\"", nonce_, "\">p('");
  AppendScriptText(lines, &script);
  return script + "')</script>\n";
}

std::optional<std::string> AllowedPage(const Cors& cors,
                                       std::string_view referer,
                                       std::string_view host) {
  const std::string_view origin = OriginOf(referer);
  if (IsOriginOfHost(origin, host)) return "";
  if (cors.any()) return "*";
  for (const std::string& listed : cors.origins()) {
    if (listed == origin) return listed;
  }
  return std::nullopt;
}

std::variant<ScriptPage, HttpAnswer> JsonpPage(const PageRequest& request,
                                               ShardContext& shard,
                                               std::string* query) {
  if (!shard.scripts.jsonp) return ClosedDoor();
  std::vector<std::string> callbacks = TakeParameters("callback", query);
  if (callbacks.size() != 1 || !IsCallbackName(callbacks.front())) {
    return RefusalAnswer(
        {"", "bad_request",
         "one name of a function is wanted: letters, digits, _, $ and dots, "
         "64 bytes at most",
         "callback"},
        shard);
  }
  if (!AllowedPage(shard.cors, request.referer, request.host).has_value()) {
    return ForeignPage();
  }
  return ScriptPage::Callback(std::move(callbacks.front()));
}

std::variant<ScriptPage, HttpAnswer> FramePage(const PageRequest& request,
                                               const ShardContext& shard) {
  if (!shard.scripts.frame) return ClosedDoor();
  const auto page = AllowedPage(shard.cors, request.referer, request.host);
  if (!page.has_value()) return ForeignPage();
  return ScriptPage::Frame(shard.cors, *page);
}

}  // namespace streamhub
