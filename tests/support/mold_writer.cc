#include "tests/support/mold_writer.h"

#include <cstddef>

#include "feeds/big_endian.h"
#include "tests/support/packet_writer.h"

namespace streamhub {
namespace {

using packets::AppendBig;

std::string MoldHead(std::string_view session, uint64_t sequence,
                     uint64_t count) {
  std::string packet(session);
  packet.resize(10, ' ');
  AppendBig(sequence, 8, &packet);
  AppendBig(count, 2, &packet);
  return packet;
}

}  // namespace

std::string MakeMold(std::string_view session, uint64_t sequence,
                     const std::vector<std::string>& messages) {
  std::string packet = MoldHead(session, sequence, messages.size());
  for (const std::string& message : messages) {
    AppendBig(message.size(), 2, &packet);
    packet += message;
  }
  return packet;
}

std::string MakeMoldHeartbeat(std::string_view session, uint64_t next) {
  return MoldHead(session, next, 0);
}

std::string MakeMoldEnd(std::string_view session, uint64_t next) {
  return MoldHead(session, next, 0xFFFF);
}

std::string MakeSoup(char type, std::string_view payload) {
  std::string packet;
  AppendBig(1 + payload.size(), 2, &packet);
  packet += type;
  return packet.append(payload);
}

std::string MakeSoupLogin(std::string_view session, uint64_t next) {
  std::string payload(session);
  payload.insert(0, 10 - payload.size(), ' ');
  const std::string number = std::to_string(next);
  payload.append(20 - number.size(), ' ');
  return MakeSoup('A', payload + number);
}

std::vector<std::string> MessagesOf(std::string_view binary_file) {
  std::vector<std::string> messages;
  while (binary_file.size() > 2) {
    const size_t size = LoadBig16(packets::AsBytes(binary_file).data());
    messages.emplace_back(binary_file.substr(2, size));
    binary_file.remove_prefix(2 + size);
  }
  return messages;
}

}  // namespace streamhub
