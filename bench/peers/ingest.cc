#include "bench/peers/ingest.h"

#include <absl/strings/str_cat.h>

namespace streamhub::peers {

std::string TopicOf(uint32_t symbol) { return absl::StrCat("s", symbol); }

}  // namespace streamhub::peers
