#include "gateway/transport/http_target.h"

#include <absl/strings/match.h>

#include <algorithm>

#include "gateway/base/strings.h"

namespace streamhub {

HttpTarget SplitTarget(std::string_view target) {
  HttpTarget parts;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!absl::StartsWithIgnoreCase(ToAbsl(target), ToAbsl(scheme))) continue;
    target.remove_prefix(scheme.size());
    const size_t end = std::min(target.find_first_of("/?"), target.size());
    parts.host = target.substr(0, end);
    target.remove_prefix(end);
    // An empty path is the root's (RFC 9110 section 4.2.3).
    if (!target.starts_with('/')) parts.path = "/";
    break;
  }
  const size_t mark = target.find('?');
  if (parts.path.empty()) parts.path = target.substr(0, mark);
  if (mark != target.npos) parts.query = target.substr(mark + 1);
  constexpr std::string_view kMarket = "/market/";
  const size_t end = parts.path.find('/', kMarket.size());
  if (parts.path.starts_with(kMarket) && end != parts.path.npos) {
    parts.market = parts.path.substr(kMarket.size(), end - kMarket.size());
    parts.path.remove_prefix(end);
  }
  return parts;
}

}  // namespace streamhub
