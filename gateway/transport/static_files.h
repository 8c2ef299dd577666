// The static pages: files of one folder, read once at start and served from
// memory, so that no request touches the disk or can name a path outside.
// Immutable after Load; any thread.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_STATIC_FILES_H_
#define STREAMHUB_GATEWAY_TRANSPORT_STATIC_FILES_H_

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>

#include <string>
#include <string_view>

namespace streamhub {

class StaticFiles {
 public:
  struct File {
    std::string body;
    std::string_view content_type;
    std::string etag;  // with its quotes (RFC 9110 section 8.8.3)
    // Its name ends with a version (streamhub-0.1.0.js): what is in it never
    // changes, and pages of any origin may have it.
    bool immutable = false;
  };

  StaticFiles() = default;

  // All regular files below `root`, at most 64 MB together.
  static absl::StatusOr<StaticFiles> Load(const std::string& root);

  // `path` starts with '/'; a folder's is its index.html. Null if there is no
  // such file.
  const File* Find(std::string_view path) const;

 private:
  absl::flat_hash_map<std::string, File> files_;  // by path with the '/'
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_STATIC_FILES_H_
