#include "feeds/ticklog/layouts.h"

#include <map>
#include <mutex>
#include <vector>

namespace streamhub::ticklog {

const Layout* LastingLayout(const Layout& layout) {
  std::vector<FieldId> fields;
  fields.reserve(static_cast<size_t>(layout.size()));
  for (int i = 0; i < layout.size(); ++i) fields.push_back(layout.field(i));
  static std::mutex mutex;
  static auto& layouts = *new std::map<std::vector<FieldId>, Layout>;
  const std::lock_guard lock(mutex);
  const auto known = layouts.find(fields);
  if (known != layouts.end()) return &known->second;
  if (layouts.size() == kLayoutsMax) return nullptr;
  return &layouts.emplace(fields, layout).first->second;
}

}  // namespace streamhub::ticklog
