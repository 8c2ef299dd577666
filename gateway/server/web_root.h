// Where the static pages are. Main thread, at start.

#ifndef STREAMHUB_GATEWAY_SERVER_WEB_ROOT_H_
#define STREAMHUB_GATEWAY_SERVER_WEB_ROOT_H_

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

namespace streamhub {

// The folder to serve: `web_root` if it is not empty, else the first of `web`
// beside the running binary (a build) and `../share/streamhub/web` from there
// (an install prefix) that exists, from whatever folder it was started. Empty
// if there is neither: the gateway then has no pages. NotFound, naming
// --web-root, if `web_root` is no folder.
absl::StatusOr<std::string> FindWebRoot(std::string_view web_root);

// The same, for a binary in the folder `binary_folder`.
absl::StatusOr<std::string> FindWebRootFrom(std::string_view web_root,
                                            std::string_view binary_folder);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_WEB_ROOT_H_
