#include "bench/peers/nats_peer.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include "gateway/base/strings.h"

namespace streamhub::peers {
namespace {

constexpr std::string_view kConnect =
    "CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"c\","
    "\"version\":\"1\",\"protocol\":1}\r\n";
constexpr std::string_view kPing = "PING\r\n", kPong = "PONG\r\n";
constexpr std::string_view kEnd = "\r\n";

absl::Status Said(std::string_view what) {
  return absl::UnavailableError(absl::StrCat("NATS says ", ToAbsl(what)));
}

}  // namespace

NatsReader::Event NatsReader::Next(std::string_view* bytes,
                                   std::string_view* payload) {
  const size_t end = bytes->find(kEnd);
  if (end == bytes->npos) {
    if (bytes->size() < load::Wire::kMessageBytesMax) return Event::kNeedMore;
    *payload = "a line without end";
    return Event::kError;
  }
  const std::string_view line = bytes->substr(0, end);
  const size_t after = end + kEnd.size();
  if (line.starts_with("MSG ")) {
    // MSG subject sid [reply] size
    size_t size = 0;
    if (!absl::SimpleAtoi(ToAbsl(line.substr(line.rfind(' ') + 1)), &size) ||
        size > load::Wire::kMessageBytesMax) {
      *payload = line;
      return Event::kError;
    }
    if (bytes->size() < after + size + kEnd.size()) return Event::kNeedMore;
    *payload = bytes->substr(after, size);
    bytes->remove_prefix(after + size + kEnd.size());
    return Event::kMessage;
  }
  bytes->remove_prefix(after);
  if (line == "PING") return Event::kPing;
  if (line == "PONG") return Event::kPong;
  if (line.starts_with("INFO ") || line == "+OK") return Event::kOther;
  *payload = line;
  return Event::kError;
}

std::string NatsWire::PathOf(const load::Holding&) const { return "/"; }

// The answer to the ping says that it has taken what came before.
void NatsWire::OnOpen(const std::vector<std::string>& topics, load::Sink&,
                      std::string* out) {
  std::string hello(kConnect);
  for (size_t i = 0; i < topics.size(); ++i) {
    absl::StrAppend(&hello, "SUB ", topics[i], " ", i + 1, "\r\n");
  }
  hello += kPing;
  Send(WsOpcode::kBinary, hello, out);
}

absl::Status NatsWire::OnData(std::string_view data, bool, load::Sink& sink,
                              std::string* out) {
  std::string_view rest = stream_.Append(data);
  std::string_view payload;
  for (;;) {
    switch (NatsReader::Next(&rest, &payload)) {
      case NatsReader::Event::kNeedMore:
        stream_.Keep(rest);
        return absl::OkStatus();
      case NatsReader::Event::kMessage:
        sink.OnMessage(payload);
        break;
      case NatsReader::Event::kPing:
        Send(WsOpcode::kBinary, kPong, out);
        break;
      case NatsReader::Event::kPong:
        Synced(sink);
        break;
      case NatsReader::Event::kOther:
        break;
      case NatsReader::Event::kError:
        return Said(payload);
    }
  }
}

std::string NatsIngest::Hello() { return std::string(kConnect); }

void NatsIngest::Append(uint32_t symbol, std::string_view text,
                        std::string* out) {
  absl::StrAppend(out, "PUB s", symbol, " ", text.size(), "\r\n", ToAbsl(text),
                  ToAbsl(kEnd));
}

absl::Status NatsIngest::Take(std::string_view bytes, std::string* out) {
  std::string_view rest = stream_.Append(bytes);
  std::string_view payload;
  for (;;) {
    switch (NatsReader::Next(&rest, &payload)) {
      case NatsReader::Event::kNeedMore:
        stream_.Keep(rest);
        return absl::OkStatus();
      case NatsReader::Event::kPing:
        *out += kPong;
        break;
      case NatsReader::Event::kMessage:
      case NatsReader::Event::kPong:
      case NatsReader::Event::kOther:
        break;
      case NatsReader::Event::kError:
        return Said(payload);
    }
  }
}

}  // namespace streamhub::peers
