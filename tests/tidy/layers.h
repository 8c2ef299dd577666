// The folders as layers: who may include whom. ARCHITECTURE.md draws it.

#ifndef STREAMHUB_TESTS_TIDY_LAYERS_H_
#define STREAMHUB_TESTS_TIDY_LAYERS_H_

#include <algorithm>
#include <string_view>
#include <vector>

namespace streamhub::tidy {

struct Layer {
  std::string_view folder;              // or a single file
  std::vector<std::string_view> below;  // folders that it may include
};

inline const std::vector<Layer>& Layers() {
  static const auto& layers = *new std::vector<Layer>{
      {"gateway/base", {}},
      {"gateway/market", {"gateway/base"}},
      {"schemas", {}},  // what flatc makes of them
      {"gateway/codec", {"gateway/base", "gateway/market", "schemas"}},
      {"gateway/access", {"gateway/base", "gateway/market"}},
      {"gateway/session",
       {"gateway/base", "gateway/market", "gateway/codec", "gateway/access"}},
      {"gateway/transport",
       {"gateway/base", "gateway/market", "gateway/codec", "gateway/access",
        "gateway/session"}},
      {"gateway/dialect",
       {"gateway/base", "gateway/market", "gateway/codec", "gateway/access",
        "gateway/session", "gateway/transport"}},
      {"gateway/server",
       {"gateway/base", "gateway/market", "gateway/codec", "gateway/access",
        "gateway/session", "gateway/transport", "gateway/dialect", "feeds"}},
      {"gateway/cli",
       {"gateway/base", "gateway/market", "gateway/codec", "gateway/access",
        "gateway/session", "gateway/transport", "gateway/dialect",
        "gateway/server", "feeds", "bench/load"}},
      {"gateway/main.cc", {"gateway/base", "gateway/server", "gateway/cli"}},
      {"feeds", {"gateway/base", "gateway/market", "schemas"}},
      {"bench/load",
       {"gateway/base", "gateway/market", "gateway/codec", "gateway/access",
        "gateway/session", "gateway/transport"}},
      {"bench", {"gateway", "feeds", "bench/load"}},
      {"docs/examples", {"gateway/base", "gateway/server", "feeds"}},
      {"tests", {"gateway", "feeds", "bench", "schemas"}},
  };
  return layers;
}

// The layer that `path`, from the root of the tree, is in; nullptr if none.
inline const Layer* LayerOf(std::string_view path) {
  const Layer* found = nullptr;
  for (const Layer& layer : Layers()) {
    const bool inside =
        path == layer.folder ||
        (path.starts_with(layer.folder) && path[layer.folder.size()] == '/');
    if (inside &&
        (found == nullptr || layer.folder.size() > found->folder.size())) {
      found = &layer;
    }
  }
  return found;
}

// Whether files of `layer` may include files of `other`.
inline bool MayInclude(const Layer& layer, const Layer& other) {
  return layer.folder == other.folder ||
         std::any_of(layer.below.begin(), layer.below.end(),
                     [&](std::string_view below) {
                       return other.folder == below ||
                              (other.folder.starts_with(below) &&
                               other.folder[below.size()] == '/');
                     });
}

}  // namespace streamhub::tidy

#endif  // STREAMHUB_TESTS_TIDY_LAYERS_H_
