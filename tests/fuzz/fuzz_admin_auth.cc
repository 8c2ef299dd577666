// The Authorization field of a request to the admin port: any bytes. No crash,
// and only the token, as Bearer or as a password, lets anybody in.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/check.h"
#include "gateway/server/admin_auth.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A copy of just that size: the sanitizer sees any byte read beyond it.
  const std::vector<char> copy(data, data + size);
  const std::string_view field(copy.data(), copy.size());
  const streamhub::AdminAccess access{.token = "0123456789abcdef-token"};
  const std::string token = streamhub::TokenOf(field);
  const std::string user = streamhub::UserOf(field);
  STREAMHUB_CHECK(token.size() <= size && user.size() <= size);
  // Base64 has four characters for three bytes, and its schemes have names.
  STREAMHUB_CHECK(token.empty() || size > token.size() + 5);
  const bool in = streamhub::MayUseAdmin(access, "/admin", field);
  STREAMHUB_CHECK(in == (token == access.token));
  STREAMHUB_CHECK(streamhub::SameToken(token, access.token) == in);
  STREAMHUB_CHECK(streamhub::SameToken(field, field));
  STREAMHUB_CHECK(streamhub::MayUseAdmin(access, "/healthz", field));
  STREAMHUB_CHECK(streamhub::MayUseAdmin({}, "/admin", field));
  return 0;
}
