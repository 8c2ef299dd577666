// Who may use the admin port: whoever holds its token. It comes as
// `Authorization: Bearer TOKEN` (RFC 6750 section 2.1), or as the password of
// `Basic` (RFC 7617) beside any name, so that a browser can ask for it.
//
//   GET /healthz, /readyz   anybody: orchestrators have no tokens
//   GET /metrics            anybody, if admin_metrics_open
//   all else                the token, if there is one
//
// Pure but for LoadAdminToken(); any thread. Nothing of what is sent or of the
// token is logged or told.

#ifndef STREAMHUB_GATEWAY_SERVER_ADMIN_AUTH_H_
#define STREAMHUB_GATEWAY_SERVER_ADMIN_AUTH_H_

#include <absl/status/statusor.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "gateway/server/config.h"

namespace streamhub {

inline constexpr size_t kAdminTokenBytesMin = 16;
inline constexpr size_t kAdminTokenBytesMax = 1024;

struct AdminAccess {
  std::string token;          // empty: nobody is asked
  bool metrics_open = false;  // even if there is one
};

// What `config` says of it, with the token read from its file: what is in there
// without white space at its end, 16 to 1024 visible ASCII characters. Errors
// name --admin-token-file, or --admin-listen if that is no loopback address and
// there is no token.
absl::StatusOr<AdminAccess> LoadAdminAccess(const Config& config);

// Whether a request for `path` may be answered. `authorization`: its field of
// that name, any bytes; empty if there is none. How long it takes does not
// depend on how much of a wrong token is right.
bool MayUseAdmin(const AdminAccess& access, std::string_view path,
                 std::string_view authorization);

// The token that the field brings; empty if it brings none.
std::string TokenOf(std::string_view authorization);

// The name beside the token, if it came as Basic; nobody has checked it.
std::string UserOf(std::string_view authorization);

// Whether both are the same, in a time that depends on the lengths alone.
bool SameToken(std::string_view a, std::string_view b);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_ADMIN_AUTH_H_
