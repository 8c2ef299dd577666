#include <absl/strings/str_cat.h>

#include "bench/load/wires.h"

namespace streamhub::load {
namespace {

constexpr int kOk = 200;

}  // namespace

std::string SseWire::Open(const Target& target, const Holding& holding) {
  return absl::StrCat("GET ", target.prefix, "/v1/sse?", ToQuery(holding),
                      " HTTP/1.1\r\nHost: ", target.HostField(),
                      "\r\nAccept: text/event-stream\r\n\r\n");
}

absl::Status SseWire::Take(std::string_view bytes, Sink& sink, std::string*) {
  std::string_view rest = pending_.Append(bytes);
  if (!open_) {
    std::string_view head;
    const int status = TakeHead(&rest, &head);
    if (status == 0) {
      pending_.Keep(rest);
      return absl::OkStatus();
    }
    if (status != kOk) return RefusedWith(status);
    if (!FieldOf(head, "Transfer-Encoding").empty()) {
      return absl::InternalError("event streams in chunks are not read here");
    }
    open_ = true;
    sink.OnAccepted();
  }
  ForEachEnded(&rest, "\n\n", [&sink](std::string_view event) {
    constexpr std::string_view kData = "data: ";
    while (!event.empty()) {
      const size_t end = event.find('\n');
      const std::string_view line = event.substr(0, end);
      event.remove_prefix(end == event.npos ? event.size() : end + 1);
      if (line.starts_with(kData)) sink.OnMessage(line.substr(kData.size()));
    }
  });
  if (rest.size() > kMessageBytesMax) {
    return absl::InternalError("a message is too big");
  }
  pending_.Keep(rest);
  return absl::OkStatus();
}

}  // namespace streamhub::load
