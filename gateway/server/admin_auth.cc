#include "gateway/server/admin_auth.h"

#include <absl/status/status.h>
#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "gateway/base/log.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

// False also for what is no address: that is another's to tell.
bool IsOpenAddress(const std::string& listen) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(listen, error);
  return !error && !address.is_loopback();
}

absl::Status Refused(const std::string& file, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("--admin-token-file ", file, ": ", ToAbsl(why)));
}

absl::StatusOr<std::string> ReadToken(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  struct stat found;
  if (!in || stat(file.c_str(), &found) != 0) {
    return Refused(file, std::strerror(errno));
  }
  if (!S_ISREG(found.st_mode)) return Refused(file, "is no file");
  std::string text(kAdminTokenBytesMax + 3, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  absl::StripTrailingAsciiWhitespace(&text);
  if (text.size() < kAdminTokenBytesMin || text.size() > kAdminTokenBytesMax) {
    return Refused(file,
                   absl::StrCat("want a token of ", kAdminTokenBytesMin, " to ",
                                kAdminTokenBytesMax, " characters"));
  }
  if (!std::all_of(text.begin(), text.end(),
                   [](char c) { return c > ' ' && c < 0x7f; })) {
    return Refused(file, "a token is visible ASCII characters without spaces");
  }
  if ((found.st_mode & S_IROTH) != 0) {
    LogWarning(absl::StrCat("admin_token_file ", file,
                            ": every user of this machine can read it"));
  }
  return text;
}

struct Credentials {
  std::string user, token;
};

Credentials Read(std::string_view authorization) {
  const size_t space = authorization.find(' ');
  if (space == authorization.npos) return {};
  const absl::string_view scheme = ToAbsl(authorization.substr(0, space));
  const absl::string_view rest =
      absl::StripAsciiWhitespace(ToAbsl(authorization.substr(space)));
  if (absl::EqualsIgnoreCase(scheme, "Bearer")) return {"", std::string(rest)};
  std::string both;
  if (!absl::EqualsIgnoreCase(scheme, "Basic") ||
      !absl::Base64Unescape(rest, &both)) {
    return {};
  }
  const size_t colon = both.find(':');
  if (colon == both.npos) return {};
  return {both.substr(0, colon), both.substr(colon + 1)};
}

}  // namespace

absl::StatusOr<AdminAccess> LoadAdminAccess(const Config& config) {
  AdminAccess access;
  access.metrics_open = config.admin_metrics_open;
  if (config.admin_token_file.empty()) {
    if (!IsOpenAddress(config.admin_listen)) return access;
    return absl::InvalidArgumentError(
        absl::StrCat("--admin-listen ", config.admin_listen,
                     ": others reach this address, so it wants a token: give "
                     "--admin-token-file"));
  }
  auto token = ReadToken(config.admin_token_file);
  if (!token.ok()) return token.status();
  access.token = *std::move(token);
  return access;
}

bool SameToken(std::string_view a, std::string_view b) {
  // All of `b` is looked at, whatever `a` is. Volatile: no compiler may leave
  // the loop early.
  volatile unsigned char differs = a.size() == b.size() ? 0 : 1;
  for (size_t i = 0; i < b.size(); ++i) {
    const char other = a.empty() ? '\0' : a[i % a.size()];
    differs = static_cast<unsigned char>(
        differs |
        (static_cast<unsigned char>(other) ^ static_cast<unsigned char>(b[i])));
  }
  return differs == 0;
}

std::string TokenOf(std::string_view authorization) {
  return Read(authorization).token;
}

std::string UserOf(std::string_view authorization) {
  return Read(authorization).user;
}

bool MayUseAdmin(const AdminAccess& access, std::string_view path,
                 std::string_view authorization) {
  if (access.token.empty() || path == "/healthz" || path == "/readyz" ||
      (access.metrics_open && path == "/metrics")) {
    return true;
  }
  return SameToken(TokenOf(authorization), access.token);
}

}  // namespace streamhub
