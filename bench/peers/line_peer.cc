#include "bench/peers/line_peer.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "gateway/base/strings.h"

namespace streamhub::peers {

std::string LineWire::PathOf(const load::Holding&) const { return "/"; }

void LineWire::OnOpen(const std::vector<std::string>& topics, load::Sink&,
                      std::string* out) {
  Send(WsOpcode::kText, absl::StrJoin(topics, " "), out);
}

void LineIngest::Append(uint32_t symbol, std::string_view text,
                        std::string* out) {
  absl::StrAppend(out, "s", symbol, " ", ToAbsl(text), "\n");
}

absl::Status LineIngest::Take(std::string_view, std::string*) {
  return absl::InternalError("the peer answers lines");
}

}  // namespace streamhub::peers
