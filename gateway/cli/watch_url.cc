#include "gateway/cli/watch_url.h"

#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include "gateway/base/strings.h"

namespace streamhub {
namespace {

constexpr int kPortMax = 65535;

absl::Status Wrong(std::string_view url, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("URL ", ToAbsl(url), ": ", ToAbsl(why)));
}

}  // namespace

std::string WatchUrl::HostField() const {
  const bool v6 = host.find(':') != std::string::npos;
  return absl::StrCat(v6 ? "[" : "", host, v6 ? "]" : "", ":", port);
}

absl::StatusOr<WatchUrl> ParseWatchUrl(std::string_view text,
                                       const TlsTrust& trust) {
  const size_t colon = text.find("://");
  if (colon == text.npos) {
    return Wrong(text, "expected http://HOST:PORT or ws://HOST:PORT");
  }
  const std::string scheme =
      absl::AsciiStrToLower(ToAbsl(text.substr(0, colon)));
  const bool tls = scheme == "https" || scheme == "wss";
  if (!tls && scheme != "http" && scheme != "ws") {
    return Wrong(text, "only http://, https://, ws:// and wss:// are known");
  }
  std::string_view rest = text.substr(colon + 3);
  if (rest.find_first_of("?#@ \r\n\t") != rest.npos) {
    return Wrong(text, "no user, query or fragment is expected here");
  }
  WatchUrl url;
  url.tls = tls;
  url.trust = trust;
  const size_t slash = rest.find('/');
  if (slash != rest.npos) {
    std::string_view path = rest.substr(slash);
    while (path.ends_with('/')) path.remove_suffix(1);
    url.prefix = std::string(path);
    rest = rest.substr(0, slash);
  }
  const size_t bracket = rest.starts_with('[') ? rest.find(']') : 0;
  if (bracket == rest.npos) return Wrong(text, "the bracket is not closed");
  const size_t port = rest.find(':', bracket);
  url.host = std::string(rest.substr(0, port));
  if (bracket > 0) url.host = std::string(rest.substr(1, bracket - 1));
  url.port = port != rest.npos ? std::string(rest.substr(port + 1))
             : tls             ? "443"
                               : "80";
  int number = 0;
  if (!absl::SimpleAtoi(url.port, &number) || number < 1 || number > kPortMax) {
    return Wrong(text, "the port is not one from 1 to 65535");
  }
  url.port = std::to_string(number);
  if (url.host.empty()) return Wrong(text, "there is no host in it");
  return url;
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kUnreserved = "-._~";
  std::string out;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
        kUnreserved.find(c) != kUnreserved.npos) {
      out += c;
    } else {
      absl::StrAppend(
          &out, "%", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
  }
  return out;
}

}  // namespace streamhub
