#include "gateway/transport/static_files.h"

#include <absl/strings/str_cat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace streamhub {
namespace {

constexpr size_t kBytesMax = size_t{64} << 20;

std::string_view TypeOf(const std::filesystem::path& path) {
  const std::string extension = path.extension();
  if (extension == ".html") return "text/html; charset=utf-8";
  if (extension == ".js" || extension == ".mjs") {
    return "text/javascript; charset=utf-8";
  }
  if (extension == ".css") return "text/css; charset=utf-8";
  if (extension == ".json" || extension == ".map") return "application/json";
  if (extension == ".svg") return "image/svg+xml";
  if (extension == ".png") return "image/png";
  if (extension == ".ico") return "image/x-icon";
  if (extension == ".txt") return "text/plain; charset=utf-8";
  return "application/octet-stream";
}

// FNV-1a. The same in every process, so that a browser's copy outlives a
// restart and holds for every gateway behind one address.
uint64_t HashOf(std::string_view bytes) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const char c : bytes) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  }
  return hash;
}

// Is there a `-1.2.3` before the extensions?
bool IsVersioned(std::string_view name) {
  const size_t dash = name.rfind('-');
  if (dash == name.npos) return false;
  name.remove_prefix(dash + 1);
  for (int part = 0; part < 3; ++part) {
    const size_t dot = name.find('.');
    if (dot == 0 || dot == name.npos ||
        name.substr(0, dot).find_first_not_of("0123456789") != name.npos) {
      return false;
    }
    name.remove_prefix(dot + 1);
  }
  return true;
}

}  // namespace

absl::StatusOr<StaticFiles> StaticFiles::Load(const std::string& root) {
  StaticFiles files;
  size_t total = 0;
  std::error_code error;
  std::filesystem::recursive_directory_iterator it(root, error), end;
  for (; !error && it != end; it.increment(error)) {
    std::error_code dangling;  // a link to nothing is no page
    if (!it->is_regular_file(dangling)) continue;
    std::error_code gone;
    const auto size = static_cast<size_t>(it->file_size(gone));
    if (!gone && size > kBytesMax - total) {
      return absl::ResourceExhaustedError(
          absl::StrCat(root, " holds more than ", kBytesMax, " bytes"));
    }
    // Not by stream iterators, which throw what a read fails with.
    std::ifstream in(it->path(), std::ios::binary);
    File file;
    if (!gone) file.body.resize(size);
    if (gone ||
        !in.read(file.body.data(), static_cast<std::streamsize>(size))) {
      return absl::NotFoundError(
          absl::StrCat("cannot read ", it->path().string()));
    }
    total += size;
    file.content_type = TypeOf(it->path());
    file.etag = absl::StrCat(
        "\"", absl::Hex(HashOf(file.body), absl::kZeroPad16), "\"");
    file.immutable = IsVersioned(it->path().filename().string());
    const auto path = it->path().lexically_relative(root);
    files.files_.emplace("/" + path.generic_string(), std::move(file));
  }
  if (error) {
    return absl::NotFoundError(absl::StrCat(root, ": ", error.message()));
  }
  return files;
}

const StaticFiles::File* StaticFiles::Find(std::string_view path) const {
  std::string key(path);
  if (key.ends_with('/')) key += "index.html";
  const auto found = files_.find(key);
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace streamhub
