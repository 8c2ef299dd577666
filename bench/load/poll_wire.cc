#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include "bench/load/wires.h"
#include "gateway/base/strings.h"

namespace streamhub::load {
namespace {

constexpr int kOk = 200;

}  // namespace

std::string PollWire::Open(const Target& target, const Holding& holding) {
  prefix_ = target.prefix;
  host_ = target.HostField();
  std::string out;
  Request(holding, &out);
  return out;
}

void PollWire::Request(const Holding& holding, std::string* out) {
  answered_ = false;
  const std::string body = ToJson(holding);
  absl::StrAppend(
      out, "POST ", prefix_, "/v1/poll", ToAbsl(EncodingQuery(encoding_)),
      " HTTP/1.1\r\nHost: ", host_,
      "\r\nContent-Type: application/json\r\nContent-Length: ", body.size(),
      "\r\n\r\n", body);
}

absl::Status PollWire::Take(std::string_view bytes, Sink& sink, std::string*) {
  std::string_view rest = pending_.Append(bytes);
  if (rest.empty()) return absl::OkStatus();
  std::string_view after = rest;
  std::string_view head;
  const int status = TakeHead(&after, &head);
  if (status != 0) {
    if (status != kOk) return RefusedWith(status);
    size_t size = 0;
    if (!absl::SimpleAtoi(ToAbsl(FieldOf(head, "Content-Length")), &size) ||
        size > kMessageBytesMax) {
      return absl::InternalError("an answer without a length that makes sense");
    }
    if (after.size() >= size) {
      if (!accepted_) sink.OnAccepted();
      accepted_ = true;
      answered_ = true;
      sink.OnMessage(after.substr(0, size));
      rest = after.substr(size);
      if (!rest.empty()) {
        return absl::InternalError("more answers than requests");
      }
      if (absl::EqualsIgnoreCase(ToAbsl(FieldOf(head, "Connection")),
                                 "close")) {
        return absl::UnavailableError("the server closed after an answer");
      }
    }
  }
  pending_.Keep(rest);
  return absl::OkStatus();
}

}  // namespace streamhub::load
