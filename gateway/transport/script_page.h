// Messages that reach a page by scripts: long polling by script elements
// (`/v1/jsonp`) and the hidden frame (`/v1/frame`), for browsers and networks
// that let through nothing better. Both are off by default. What a request
// brings never becomes a part of a script, but for a callback's checked name.
// Shard's thread only.
//
// Any page may embed a script or a frame of another origin, so which page it is
// is found out by the request's Referer (RFC 9110 section 10.1.3): one of this
// host, or of an origin that the configuration lists.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_SCRIPT_PAGE_H_
#define STREAMHUB_GATEWAY_TRANSPORT_SCRIPT_PAGE_H_

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/transport/cors.h"
#include "gateway/transport/http_answers.h"
#include "gateway/transport/http_headers.h"
#include "gateway/transport/shard_context.h"

namespace streamhub {

// How the messages of a response get into the page that asked for it.
class ScriptPage {
 public:
  // Calls `callback`, a name that IsCallbackName().
  static ScriptPage Callback(std::string callback);

  // Posts text to the window around the frame (WHATWG HTML, 9.4.3), if that is
  // of the origin `page` (as AllowedPage() gives it).
  static ScriptPage Frame(const Cors& cors, std::string_view page);

  bool is_frame() const { return callback_.empty(); }

  // `answer`, whose body is JSON objects on lines, for the page. Browsers hide
  // the body of anything but a 200.
  HttpAnswer Wrap(HttpAnswer answer) const;

  // Of a frame: the response's headers, the begin of its document, and the
  // script for one batch.
  HttpHeaders Headers() const;
  std::string Begin() const;
  std::string Script(std::string_view lines) const;

 private:
  ScriptPage() = default;

  std::string callback_;
  std::string nonce_;      // of the document's scripts (CSP 3, section 2.3.1)
  std::string target_;     // a script's expression
  std::string ancestors_;  // CSP 3, section 6.4.2
};

// The origin of the page with this Referer (empty: it has none) if it may use
// scripts and frames of the server at this Host: "" if it is the server's own,
// "*" if pages of any origin may. nullopt: it may not.
std::optional<std::string> AllowedPage(const Cors& cors,
                                       std::string_view referer,
                                       std::string_view host);

// The headers of a request that tell which page it is for.
struct PageRequest {
  std::string_view referer, host;
};

// The page of a request for `/v1/jsonp`, whose callback is taken out of
// `*query`, or of one for `/v1/frame`; or why there is none.
std::variant<ScriptPage, HttpAnswer> JsonpPage(const PageRequest& request,
                                               ShardContext& shard,
                                               std::string* query);
std::variant<ScriptPage, HttpAnswer> FramePage(const PageRequest& request,
                                               const ShardContext& shard);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_SCRIPT_PAGE_H_
