#include "gateway/cli/http_exchange.h"

#include <absl/status/status.h>
#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <simdjson.h>

#include <array>

#include "gateway/base/strings.h"

namespace streamhub {
namespace {

constexpr size_t kHeadBytesMax = 32 * 1024;
constexpr size_t kBodyBytesMax = 64 * 1024;

// A deadline that passes here is a server that does not answer.
absl::Status Lost(const absl::Status& status) {
  return absl::IsDeadlineExceeded(status)
             ? absl::UnavailableError("the server does not answer")
             : status;
}

// The reason in an `error` object of docs/protocol.md; empty: it is none.
std::string ReasonIn(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  std::string_view reason, key;
  if (parser.parse(body).get(document) != simdjson::SUCCESS ||
      document["reason"].get(reason) != simdjson::SUCCESS) {
    return {};
  }
  std::string out(reason);
  if (document["key"].get(key) == simdjson::SUCCESS && !key.empty()) {
    absl::StrAppend(&out, ": ", ToAbsl(key));
  }
  int64_t retry_ms = 0;
  if (document["retry_ms"].get(retry_ms) == simdjson::SUCCESS) {
    absl::StrAppend(&out, " retry_ms=", retry_ms);
  }
  return out;
}

absl::Status StatusOf(const HttpHead& head) {
  const std::string reason = ReasonIn(head.rest);
  const std::string text =
      absl::StrCat("the server answers with status ", head.status,
                   reason.empty() ? "" : ": ", reason);
  constexpr int kTooManyRequests = 429;
  return head.status >= 500 || head.status == kTooManyRequests
             ? absl::UnavailableError(text)
             : absl::FailedPreconditionError(text);
}

// `end`: where the empty line begins.
absl::StatusOr<HttpHead> ReadHead(const std::string& text, size_t end) {
  // "HTTP/1.1 200 OK"
  constexpr size_t kStatusAt = 9;
  HttpHead head;
  if (!text.starts_with("HTTP/1.") ||
      !absl::SimpleAtoi(absl::string_view(text).substr(kStatusAt, 3),
                        &head.status)) {
    return absl::FailedPreconditionError("the server does not speak HTTP/1");
  }
  const size_t first = text.find("\r\n") + 2;
  if (first < end) head.fields = text.substr(first, end + 2 - first);
  head.rest = text.substr(end + 4);
  return head;
}

absl::Status Refusal(TcpStream& stream, HttpHead head, int64_t deadline_ns) {
  size_t length = 0;
  if (!absl::SimpleAtoi(ToAbsl(head.Field("Content-Length")), &length) ||
      length > kBodyBytesMax) {
    length = 0;
  }
  std::array<char, 4096> buffer;
  while (head.rest.size() < length) {
    const auto got = stream.Read(buffer, deadline_ns);
    if (!got.ok()) break;
    head.rest.append(buffer.data(), *got);
  }
  return StatusOf(head);
}

}  // namespace

std::string_view HttpHead::Field(std::string_view name) const {
  std::string_view lines = fields;
  while (!lines.empty()) {
    const size_t end = lines.find("\r\n");
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end == lines.npos ? lines.size() : end + 2);
    const size_t colon = line.find(':');
    if (colon != line.npos &&
        absl::EqualsIgnoreCase(ToAbsl(line.substr(0, colon)), ToAbsl(name))) {
      return FromAbsl(
          absl::StripAsciiWhitespace(ToAbsl(line.substr(colon + 1))));
    }
  }
  return {};
}

absl::StatusOr<HttpHead> OpenHttp(TcpStream& stream, std::string_view request,
                                  int wanted, int64_t deadline_ns) {
  const absl::Status written = stream.Write(request, deadline_ns);
  if (!written.ok()) return Lost(written);
  std::string text;
  size_t end = text.npos;
  std::array<char, 4096> buffer;
  while ((end = text.find("\r\n\r\n")) == text.npos) {
    if (text.size() > kHeadBytesMax) {
      return absl::FailedPreconditionError("the server's header is too long");
    }
    const auto got = stream.Read(buffer, deadline_ns);
    if (!got.ok()) return Lost(got.status());
    text.append(buffer.data(), *got);
  }
  auto head = ReadHead(text, end);
  if (!head.ok()) return head.status();
  if (head->status != wanted) {
    return Refusal(stream, *std::move(head), deadline_ns);
  }
  return head;
}

absl::StatusOr<std::optional<std::string>> TakeResponse(std::string* received) {
  const size_t end = received->find("\r\n\r\n");
  if (end == received->npos) return std::nullopt;
  auto head = ReadHead(*received, end);
  if (!head.ok()) return head.status();
  size_t length = 0;
  if (!absl::SimpleAtoi(ToAbsl(head->Field("Content-Length")), &length)) {
    return absl::FailedPreconditionError("the server's answer has no length");
  }
  if (head->rest.size() < length) return std::nullopt;
  received->assign(head->rest, length);
  head->rest.resize(length);
  if (head->status != 200) return StatusOf(*head);
  return std::move(head->rest);
}

}  // namespace streamhub
