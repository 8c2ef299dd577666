// The page /admin, web/admin/admin.html, which is made part of the program: it
// is there without a web root. Any thread.

#ifndef STREAMHUB_GATEWAY_SERVER_DESK_PAGE_H_
#define STREAMHUB_GATEWAY_SERVER_DESK_PAGE_H_

#include <string>
#include <string_view>

namespace streamhub {

// With `nonce`, hex digits, as that of its script and its style.
std::string DeskPage(std::string_view nonce);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_DESK_PAGE_H_
