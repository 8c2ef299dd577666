#include "gateway/transport/ws_transport.h"

#include <utility>

#include "gateway/codec/batch.h"
#include "gateway/transport/refusal.h"

namespace streamhub {
namespace {

std::string CloseFrame(uint16_t code, std::string_view reason) {
  std::string frame;
  AppendServerFrame(WsOpcode::kClose, ClosePayload(code, reason), &frame);
  return frame;
}

}  // namespace

void WsTransport::Start(AcceptedSocket accepted, ShardContext& shard,
                        const WsOpening& opening, std::string_view early) {
  std::make_shared<WsTransport>(std::move(accepted), shard, opening)
      ->StreamTransport::Start(opening.first, early);
}

std::string_view WsTransport::Frame(std::string& batch) {
  static_assert(kBatchHeadroom >= kWsServerHeaderMax);
  const size_t size = batch.size() - kBatchHeadroom;
  const size_t begin = kBatchHeadroom - WsServerHeaderSize(size);
  const WsOpcode opcode =
      encoding() == Encoding::kFlat ? WsOpcode::kBinary : WsOpcode::kText;
  WriteServerFrameHeader(opcode, size, batch.data() + begin);
  return std::string_view(batch).substr(begin);
}

std::string WsTransport::Farewell(CloseReason reason) {
  return CloseFrame(InfoOf(reason).code, InfoOf(reason).text);
}

std::string WsTransport::Refuse(const Refusal& refusal) {
  return WsRefusal(refusal);
}

bool WsTransport::OnMessage(const WsEvent& message) {
  return session()->OnMessage(message.payload);
}

bool WsTransport::OnBytes(std::span<char> bytes) {
  bool keep_reading = true;
  WsEvent event;
  for (;;) {
    switch (reader_.Next(&bytes, &event)) {
      case WsFrameReader::Result::kNeedMore:
        return keep_reading;
      case WsFrameReader::Result::kFailed:
        if (reader_.failure().code == kWsMessageTooBig) {
          shard().Note(Limit::kMessageBytes);
        }
        CloseWith(CloseFrame(reader_.failure().code, reader_.failure().reason));
        return true;
      case WsFrameReader::Result::kEvent:
        break;
    }
    switch (event.type) {
      case WsEvent::Type::kText:
      case WsEvent::Type::kBinary:
        keep_reading = OnMessage(event);
        break;
      case WsEvent::Type::kPing: {
        std::string pong;
        AppendServerFrame(WsOpcode::kPong, event.payload, &pong);
        SendControl(pong);
        break;
      }
      case WsEvent::Type::kPong:
        break;
      case WsEvent::Type::kClose:
        CloseWith(CloseFrame(event.close_code, ""));
        return true;
    }
  }
}

}  // namespace streamhub
