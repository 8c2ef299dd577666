#include "gateway/server/web_root.h"

#include <absl/status/status.h>

#include <filesystem>
#include <initializer_list>
#include <system_error>

namespace streamhub {
namespace fs = std::filesystem;

absl::StatusOr<std::string> FindWebRoot(std::string_view web_root) {
  std::error_code error;
  const fs::path binary = fs::read_symlink("/proc/self/exe", error);
  return FindWebRootFrom(web_root, binary.parent_path().string());
}

absl::StatusOr<std::string> FindWebRootFrom(std::string_view web_root,
                                            std::string_view binary_folder) {
  std::error_code error;
  if (!web_root.empty()) {
    if (!fs::is_directory(fs::path(web_root), error)) {
      return absl::NotFoundError("--web-root: no such folder: " +
                                 std::string(web_root));
    }
    return std::string(web_root);
  }
  const fs::path beside(binary_folder);
  for (const fs::path& folder :
       {beside / "web",
        (beside / "../share/streamhub/web").lexically_normal()}) {
    if (fs::is_directory(folder, error)) return folder.string();
  }
  return std::string();
}

}  // namespace streamhub
