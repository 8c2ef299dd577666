#include "bench/load/wire.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <array>
#include <utility>

#include "bench/load/wires.h"
#include "gateway/base/strings.h"

namespace streamhub::load {
namespace {

constexpr std::array<std::pair<std::string_view, WireKind>, 4> kKinds = {{
    {"ws", WireKind::kWs},
    {"sse", WireKind::kSse},
    {"stream", WireKind::kStream},
    {"poll", WireKind::kPoll},
}};

}  // namespace

std::string Target::HostField() const {
  const bool v6 = host.find(':') != std::string::npos;
  return absl::StrCat(v6 ? "[" : "", host, v6 ? "]" : "", ":", port);
}

std::optional<WireKind> FindWireKind(std::string_view name) {
  for (const auto& [known, kind] : kKinds) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

std::string_view NameOf(WireKind kind) {
  return kKinds[static_cast<size_t>(kind)].first;
}

std::unique_ptr<Wire> MakeWire(WireKind kind, uint64_t random,
                               Encoding encoding) {
  switch (kind) {
    case WireKind::kWs:
      return std::make_unique<WsWire>(random, encoding);
    case WireKind::kSse:
      return std::make_unique<SseWire>();
    case WireKind::kStream:
      return std::make_unique<StreamWire>(encoding);
    case WireKind::kPoll:
      return std::make_unique<PollWire>(encoding);
  }
  return nullptr;
}

std::string_view EncodingQuery(Encoding encoding) {
  return encoding == Encoding::kFlat ? "?encoding=fb" : "";
}

void Pending::Keep(std::string_view rest) {
  if (rest.empty()) {
    text_.clear();
  } else if (text_.empty()) {
    text_ = rest;
  } else {
    text_.erase(0, text_.size() - rest.size());  // `rest` is its end
  }
}

int TakeHead(std::string_view* bytes, std::string_view* head) {
  constexpr std::string_view kVersion = "HTTP/1.";
  constexpr size_t kStatusAt = 9;  // "HTTP/1.1 200 OK"
  constexpr size_t kHeadBytesMax = 32 * 1024;
  if (bytes->substr(0, kVersion.size()) != kVersion.substr(0, bytes->size())) {
    return -1;
  }
  const size_t end = bytes->find("\r\n\r\n");
  if (end == bytes->npos) return bytes->size() > kHeadBytesMax ? -1 : 0;
  *head = bytes->substr(0, end + 2);
  bytes->remove_prefix(end + 4);
  int status = 0;
  if (head->size() < kStatusAt + 3 ||
      !absl::SimpleAtoi(ToAbsl(head->substr(kStatusAt, 3)), &status)) {
    return -1;
  }
  return status;
}

std::string_view FieldOf(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end == head.npos ? head.size() : end + 2);
    const size_t colon = line.find(':');
    if (colon != line.npos &&
        absl::EqualsIgnoreCase(ToAbsl(line.substr(0, colon)), ToAbsl(name))) {
      return FromAbsl(
          absl::StripAsciiWhitespace(ToAbsl(line.substr(colon + 1))));
    }
  }
  return {};
}

absl::Status RefusedWith(int status) {
  if (status < 0) return absl::InternalError("the answer is not HTTP/1");
  return absl::UnavailableError(absl::StrCat("refused with status ", status));
}

}  // namespace streamhub::load
