#include "bench/peers/mqtt_peer.h"

#include <absl/strings/str_cat.h>

#include "gateway/base/strings.h"

namespace streamhub::peers {
namespace {

constexpr uint8_t kRetain = 0x01;
constexpr uint8_t kSubscribeFlags = 0x02;  // section 3.8.1: reserved
constexpr uint8_t kCleanSession = 0x02;
constexpr uint8_t kProtocolLevel = 4;  // 3.1.1

void AppendText(std::string_view text, std::string* out) {
  *out += static_cast<char>(text.size() >> 8);
  *out += static_cast<char>(text.size());
  *out += text;
}

// Sections 2.2 and 2.2.3: seven bits a byte, the lowest first.
void AppendHeader(MqttType type, uint8_t flags, size_t size, std::string* out) {
  *out += static_cast<char>(static_cast<uint8_t>(type) << 4 | flags);
  do {
    const size_t more = size >> 7;
    *out += static_cast<char>((size & 0x7F) | (more > 0 ? 0x80 : 0));
    size = more;
  } while (size > 0);
}

// An empty name: the broker makes one. No keep-alive.
std::string Connect() {
  std::string body;
  AppendText("MQTT", &body);
  body += static_cast<char>(kProtocolLevel);
  body += static_cast<char>(kCleanSession);
  body.append(2, '\0');
  AppendText("", &body);
  std::string packet;
  AppendHeader(MqttType::kConnect, 0, body.size(), &packet);
  return packet + body;
}

std::string Subscribe(const std::vector<std::string>& topics) {
  std::string body("\0\1", 2);  // the packet's identifier
  for (const std::string& topic : topics) {
    AppendText(topic, &body);
    body += '\0';  // quality of service
  }
  std::string packet;
  AppendHeader(MqttType::kSubscribe, kSubscribeFlags, body.size(), &packet);
  return packet + body;
}

absl::Status Refused() { return absl::UnavailableError("the broker refuses"); }
absl::Status Bad() { return absl::InternalError("bad MQTT packet"); }

// The broker's word on a connection: present flag and return code.
absl::Status CheckConnAck(std::string_view body) {
  if (body.size() != 2) return Bad();
  return body[1] == 0 ? absl::OkStatus() : Refused();
}

// On each topic: its quality, or 0x80.
absl::Status CheckSubAck(std::string_view body) {
  if (body.size() < 3) return Bad();
  return body.find('\x80', 2) == body.npos ? absl::OkStatus() : Refused();
}

}  // namespace

int TakeMqtt(std::string_view* bytes, MqttPacket* packet) {
  constexpr size_t kLengthBytesMax = 4;
  size_t size = 0;
  for (size_t i = 0; i < kLengthBytesMax; ++i) {
    if (bytes->size() < i + 2) return 0;
    const auto byte = static_cast<uint8_t>((*bytes)[i + 1]);
    size |= size_t{byte & 0x7Fu} << (7 * i);
    if ((byte & 0x80) != 0) continue;
    if (size > load::Wire::kMessageBytesMax) return -1;
    const size_t header = i + 2;
    if (bytes->size() - header < size) return 0;
    packet->type =
        static_cast<MqttType>(static_cast<uint8_t>((*bytes)[0]) >> 4);
    packet->body = bytes->substr(header, size);
    bytes->remove_prefix(header + size);
    return 1;
  }
  return -1;
}

std::string MqttWire::PathOf(const load::Holding&) const { return "/mqtt"; }

void MqttWire::OnOpen(const std::vector<std::string>& topics, load::Sink&,
                      std::string* out) {
  Send(WsOpcode::kBinary, Connect() + Subscribe(topics), out);
}

absl::Status MqttWire::OnData(std::string_view data, bool, load::Sink& sink,
                              std::string*) {
  std::string_view rest = stream_.Append(data);
  MqttPacket packet;
  int taken = 0;
  while ((taken = TakeMqtt(&rest, &packet)) > 0) {
    absl::Status status;
    if (packet.type == MqttType::kPublish) {
      // At quality 0 the payload follows the topic.
      if (packet.body.size() < 2) return Bad();
      const size_t topic =
          static_cast<size_t>(static_cast<uint8_t>(packet.body[0])) << 8 |
          static_cast<uint8_t>(packet.body[1]);
      if (packet.body.size() < 2 + topic) return Bad();
      sink.OnMessage(packet.body.substr(2 + topic));
    } else if (packet.type == MqttType::kConnAck) {
      status = CheckConnAck(packet.body);
    } else if (packet.type == MqttType::kSubAck) {
      status = CheckSubAck(packet.body);
      if (status.ok()) Synced(sink);
    } else {
      status = Bad();
    }
    if (!status.ok()) return status;
  }
  if (taken < 0) return Bad();
  stream_.Keep(rest);
  return absl::OkStatus();
}

std::string MqttIngest::Hello() { return Connect(); }

void MqttIngest::Append(uint32_t symbol, std::string_view text,
                        std::string* out) {
  const std::string topic = TopicOf(symbol);
  AppendHeader(MqttType::kPublish, retain_ ? kRetain : 0,
               2 + topic.size() + text.size(), out);
  AppendText(topic, out);
  *out += text;
}

absl::Status MqttIngest::Take(std::string_view bytes, std::string*) {
  std::string_view rest = stream_.Append(bytes);
  MqttPacket packet;
  int taken = 0;
  while ((taken = TakeMqtt(&rest, &packet)) > 0) {
    absl::Status status =
        packet.type == MqttType::kConnAck ? CheckConnAck(packet.body) : Bad();
    if (!status.ok()) return status;
  }
  if (taken < 0) return Bad();
  stream_.Keep(rest);
  return absl::OkStatus();
}

}  // namespace streamhub::peers
