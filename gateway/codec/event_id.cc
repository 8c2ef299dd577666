#include "gateway/codec/event_id.h"

#include <absl/container/flat_hash_map.h>

#include <charconv>
#include <cstdint>

#include "gateway/base/strings.h"

namespace streamhub {

void ApplyEventId(std::string_view id, Request* request) {
  const size_t end = id.find(';');
  if (end == id.npos) return;
  absl::flat_hash_map<absl::string_view, uint64_t> held;
  std::string_view rest = id.substr(end + 1);
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find(','));
    rest.remove_prefix(entry.size() + (entry.size() < rest.size() ? 1 : 0));
    const size_t at = entry.find('@');
    if (at == entry.npos) return;
    uint64_t version = 0;
    const char* const last = entry.data() + entry.size();
    const auto [stop, error] =
        std::from_chars(entry.data() + at + 1, last, version);
    if (error != std::errc() || stop != last) return;
    held.insert_or_assign(ToAbsl(entry.substr(0, at)), version);
  }
  request->at = id.substr(0, end);
  for (RequestSymbol& symbol : request->symbols) {
    const auto found = held.find(ToAbsl(symbol.name));
    symbol.version = found == held.end() ? 0 : found->second;
  }
}

}  // namespace streamhub
