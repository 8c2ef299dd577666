#include "gateway/transport/cors.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub {

Cors::Cors(std::vector<std::string> origins)
    : origins_(std::move(origins)),
      any_(std::find(origins_.begin(), origins_.end(), "*") != origins_.end()) {
}

bool Cors::Lists(std::string_view origin) const {
  return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

HttpHeaders Cors::Headers(std::string_view origin) const {
  if (origins_.empty()) return {};
  if (any_) return {{"Access-Control-Allow-Origin", "*"}};
  // Also where it is not allowed: caches must know that it depends on it.
  HttpHeaders headers = {{"Vary", "Origin"}};
  if (!origin.empty() && Lists(origin)) {
    headers.emplace_back("Access-Control-Allow-Origin", origin);
  }
  return headers;
}

HttpHeaders Cors::PreflightHeaders(std::string_view origin) const {
  HttpHeaders headers = Headers(origin);
  if (any_ || (!origin.empty() && Lists(origin))) {
    headers.emplace_back("Access-Control-Allow-Methods", "GET, HEAD, POST");
    headers.emplace_back("Access-Control-Allow-Headers",
                         "Authorization, Content-Type, Last-Event-ID");
    headers.emplace_back("Access-Control-Max-Age", "600");
  }
  return headers;
}

bool Cors::AllowsWebSocket(std::string_view origin,
                           std::string_view host) const {
  return origins_.empty() || AllowsPublish(origin, host);
}

bool Cors::AllowsPublish(std::string_view origin, std::string_view host) const {
  return any_ || origin.empty() || Lists(origin) ||
         IsOriginOfHost(origin, host);
}

bool IsOriginOfHost(std::string_view origin, std::string_view host) {
  const size_t begin = origin.find("://");
  return begin != origin.npos &&
         absl::EqualsIgnoreCase(ToAbsl(origin.substr(begin + 3)), ToAbsl(host));
}

std::string WhyForeign(std::string_view origin, std::string_view host) {
  return absl::StrCat("Origin ", ShownText(origin), " is not of Host ",
                      ShownText(host),
                      " (which a proxy has to pass on) nor in cors_origins");
}

std::string WhyNoPublish(std::string_view origin, std::string_view host) {
  return "pages of this origin may not publish: " + WhyForeign(origin, host);
}

}  // namespace streamhub
