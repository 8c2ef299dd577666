#include "bench/peers/nchan_peer.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "gateway/base/strings.h"

namespace streamhub::peers {

std::string NchanWire::PathOf(const load::Holding& holding) const {
  std::string path = "/sub/";
  for (const load::Held& held : holding.held()) {
    if (path.back() != '/') path += ',';
    path += TopicOf(held.symbol);
  }
  return path;
}

void NchanWire::OnOpen(const std::vector<std::string>&, load::Sink& sink,
                       std::string*) {
  Synced(sink);
}

void NchanIngest::Append(uint32_t symbol, std::string_view text,
                         std::string* out) {
  absl::StrAppend(out, "POST /pub/s", symbol,
                  " HTTP/1.1\r\nHost: a\r\nContent-Length: ", text.size(),
                  "\r\n\r\n", ToAbsl(text));
}

// 201 and 202 say that it was published, with and without subscribers.
absl::Status NchanIngest::Take(std::string_view bytes, std::string*) {
  std::string_view rest = pending_.Append(bytes);
  for (;;) {
    const size_t body = std::min(body_, rest.size());
    rest.remove_prefix(body);
    body_ -= body;
    if (rest.empty()) break;
    std::string_view head;
    const int status = load::TakeHead(&rest, &head);
    if (status == 0) break;
    if (status / 100 != 2) return load::RefusedWith(status);
    if (!absl::SimpleAtoi(ToAbsl(load::FieldOf(head, "Content-Length")),
                          &body_)) {
      return absl::InternalError("an answer without a length");
    }
  }
  pending_.Keep(rest);
  return absl::OkStatus();
}

}  // namespace streamhub::peers
